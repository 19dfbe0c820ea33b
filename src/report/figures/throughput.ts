/** Starts and completions per second, with how many were in flight. */

import type { ChartSpec } from '../chart/chart-spec.ts';
import { line, type XY } from '../chart/parts.ts';
import { plainNumber } from '../chart/format.ts';
import { IDENTITIES, type Identity } from '../chart/theme.ts';
import { toTimeAxis } from '../chart/time-axis.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { mergedWaves, reachedAtS, type Series, type SeriesWave, type SpanPoint } from './series.ts';
import { countText, listText } from '../wording/numbers.ts';
import { largest } from './chart-values.ts';

const BINS = 120;

const FEW_WAVES = 24;

export function throughput(all: readonly Series[]): Figure | undefined {
  const drawn = all
    .filter(({ n }) => n > 0)
    .map((series) => ({ series, flow: computeFlow(series) }));
  if (drawn.length === 0) return undefined;
  return {
    id: 'throughput',
    title: 'Throughput and in flight',
    question: 'What rate does the cluster sustain?',
    answer: `Completions: ${listText(drawn.map(rateText))}.`,
    unit: 'per second',
    rows: panelGrid(
      drawn.map(({ series, flow }) => ({
        title: series.name,
        chart: chart(flow, series),
      })),
    ),
    table: {
      caption: 'Throughput',
      headers: ['series', 'mean completions', 'best', 'most in flight'],
      rows: drawn.map(({ series, flow }) => [
        series.name,
        `${plainNumber(flow.meanRate, 3)}/s`,
        `${plainNumber(Math.max(...flow.ends), 3)}/s`,
        countText(Math.max(...flow.inFlight)),
      ]),
    },
    notes: ['In flight: begun, and neither done nor given up.'],
  };
}

interface Flow {
  /** Edges of the bins, seconds since the first release: one more than there are bins. */
  readonly edges: readonly number[];
  /** Per second, by bin. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** The most at once, by bin. */
  readonly inFlight: readonly number[];
  readonly meanRate: number;
}

function computeFlow({ waves }: Series): Flow {
  const points = waves.flatMap(({ points }) => points);
  const firstS = waves[0]?.releaseS ?? 0;
  const ends = points.flatMap((point) => reachedAtS(point) ?? []);
  const lastS = Math.max(1, largest(ends) - firstS);
  const edges = computeEdges(waves, firstS, lastS);
  const binOf = (time: number) => lastAtOrBelow(edges, time - firstS);
  const rates = (times: readonly number[]) => {
    const bins = edges.slice(1).map(() => 0);
    for (const time of times) bins[binOf(time)] = (bins[binOf(time)] ?? 0) + 1;
    return bins.map((n, i) => n / ((edges[i + 1] as number) - (edges[i] as number)));
  };
  return {
    edges,
    starts: rates(points.map(({ startS }) => startS)),
    ends: rates(ends),
    inFlight: mostInFlight(points, edges.length - 1, binOf),
    meanRate: ends.length / lastS,
  };
}

/**
 * With few waves equal parts of the time, so that their rhythm shows; with many a bin a wave, since
 * equal parts would beat against the waves and draw a rhythm that is not there.
 */
function computeEdges(
  waves: readonly SeriesWave[],
  firstS: number,
  lastS: number,
): readonly number[] {
  if (waves.length <= FEW_WAVES) {
    return Array.from({ length: BINS + 1 }, (_, i) => (i * lastS) / BINS);
  }
  const releases = mergedWaves(waves, BINS).map(({ releaseS }) => releaseS - firstS);
  const last = releases.at(-1) ?? 0;
  // The last wave has its pause too, or it would look faster than the others.
  const end = Math.max(lastS, 2 * last - (releases.at(-2) ?? 0));
  return [...new Set([...releases, end])].sort((a, b) => a - b);
}

/** The bin that holds `time`; the outermost for what lies outside. */
function lastAtOrBelow(edges: readonly number[], time: number): number {
  let [lo, hi] = [0, edges.length - 2];
  while (lo < hi) {
    const middle = (lo + hi + 1) >> 1;
    if ((edges[middle] as number) <= time) lo = middle;
    else hi = middle - 1;
  }
  return Math.max(lo, 0);
}

/** The most that were in flight at once within each bin. */
function mostInFlight(
  points: readonly SpanPoint[],
  count: number,
  binOf: (time: number) => number,
): readonly number[] {
  const changes = points
    .flatMap((point) => [
      { time: point.startS, by: 1 },
      { time: endOfSight(point), by: -1 },
    ])
    .sort((a, b) => a.time - b.time || b.by - a.by);
  const most = Array.from({ length: count }, () => 0);
  let open = 0;
  let last = 0;
  for (const { time, by } of changes) {
    const bin = binOf(time);
    for (let skipped = last + 1; skipped <= bin; skipped++) most[skipped] = open;
    open += by;
    most[bin] = Math.max(most[bin] ?? 0, open);
    last = bin;
  }
  return most;
}

/** When it was over: done, given up, or for a failure at its start. */
function endOfSight({ startS, outcome }: SpanPoint): number {
  if (outcome.state === 'reached') return startS + outcome.hi;
  return outcome.state === 'censored' ? startS + outcome.at : startS;
}

function rateText({ series, flow }: { series: Series; flow: Flow }): string {
  const most = countText(Math.max(...flow.inFlight));
  return `${series.name} ${plainNumber(flow.meanRate, 3)}/s, at most ${most} in flight`;
}

const IN_FLIGHT: Identity = { ...(IDENTITIES[5] as Identity), dash: [] };

function chart(flow: Flow, { identity }: Series): ChartSpec {
  const { edges } = flow;
  const axis = toTimeAxis(edges.at(-1) ?? 1);
  const middles = edges.slice(1).map((end, i) => (end + (edges[i] as number)) / 2);
  const over = (values: readonly number[]) =>
    values.map((y, i): XY => [(middles[i] as number) / axis.perUnitS, y]);
  const asked = { ...identity, colour: 'muted' as const, dash: [3, 3] };
  return {
    base: 'line',
    x: {
      scale: 'linear',
      format: axis.format,
      title: `since the first release (${axis.unit})`,
      hasGrid: false,
    },
    y: { scale: 'linear', format: 'perSecond', title: 'per second' },
    y2: { scale: 'linear', format: 'count', title: 'in flight' },
    datasets: [
      { ...line('starts', asked, over(flow.starts)), width: 1.25 },
      { ...line('completions', identity, over(flow.ends)), width: 1.75, dash: [] },
      {
        ...line('in flight (right)', IN_FLIGHT, over(flow.inFlight)),
        colour: '@grey/20',
        border: '@grey/60',
        width: 1,
        fill: 'origin',
        isOnRight: true,
        order: 6,
      },
    ],
  };
}
