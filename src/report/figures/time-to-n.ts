/** How long for N: how many were there when, against how many had been asked for. */

import { toTimeAxis, type TimeAxis } from '../chart/time-axis.ts';
import type { ChartSpec, TextMark } from '../chart/chart-spec.ts';
import { steps, thin, type XY } from '../chart/parts.ts';
import type { Identity } from '../chart/theme.ts';
import { type Figure, oneRow, type PanelRow } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { countText, longTimeText } from '../wording/numbers.ts';
import { largest } from './chart-values.ts';

export interface Progress {
  readonly title: string;
  /** `VMs`, `clones`. */
  readonly noun: string;
  readonly curves: readonly ProgressCurve[];
}

export interface ProgressCurve {
  readonly label: string;
  readonly identity: Identity;
  /** Ascending, since the first release of the chart. */
  readonly times: readonly number[];
  /** In the plan, begun or not. */
  readonly asked: number;
  readonly isRequested: boolean;
}

const CURVE_POINTS = 400;

/** More than this stand below each other. */
const ABREAST_MOST = 3;

function arrange(parts: readonly Progress[]): readonly PanelRow[] {
  const panels = parts.map((part) => ({ title: part.title, chart: chart(part) }));
  if (panels.length > ABREAST_MOST) return panelGrid(panels);
  return oneRow(...panels.map((panel, i) => ({ ...panel, share: i === 0 ? 5 : 4 })));
}

/** The answer is read off the last curve of the first part. */
export function timeToN(parts: readonly Progress[]): Figure | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  return {
    id: 'time-to-n',
    title: 'Time to N',
    question: 'How long for N?',
    answer: answer(first),
    unit: 'seconds',
    rows: arrange(parts),
    table: {
      caption: 'When the N-th was there, since the first release',
      headers: ['what', 'curve', 'asked', ...milestones(parts).map(countText)],
      rows: parts.flatMap((part) =>
        part.curves.map(({ label, times, asked }) => [
          part.title,
          label,
          countText(asked),
          ...milestones(parts).map((n) => formatTime(times, n)),
        ]),
      ),
    },
    notes: ['The gap to the dashed line on the same height is how long the cluster was behind.'],
  };
}

function answer({ curves, noun }: Progress): string {
  const last = curves.at(-1);
  if (last === undefined) return `No ${noun} got there.`;
  if (last.times.length === 0) return `None of ${countText(last.asked)} ${noun} got there.`;
  const { label, times } = last;
  const whole = `${reachedText(last)} ${noun} ${label} after ${formatTime(times, times.length)}`;
  const half = Math.ceil(times.length / 2);
  return `${whole}; the first ${countText(half)} after ${formatTime(times, half)}.`;
}

/** `10,000`; `2,240 of 3,000` where not all that were asked for got there. */
function reachedText({ times, asked }: ProgressCurve): string {
  const reached = countText(times.length);
  return times.length < asked ? `${reached} of ${countText(asked)}` : reached;
}

function formatTime(times: readonly number[], n: number): string {
  const time = times[n - 1];
  return time === undefined ? '-' : longTimeText(time);
}

function milestones(parts: readonly Progress[]): readonly number[] {
  const most = Math.max(...parts.flatMap(({ curves }) => curves.map(({ times }) => times.length)));
  return [1, 10, 100, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000].filter(
    (n) => n <= most,
  );
}

function chart({ curves, noun }: Progress): ChartSpec {
  const lastS = Math.max(...curves.map(({ times }) => times.at(-1) ?? 0));
  const most = Math.max(...curves.map(({ times }) => times.length));
  const axis = toTimeAxis(lastS);
  return {
    base: 'line',
    x: {
      scale: 'linear',
      format: axis.format,
      title: `since the first release (${axis.unit})`,
      hasGrid: false,
    },
    y: { scale: 'linear', format: 'count', title: noun, suggestedMax: 1.06 * most },
    texts: endLabels(curves, axis),
    datasets: curves.map(({ label, identity, times, isRequested }) => {
      const points = staircase(times, axis);
      return isRequested
        ? { ...steps(label, identity, points), colour: '@muted', dash: [4, 4], width: 1.5 }
        : { ...steps(label, identity, points), width: 2 };
    }),
  };
}

/** How many, and after how long, where a curve ends; not where another end is too near. */
function endLabels(curves: readonly ProgressCurve[], { perUnitS }: TimeAxis): readonly TextMark[] {
  const ends = curves.flatMap((curve) => {
    const lastS = curve.times.at(-1);
    return curve.isRequested || lastS === undefined
      ? []
      : [{ lastS, n: curve.times.length, identity: curve.identity, count: reachedText(curve) }];
  });
  const widthS = largest(ends.map(({ lastS }) => lastS));
  const height = largest(ends.map(({ n }) => n));
  const isNear = (a: (typeof ends)[number], b: (typeof ends)[number]) =>
    Math.abs(a.lastS - b.lastS) < 0.3 * widthS && Math.abs(a.n - b.n) < 0.08 * height;
  const told = ends.filter((end, i) => !ends.slice(i + 1).some((later) => isNear(end, later)));
  return told.map(({ lastS, n, identity, count }) => {
    const text = `${count} in ${longTimeText(lastS)}`;
    const colour = `@${identity.colour}` as const;
    const side =
      lastS > 0.5 * widthS
        ? ({ align: 'right', dx: 4, dy: -11 } as const)
        : ({ align: 'left', dx: 8, dy: 14 } as const);
    return { x: lastS / perUnitS, y: n, text, colour, isBold: true, ...side };
  });
}

/** The count after each time, with few enough points for a page. */
function staircase(times: readonly number[], { perUnitS }: TimeAxis): readonly XY[] {
  const points = times.map((time, i) => [time / perUnitS, i + 1] as const);
  return [[0, 0], ...thin(points, CURVE_POINTS)];
}
