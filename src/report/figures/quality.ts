/** How far the measurement itself can be trusted: lateness, gaps, clocks. */

import type { ChartSpec } from '../chart/chart-spec.ts';
import { markedLine, type XY } from '../chart/parts.ts';
import { formatValue } from '../chart/format.ts';
import { IDENTITIES, type Identity } from '../chart/theme.ts';
import { toTimeAxis } from '../chart/time-axis.ts';
import { type Figure, oneRow } from './figure.ts';
import { countText, longTimeText } from '../wording/numbers.ts';

export interface QualityInput {
  readonly lastS: number;
  /** Intended start to sending, by wave in order of time. */
  readonly sendLag: readonly {
    readonly atS: number;
    readonly p50S: number;
    readonly maxS: number;
  }[];
  readonly gaps: readonly QualityGap[];
  readonly offsets: readonly ClockOffset[];
  readonly isValid: boolean;
  readonly reasons: readonly string[];
  /** Name and value, for the table. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

interface QualityGap {
  readonly kind: string;
  readonly fromS: number;
  readonly toS: number;
  readonly cause: string;
}

/** Clock minus harness clock lies in here. */
export interface ClockOffset {
  readonly clock: string;
  readonly loS: number;
  readonly hiS: number;
}

const CLOCKS_MOST = 40;

export function quality(input: QualityInput): Figure {
  const { gaps, offsets, isValid, reasons, facts } = input;
  const worst = offsets.toSorted((a, b) => distance(b) - distance(a)).slice(0, CLOCKS_MOST);
  return {
    id: 'measurement-quality',
    title: 'Quality of the measurement',
    question: 'How far can these numbers be trusted?',
    answer: isValid ? answer(input) : `Not to be trusted: ${reasons.join('; ')}.`,
    unit: 'milliseconds',
    rows: oneRow(
      { title: 'Own lateness, and watch gaps (strips)', share: 5, chart: lagChart(input) },
      ...(worst.length === 0
        ? []
        : [{ title: 'Clocks against ours', share: 4, chart: offsetChart(worst) }]),
    ),
    table: {
      caption: 'Facts about the measurement',
      headers: ['fact', 'value'],
      rows: [
        ...facts,
        ...gaps.map(({ kind, fromS, toS, cause }) => [
          `watch gap of ${kind}`,
          `${longTimeText(toS - fromS)} from ${longTimeText(fromS)}: ${cause}`,
        ]),
        ...worst.map(({ clock, loS, hiS }) => [
          `clock ${clock} minus ours`,
          `${milliseconds(loS)} to ${milliseconds(hiS)}`,
        ]),
      ],
    },
  };
}

function answer({ gaps, sendLag }: QualityInput): string {
  const most = Math.max(0, ...sendLag.map(({ maxS }) => maxS));
  const gapS = gaps.reduce((sum, { fromS, toS }) => sum + toS - fromS, 0);
  const gapText =
    gaps.length === 0
      ? 'no watch gap'
      : `${countText(gaps.length)} watch gaps of ${longTimeText(gapS)}`;
  if (sendLag.length === 0) return `Valid: ${gapText}.`;
  return `Valid: ${gapText}; no request was sent more than ${milliseconds(most)} late.`;
}

function milliseconds(seconds: number): string {
  return formatValue('milliseconds', seconds * 1000);
}

function distance({ loS, hiS }: ClockOffset): number {
  return Math.max(Math.abs(loS), Math.abs(hiS));
}

function lagChart({ sendLag, gaps, lastS }: QualityInput): ChartSpec {
  const axis = toTimeAxis(lastS);
  const over = (read: (row: QualityInput['sendLag'][number]) => number) =>
    sendLag.map((row): XY => [row.atS / axis.perUnitS, read(row) * 1000]);
  const [median, longest] = [IDENTITIES[1] as Identity, IDENTITIES[0] as Identity];
  return {
    base: 'line',
    x: {
      scale: 'linear',
      format: axis.format,
      title: `since the start (${axis.unit})`,
      hasGrid: false,
    },
    y: {
      scale: 'linear',
      format: 'milliseconds',
      title: 'sent after intended start (milliseconds)',
      suggestedMax: 1,
    },
    datasets: [
      markedLine(
        'longest of a wave',
        longest,
        over(({ maxS }) => maxS),
      ),
      markedLine(
        'median of a wave',
        median,
        over(({ p50S }) => p50S),
      ),
    ],
    rules: gaps.map(({ fromS, toS }) => ({
      axis: 'x' as const,
      from: fromS / axis.perUnitS,
      to: toS / axis.perUnitS,
      colour: '@vermillion/30' as const,
    })),
  };
}

function offsetChart(offsets: readonly ClockOffset[]): ChartSpec {
  return {
    base: 'bar',
    isHorizontal: true,
    hasLegend: false,
    labels: offsets.map(({ clock }) => clock),
    x: { scale: 'linear', format: 'milliseconds', title: 'clock minus ours (milliseconds)' },
    y: { scale: 'category', format: 'plain', hasGrid: false },
    datasets: [
      {
        series: 'offset lies in',
        data: offsets.map(({ loS, hiS }) => [loS * 1000, hiS * 1000] as const),
        colour: '@blue',
        barShare: 0.7,
      },
    ],
  };
}
