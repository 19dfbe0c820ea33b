/** Starts and completions per second, with how many were in flight. */

import type { ChartSpec } from '../chart/chart-spec.ts';
import { line, type XY } from '../chart/parts.ts';
import { plainNumber } from '../chart/runtime.ts';
import { IDENTITIES, type Identity } from '../chart/theme.ts';
import { toTimeAxis } from '../chart/time-axis.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { reachedAtS, type Series, type SpanPoint } from './series.ts';
import { countText, listText, secondsText } from './words.ts';

const BINS = 120;

export function throughput(all: readonly Series[]): Figure | undefined {
  const drawn = all.filter(({ n }) => n > 0).map((series) => ({ series, flow: flowOf(series) }));
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
      headers: ['series', 'mean completions', 'best bin', 'most in flight', 'bin'],
      rows: drawn.map(({ series, flow }) => [
        series.name,
        `${plainNumber(flow.meanRate, 3)}/s`,
        `${plainNumber(Math.max(...flow.ends), 3)}/s`,
        countText(Math.max(...flow.inFlight)),
        secondsText(flow.binS),
      ]),
    },
    notes: ['In flight: begun, and neither done nor given up.'],
  };
}

interface Flow {
  readonly binS: number;
  /** Per second, by bin. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** The most at once, by bin. */
  readonly inFlight: readonly number[];
  readonly meanRate: number;
}

function flowOf({ waves }: Series): Flow {
  const points = waves.flatMap(({ points }) => points);
  const firstS = waves[0]?.releaseS ?? 0;
  const ends = points.flatMap((point) => reachedAtS(point) ?? []);
  const lastS = ends.reduce((most, end) => Math.max(most, end - firstS), 1);
  const binS = binWidth(waves.length, lastS);
  const count = Math.ceil(lastS / binS) + 1;
  const binOf = (time: number) =>
    Math.min(count - 1, Math.max(0, Math.floor((time - firstS) / binS)));
  const rates = (times: readonly number[]) => {
    const bins = new Array<number>(count).fill(0);
    for (const time of times) bins[binOf(time)] = (bins[binOf(time)] ?? 0) + 1;
    return bins.map((n) => n / binS);
  };
  return {
    binS,
    starts: rates(points.map(({ startS }) => startS)),
    ends: rates(ends),
    inFlight: mostInFlight(points, count, binOf),
    meanRate: ends.length / lastS,
  };
}

/**
 * With few waves a fraction of one, so that their rhythm shows; with many a whole number of them,
 * since bins that beat against the waves would draw a rhythm that is not there.
 */
function binWidth(waves: number, lastS: number): number {
  if (waves <= 24) return Math.max(1, Math.ceil(lastS / BINS));
  return (lastS / waves) * Math.ceil(waves / BINS);
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
  const most = new Array<number>(count).fill(0);
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
  const axis = toTimeAxis(flow.starts.length * flow.binS);
  const over = (values: readonly number[]) =>
    values.map((y, i): XY => [(i * flow.binS) / axis.perUnitS, y]);
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
