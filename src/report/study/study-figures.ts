/**
 * A study as figures: latency and throughput against the load with the two asymptotes and the knee,
 * and a map of two varied fields. A point that missed something is not on a curve; it is in the
 * table behind it, with its reason.
 */

import type { Estimate, PointEstimate } from '../../analyse/statistics/estimate.ts';
import { pointName, quotedMetric, type StudyPoint } from '../../compare/study-point.ts';
import {
  hasClusters,
  isOnCurve,
  type StudyCurve,
  type StudySummary,
} from '../../compare/study-summary.ts';
import type { AxisSpec, ChartSpec, DatasetSpec, Rule, TextMark } from '../chart/chart-spec.ts';
import { line, markedLine, tint, type XY } from '../chart/parts.ts';
import { type Colour, IDENTITIES, type Identity, SEQUENCE } from '../chart/theme.ts';
import { type Figure, oneRow, type Table } from '../figures/figure.ts';
import { estimateNumber, numberWithInterval, plainFigure } from '../wording/numbers.ts';
import { fleetFigure } from './fleet-figure.ts';
import { isMoving } from '../../compare/study-sensitivity.ts';
import { tornadoFigure } from './tornado-figure.ts';
import { loadText, studyAnswers } from '../wording/study-words.ts';

export function studyFigures(summary: StudySummary): readonly Figure[] {
  if (summary.sensitivity !== undefined) {
    const moved = summary.sensitivity.filter(({ bars }) => bars.some(isMoving));
    return moved.map((each, i) => tornadoFigure(each, i + 1));
  }
  const figures = [loadFigure(summary), mapFigure(summary), fleetFigure(summary)];
  return figures.flatMap((figure) => figure ?? []);
}

/** All points with what went wrong at them; empty cells are what was not measured. */
export function pointsTable({ vary, points }: StudySummary): Table {
  const paths = Object.keys(vary);
  const isFleet = hasClusters(points);
  return {
    caption: 'Points',
    headers: [
      ...paths,
      ...(isFleet ? ['cluster'] : []),
      'runs',
      'last of a wave, s',
      'a second',
      'p95, s',
      'of',
      'failures',
    ],
    rows: points.map((point) => [
      ...paths.map((path) => point.set[path] ?? ''),
      ...(isFleet ? [point.cluster ?? ''] : []),
      point.runs,
      numberWithInterval(point.load?.seconds),
      numberWithInterval(point.load?.perSecond),
      numberWithInterval(quotedMetric(point)?.p95),
      quotedMetric(point)?.metric ?? '',
      point.failures.join('; '),
    ]),
  };
}

interface Drawn {
  readonly name: string;
  readonly identity: Identity;
  readonly curve: StudyCurve;
  readonly loads: readonly NonNullable<StudyPoint['load']>[];
}

function loadFigure(summary: StudySummary): Figure | undefined {
  const drawn = summary.curves.flatMap((curve, i): Drawn[] => {
    const own = summary.points.filter((point) => isOnCurve(curve, point));
    const loads = own.flatMap(({ load }) => load ?? []);
    const identity = IDENTITIES[i % IDENTITIES.length] as Identity;
    const name = pointName(curve) === '' ? 'measured' : pointName(curve);
    return loads.length === 0 ? [] : [{ name, identity, curve, loads }];
  });
  if (drawn.length === 0) return undefined;
  const bounded = drawn.some(({ curve }) => !('none' in curve.bounds));
  return {
    id: 'study-load',
    title: 'Latency and throughput against the load',
    question: 'How many at once before they wait for each other?',
    answer: studyAnswers(summary).join('. '),
    unit: 'seconds',
    rows: oneRow(
      { title: 'last of a wave, seconds', share: 1, chart: latencyChart(drawn) },
      { title: 'operations a second', share: 1, chart: throughputChart(drawn) },
    ),
    table: pointsTable(summary),
    notes: [
      'Whiskers are 95 % intervals over repeats.',
      ...(bounded
        ? ['Thin lines are the bounds: no waiting, and the slowest station. They meet at the knee.']
        : []),
    ],
  };
}

function latencyChart(drawn: readonly Drawn[]): ChartSpec {
  return loadChart(
    drawn,
    'seconds',
    ({ seconds }) => seconds,
    (n, { unloaded, ceiling }) => Math.max(unloaded, n / ceiling),
  );
}

function throughputChart(drawn: readonly Drawn[]): ChartSpec {
  return loadChart(
    drawn,
    'perSecond',
    ({ perSecond }) => perSecond,
    (n, bounds) => Math.min(n / bounds.unloaded, bounds.ceiling),
  );
}

type Bounds = Exclude<StudyCurve['bounds'], { readonly none: string }>;

function loadChart(
  drawn: readonly Drawn[],
  format: AxisSpec['format'],
  valueOf: (load: Drawn['loads'][number]) => PointEstimate,
  boundAt: (operations: number, bounds: Bounds) => number,
): ChartSpec {
  const datasets = drawn.flatMap(({ name, identity, curve: { bounds }, loads }): DatasetSpec[] => {
    const sorted = loads.toSorted((a, b) => a.operations - b.operations);
    const xs = sorted.map(({ operations }) => operations);
    const measured: DatasetSpec = {
      ...markedLine(
        name,
        identity,
        sorted.map((load): XY => [load.operations, valueOf(load).value]),
      ),
      whiskers: sorted.map((load) => whisker(valueOf(load))),
      whiskerColour: tint(identity.colour, 35),
    };
    if ('none' in bounds) return [measured];
    const corners = [...xs, bounds.knee].toSorted((a, b) => a - b);
    const points = corners.map((n): XY => [n, boundAt(n, bounds)]);
    const bound = { ...line(name, BOUND, points), width: 1, isInLegend: false } as const;
    return [measured, { ...bound, colour: tint(identity.colour, 60) }];
  });
  return {
    base: 'scatter',
    hasLegend: drawn.length > 1,
    x: { scale: 'linear', format: 'count', title: 'released together', min: 0 },
    y: { scale: 'linear', format, min: 0 },
    datasets,
    rules: drawn.flatMap(({ curve, identity }) => kneeRule(curve, tint(identity.colour, 60))),
    texts: drawn.flatMap(({ curve: { knee } }) => kneeText(knee)),
  };
}

