/** What the cluster felt, under the waves that it felt: one time line for all. */

import type { AxisSpec, ChartSpec, ValueFormat } from '../chart/chart-spec.ts';
import { GIB } from '../../core/bytes.ts';
import { dots, round } from '../chart/parts.ts';
import type { ColourName } from '../chart/theme.ts';
import { type TimeAxis, toTimeAxis } from '../chart/time-axis.ts';
import { countText, listText, measuredText } from '../wording/numbers.ts';
import { largest } from './chart-values.ts';
import type { Figure, PanelRow } from './figure.ts';
import { reachedAtS, type Series } from './series.ts';

export interface FeltInput {
  readonly waves: readonly Series[];
  readonly metrics: readonly FeltMetric[];
  /** Steps, since the run's start. */
  readonly begun: readonly { readonly atS: number; readonly what: string }[];
}

export interface FeltMetric {
  readonly name: string;
  readonly unit: string;
  readonly curves: readonly FeltCurve[];
}

export interface FeltCurve {
  readonly label: string;
  /** Seconds since the run's start; `null` breaks the line. */
  readonly points: readonly (readonly [atS: number, value: number | null])[];
}

/** More would be a page of their own; the table and felt.csv have all. */
const METRICS_MOST = 12;
const CURVES_MOST = 6;
const COLOURS: readonly ColourName[] = ['blue', 'orange', 'green', 'vermillion', 'purple', 'grey'];
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3]];
/** Of all value axes, so that the time lines stand under each other. */
const AXIS_WIDTH = 74;

export function felt(input: FeltInput): Figure | undefined {
  const told = input.metrics.filter((metric) => peak(metric) !== undefined);
  if (told.length === 0) return undefined;
  // A line that never leaves zero says what a sentence can.
  const moving = told.filter((metric) => (peak(metric)?.value ?? 0) !== 0);
  const still = told.filter((metric) => !moving.includes(metric));
  const drawn = moving.slice(0, METRICS_MOST);
  const lastS = findLast(input);
  const axis = toTimeAxis(lastS);
  const x = timeAxis(axis, lastS);
  const { title: _, ...untitled } = x;
  return {
    id: 'felt',
    title: 'What the cluster felt',
    question: 'What did the rest of the cluster do meanwhile?',
    answer: answer(moving),
    unit: 'as each panel says',
    rows: [
      ...(input.waves.length === 0
        ? []
        : [row('The slowest of each wave', wavesChart(input, untitled, axis), WAVES)]),
      ...drawn.map((metric, i) => {
        const own = i < drawn.length - 1 ? untitled : x;
        return row(metric.name, metricChart(metric, input, own, axis), METRIC);
      }),
    ],
    table: {
      caption: 'What the cluster felt, over the whole run',
      headers: ['what', 'series', 'most', 'of'],
      rows: told.map((metric) => {
        const { value, label } = peak(metric) ?? { value: 0, label: '' };
        return [metric.name, metric.curves.length, measuredText(value, metric.unit), label];
      }),
    },
    notes: [
      "By the cluster's Prometheus, at its own scrapes: what is shorter than the time between " +
        'two of them may be missed.',
      ...(still.length > 0 ? [`Zero throughout: ${listText(still.map(({ name }) => name))}.`] : []),
      ...(moving.length > drawn.length
        ? [`${countText(moving.length - drawn.length)} more are in the table only.`]
        : []),
    ],
  };
}

const WAVES = 210;
const METRIC = 170;

function row(title: string, chart: ChartSpec, height: number): PanelRow {
  return { height, panels: [{ title, share: 1, chart }] };
}

function peak({ curves }: FeltMetric): { value: number; label: string } | undefined {
  let most: { value: number; label: string } | undefined;
  for (const { label, points } of curves) {
    for (const [, value] of points) {
      if (value !== null && value > (most?.value ?? Number.NEGATIVE_INFINITY)) {
        most = { value, label };
      }
    }
  }
  return most;
}

function answer(metrics: readonly FeltMetric[]): string {
  const texts = metrics.slice(0, 4).flatMap((metric) => {
    const most = peak(metric);
    if (most === undefined) return [];
    const of = most.label === 'all' ? '' : ` (${most.label})`;
    return [`${metric.name} ${measuredText(most.value, metric.unit)}${of}`];
  });
  return texts.length === 0 ? 'Nothing but zeros.' : `At most: ${listText(texts)}.`;
}

