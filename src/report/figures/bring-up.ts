/** What follows what: the stages of all steps on one time line, each with who was last. */

import { plainText } from '../../core/plain-text.ts';
import type { ChartSpec, DatasetSpec, TextMark } from '../chart/chart-spec.ts';
import { toTimeAxis } from '../chart/time-axis.ts';
import { longTimeText, secondsText } from '../wording/numbers.ts';
import { largest } from './chart-values.ts';
import { type Figure, oneRow } from './figure.ts';
import { STAGE_COLOURS } from './stages.ts';

/** Seconds since the first step began. */
export interface BringUpStep {
  readonly name: string;
  readonly fromS: number;
  readonly stages: readonly BringUpStage[];
}

interface BringUpStage {
  readonly name: string;
  readonly untilS: number;
  /** The last object that it waited for, and its node. */
  readonly last: string | undefined;
}

/** So many steps in a row are a bringing up. */
const STEPS_LEAST = 3;

export function bringUp(steps: readonly BringUpStep[]): Figure | undefined {
  if (steps.length < STEPS_LEAST) return undefined;
  const stages = steps.flatMap(timed);
  const longest = stages.toSorted((a, b) => b.seconds - a.seconds)[0];
  if (longest === undefined) return undefined;
  const wholeS = largest(stages.map(({ untilS }) => untilS));
  const last = longest.last === undefined ? '' : `, the last of it ${longest.last}`;
  const share = `${Math.round((100 * longest.seconds) / Math.max(wholeS, 1e-9))} %`;
  return {
    id: 'bring-up',
    title: 'Step by step',
    question: 'What takes the time, and who is last?',
    answer:
      `All of it took ${longTimeText(wholeS)}; ${longest.stage} of ${longest.step} took most: ` +
      `${longTimeText(longest.seconds)} (${share})${last}.`,
    unit: 'seconds',
    rows: oneRow({ title: 'Stages since the first step', share: 1, chart: chart(steps, wholeS) }),
    table: {
      caption: 'Stages of all steps, since the first one began',
      headers: ['step', 'stage', 'from', 'until', 'took', 'last'],
      rows: stages.map(({ step, stage, fromS, untilS, seconds, last: who }) => [
        step,
        stage,
        secondsText(fromS),
        secondsText(untilS),
        secondsText(seconds),
        who ?? '-',
      ]),
    },
    notes: ['A stage begins where the one before it ends: stages that overlap are not told apart.'],
  };
}

function timed({ name: step, fromS: begins, stages }: BringUpStep) {
  return stages.map(({ name: stage, untilS, last }, i) => {
    const fromS = i === 0 ? begins : (stages[i - 1]?.untilS ?? begins);
    return { step, stage, fromS, untilS, last, seconds: untilS - fromS };
  });
}

const ORDINALS = ['1st stage', '2nd stage', '3rd stage'];

/** What the colours of a row stand for, beside its bar, where there is more room. */
function stageNames(
  { fromS, stages }: BringUpStep,
  row: number,
  { wholeS, perUnitS }: { readonly wholeS: number; readonly perUnitS: number },
): TextMark {
  const untilS = stages.at(-1)?.untilS ?? fromS;
  const isAfter = wholeS - untilS >= fromS;
  const names = plainText(stages.map(({ name }) => name).join(' · '));
  const most = Math.floor(NAMES_MOST * ((isAfter ? wholeS - untilS : fromS) / wholeS));
  return {
    x: (isAfter ? untilS : fromS) / perUnitS,
    y: row,
    text: names.length > most ? `${names.slice(0, Math.max(0, most - 1))}…` : names,
    align: isAfter ? 'left' : 'right',
    dx: isAfter ? 6 : -6,
    size: 11,
    colour: '@muted',
  };
}

/** Letters of that size across the whole chart. */
const NAMES_MOST = 115;

function chart(steps: readonly BringUpStep[], wholeS: number): ChartSpec {
  const { unit, format, perUnitS } = toTimeAxis(wholeS);
  const most = Math.max(...steps.map(({ stages }) => stages.length));
  const rows = steps.map(timed);
  const dataset = (i: number): DatasetSpec => ({
    series: ORDINALS[i] ?? `${i + 1}th stage`,
    data: rows.map((stages): [number, number] => {
      const stage = stages[i];
      return stage === undefined ? [0, 0] : [stage.fromS / perUnitS, stage.untilS / perUnitS];
    }),
    colour: `@${STAGE_COLOURS[i % STAGE_COLOURS.length] ?? 'grey'}`,
    border: '@ground',
    borderWidth: 1,
    barShare: 0.7,
    isOverlaid: true,
  });
  return {
    base: 'bar',
    isHorizontal: true,
    labels: steps.map(({ name }) => name),
    x: { scale: 'linear', format, title: `since the first step (${unit})` },
    y: { scale: 'category', format: 'plain', hasGrid: false, isEveryLabelShown: true },
    datasets: Array.from({ length: most }, (_, i) => dataset(i)),
    texts: steps.map((step, row) => stageNames(step, row, { wholeS, perUnitS })),
  };
}