const BOUND: Identity = { ...(IDENTITIES[5] as Identity), dash: [3, 3] };

function whisker({ lo, hi }: PointEstimate): readonly [number, number] | null {
  return lo === undefined || hi === undefined ? null : [lo, hi];
}

function kneeRule({ knee }: StudyCurve, colour: Colour): readonly Rule[] {
  if ('none' in knee) return [];
  return [{ axis: 'x', from: knee.value, colour, dash: [5, 4] }];
}

function kneeText(knee: StudyCurve['knee']): readonly TextMark[] {
  if ('none' in knee) return [];
  const text = `knee ${loadText(knee.value)}`;
  return [{ x: knee.value, y: 'top', text, align: 'right', dx: -6, dy: 12 }];
}

/** Of two varied fields: a column for each value of the first, a row for each of the second. */
function mapFigure({ vary, points }: StudySummary): Figure | undefined {
  const [across, along, ...others] = Object.entries(vary);
  if (across === undefined || along === undefined || others.length > 0) return undefined;
  if (new Set(points.map(({ cluster }) => cluster)).size > 1) return undefined;
  const at = (x: string, y: string) =>
    points.find(({ set }) => set[across[0]] === x && set[along[0]] === y);
  const rows = along[1].map((y) => across[1].map((x) => figureAt(at(x, y))));
  const known = rows.flat().flatMap((one) => (one && 'value' in one ? one.value : []));
  if (known.length === 0) return undefined;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const metric = points.flatMap((point) => quotedMetric(point)?.metric ?? [])[0] ?? '';
  return {
    id: 'study-map',
    title: `p95 of ${metric} over both fields`,
    question: 'Which of the two matters, and do they matter together?',
    answer: `From ${plainFigure(least)} s to ${plainFigure(most)} s; ${extremes(points)}.`,
    unit: 'seconds',
    rows: oneRow({
      title: `${across[0]} across, ${along[0]} upwards`,
      share: 1,
      chart: mapChart(across[1], along[1], rows),
    }),
    table: {
      caption: `p95 of ${metric}, s`,
      headers: [along[0], ...across[1].map((x) => `${across[0]}=${x}`)],
      rows: along[1].map((y, r) => [y, ...(rows[r] ?? []).map(estimateNumber)]),
    },
    notes: ['Colour is logarithmic; a cell without a colour has no such figure.'],
  };
}

function figureAt(point: StudyPoint | undefined): Estimate | undefined {
  return point && quotedMetric(point)?.p95;
}

function extremes(points: readonly StudyPoint[]): string {
  const known = points.flatMap((point) => {
    const p95 = figureAt(point);
    return p95 !== undefined && 'value' in p95 ? [{ point, value: p95.value }] : [];
  });
  const sorted = known.toSorted((a, b) => a.value - b.value);
  const name = (one: (typeof known)[number] | undefined) =>
    one === undefined ? '' : pointName(one.point);
  return `least at ${name(sorted[0])}, most at ${name(sorted.at(-1))}`;
}

function mapChart(
  columns: readonly string[],
  names: readonly string[],
  rows: readonly (readonly (Estimate | undefined)[])[],
): ChartSpec {
  const values = rows.flat().flatMap((one) => (one && 'value' in one ? one.value : []));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const shade = (value: number) => {
    const share = most > least ? Math.log(value / least) / Math.log(most / least) : 1;
    return SEQUENCE[Math.round(share * (SEQUENCE.length - 1))] as `#${string}`;
  };
  const datasets = rows.map((row, r): DatasetSpec => {
    const cells = row.map((one) => (one && 'value' in one ? one.value : undefined));
    return {
      type: 'bar',
      series: names[r] ?? '',
      isInLegend: false,
      data: cells.map((value) => (value === undefined ? null : [r - 0.5, r + 0.5])),
      colour: cells.map((value) => (value === undefined ? '@grid' : shade(value))),
      pointNames: row.map((one, c) => `${columns[c]}, ${names[r]}: ${estimateNumber(one)} s`),
      isOverlaid: true,
      barShare: 1,
    };
  });
  return {
    base: 'bar',
    hasLegend: false,
    labels: columns,
    x: { scale: 'category', format: 'plain', hasGrid: false, isEveryLabelShown: true },
    y: {
      scale: 'linear',
      format: 'plain',
      min: -0.5,
      max: names.length - 0.5,
      at: names.map((_, r) => r),
      names,
      hasGrid: false,
    },
    datasets,
    texts: rows.flatMap((row, r) =>
      row.map((one, c) => ({
        x: c,
        y: r,
        text: estimateNumber(one),
        align: 'center' as const,
        colour: isDark(one, least, most) ? ('#ffffff' as const) : ('#16202c' as const),
      })),
    ),
    colourKey: { title: 's', colours: SEQUENCE, from: plainFigure(least), to: plainFigure(most) },
  };
}

/** Whether the cell's colour is of the darker half. */
function isDark(one: Estimate | undefined, least: number, most: number): boolean {
  if (one === undefined || !('value' in one) || most <= least) return false;
  return Math.log(one.value / least) < Math.log(most / least) / 2;
}