function findLast({ waves, metrics }: FeltInput): number {
  const asked = metrics.flatMap(({ curves }) =>
    curves.map(({ points }) => points.at(-1)?.[0] ?? 0),
  );
  const reached = waves.flatMap((series) =>
    series.waves.flatMap(({ points }) => points.flatMap((point) => reachedAtS(point) ?? [])),
  );
  return Math.max(1, largest(asked), largest(reached));
}

function timeAxis({ format, unit, perUnitS }: TimeAxis, lastS: number): AxisSpec {
  const max = round(lastS / perUnitS);
  const title = `since the start (${unit})`;
  return { scale: 'linear', format, title, min: 0, max, hasGrid: false };
}

/** Each wave where it was released. */
function wavesChart({ waves, begun }: FeltInput, x: AxisSpec, axis: TimeAxis): ChartSpec {
  const datasets = waves.map((series) => {
    const points = series.waves.flatMap(({ releaseS, points: spans }) => {
      const seconds = spans.flatMap(({ outcome }) =>
        outcome.state === 'reached' ? [outcome.hi] : [],
      );
      return seconds.length === 0 ? [] : [[releaseS / axis.perUnitS, largest(seconds)] as const];
    });
    return dots(series.name, series.identity, points, { size: 4, percent: 80 });
  });
  const y: AxisSpec = { scale: 'linear', format: 'seconds', title: 'seconds', width: AXIS_WIDTH };
  const texts = begun.map(({ atS, what }, i) => ({
    x: atS / axis.perUnitS,
    y: 'top' as const,
    text: what,
    dx: 4,
    // Steps that follow at once would write over each other.
    dy: 8 + 13 * (i % 3),
    size: 11,
    colour: '@muted' as const,
  }));
  return { base: 'scatter', isSmall: true, x, y, datasets, texts, rules: rules(begun, axis) };
}

function metricChart(
  { unit, curves }: FeltMetric,
  { begun }: FeltInput,
  x: AxisSpec,
  axis: TimeAxis,
): ChartSpec {
  const largestFirst = curves.toSorted((a, b) => highest(b) - highest(a)).slice(0, CURVES_MOST);
  const scale = scaleOf(unit, highest(largestFirst[0]));
  const datasets = largestFirst.map(({ label, points }, i) => ({
    type: 'line' as const,
    series: label,
    data: points.map(([atS, value]) => {
      return [
        round(atS / axis.perUnitS),
        value === null ? null : round(value / scale.per),
      ] as const;
    }),
    colour: `@${COLOURS[i] ?? 'grey'}` as const,
    dash: DASHES[i] ?? [],
    width: 1.75,
  }));
  const y: AxisSpec = {
    scale: 'linear',
    format: scale.format,
    title: scale.title,
    width: AXIS_WIDTH,
  };
  const hasLegend = datasets.length > 1;
  return { base: 'line', isSmall: true, hasLegend, x, y, datasets, rules: rules(begun, axis) };
}

function highest(curve: FeltCurve | undefined): number {
  return largest(curve?.points.flatMap(([, value]) => value ?? []) ?? []);
}

interface Scale {
  readonly per: number;
  readonly format: ValueFormat;
  readonly title: string;
}

function scaleOf(unit: string, most: number): Scale {
  switch (unit) {
    case 'seconds':
      return most < 1
        ? { per: 1e-3, format: 'milliseconds', title: 'milliseconds' }
        : { per: 1, format: 'seconds', title: 'seconds' };
    case 'bytes':
      return most < 1024 * GIB
        ? { per: GIB, format: 'gibibytes', title: 'GiB' }
        : { per: 1024 * GIB, format: 'tebibytes', title: 'TiB' };
    case 'perSecond':
      return { per: 1, format: 'perSecond', title: 'per second' };
    case 'ratio':
      return { per: 1, format: 'percent', title: 'share' };
    default:
      return { per: 1, format: unit === 'count' ? 'count' : 'plain', title: unit };
  }
}

function rules(begun: FeltInput['begun'], { perUnitS }: TimeAxis) {
  return begun.map(
    ({ atS }) => ({ axis: 'x', from: atS / perUnitS, colour: '@muted', dash: [2, 4] }) as const,
  );
}
