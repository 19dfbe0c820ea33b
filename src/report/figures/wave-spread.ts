/**
 * All values of each wave: a box from the first to the third quartile, whiskers from the 5th to the
 * 95th percentile, and the values as dots. Misses are crosses on the top rail. With too many values
 * for dots a fair share of them is drawn, which the note says.
 */

import { spread } from '../../analyse/spread.ts';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { crosses, dots, floatingColumns, thin, ticks, tint, type XY } from '../chart/parts.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { waveAxis } from './wave-axis.ts';
import { mergedWaves, reachedSeconds, toSeconds, type Series, type SeriesWave } from './series.ts';
import { countText, listText, secondsText } from '../wording/numbers.ts';
import { largest } from './chart-values.ts';

/** Dots of one panel; more would be a blot. */
const DOTS_MOST = 1500;

/** Neighbouring waves share a box where there are more. */
const BOXES_MOST = 60;

export function waveSpread(all: readonly Series[]): Figure | undefined {
  if (all.length === 0) return undefined;
  const isThinned = all.some(({ n }) => n > DOTS_MOST);
  return {
    id: 'wave-spread',
    title: 'All values of each wave',
    question: 'How far apart are the VMs of one wave?',
    answer: `Middle half of all values: ${listText(all.map(middleHalf))}.`,
    unit: 'seconds',
    rows: panelGrid(all.map((series) => ({ title: series.name, chart: chart(series) }))),
    table: {
      caption: 'Spread within each wave, of the reached',
      headers: ['series', 'wave', 'values', 'p5', 'p25', 'p50', 'p75', 'p95'],
      rows: all.flatMap((series) =>
        boxes(series).map(({ wave, n, p5, p25, p50, p75, p95 }) => [
          series.name,
          wave.number,
          n,
          ...[p5, p25, p50, p75, p95].map(secondsText),
        ]),
      ),
    },
    notes: [
      'Box: p25 to p75 with the median; whiskers: p5 to p95.',
      ...(isThinned
        ? [`At most ${countText(DOTS_MOST)} dots a panel; boxes are of all values.`]
        : []),
    ],
  };
}

interface Box {
  readonly wave: SeriesWave;
  readonly x: number;
  readonly n: number;
  readonly p5: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
}

const BOX_QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];

function boxes({ waves }: Series): readonly Box[] {
  return mergedWaves(waves, BOXES_MOST).flatMap((wave) => {
    const n = wave.points.length;
    if (n === 0) return [];
    const outcomes = wave.points.map(({ outcome }) => outcome);
    const [p5 = 0, p25 = 0, p50 = 0, p75 = 0, p95 = 0] = spread(outcomes, BOX_QUANTILES);
    return [{ wave, x: wave.cumulative, n, p5, p25, p50, p75, p95 }];
  });
}

function middleHalf({ name, waves }: Series): string {
  const outcomes = waves.flatMap(({ points }) => points.map(({ outcome }) => outcome));
  if (outcomes.length === 0) return `${name} none`;
  const [lo = 0, hi = 0] = spread(outcomes, [0.25, 0.75]);
  return `${name} ${secondsText(lo)} to ${secondsText(hi)}`;
}

function chart(series: Series): ChartSpec {
  const { identity, waves, noun } = series;
  const top = largest(waves.flatMap(({ points }) => reachedSeconds(points)));
  // What lies among misses has no end: it is drawn to the top, beside the cross.
  const rows = boxes(series).map(({ x, p5, p25, p50, p75, p95 }) => {
    const [lo, q1, mid, q3, hi] = [p5, p25, p50, p75, p95].map((at) => Math.min(at, top));
    return { x, p5: lo ?? 0, p25: q1 ?? 0, p50: mid ?? 0, p75: q3 ?? 0, p95: hi ?? 0 };
  });
  const gap = (waves[1]?.cumulative ?? 1) - (waves[0]?.cumulative ?? 0);
  const missed = waves.filter(({ points }) => points.some((p) => !Number.isFinite(toSeconds(p))));
  const halfTick = Math.max(1.5, Math.min(10, 120 / Math.max(1, rows.length)));
  return {
    base: 'scatter',
    x: waveAxis(
      waves.map(({ cumulative }) => cumulative),
      noun,
    ),
    y: { scale: 'linear', format: 'seconds', title: 'seconds' },
    hasLegend: false,
    datasets: [
      {
        ...floatingColumns(
          'p25 to p75',
          tint(identity.colour, 45),
          rows.map(({ x, p25, p75 }) => ({ x, lo: p25, hi: p75 })),
        ),
        whiskers: rows.map(({ p5, p95 }) => [p5, p95] as const),
        ...(rows.length > 24 ? { whiskerColour: tint(identity.colour, 80) } : {}),
      },
      ticks(
        'median',
        '@text',
        rows.map(({ x, p50 }) => [x, p50] as const),
        halfTick,
      ),
      { ...dots('values', identity, scattered(waves, gap), { size: 1.2, percent: 40 }), order: 4 },
      ...(missed.length === 0
        ? []
        : [
            crosses(
              'wave with a miss',
              missed.map(({ cumulative }) => [cumulative, top] as const),
            ),
          ]),
    ],
  };
}

/** Dots side by side in the order in which they were asked for: by place, not by chance. */
function scattered(waves: readonly SeriesWave[], gap: number): readonly XY[] {
  const points = waves.flatMap(({ cumulative, points }) =>
    points.flatMap(({ outcome }, i): XY[] => {
      const shift = (i / Math.max(1, points.length - 1) - 0.5) * gap * 0.7;
      return outcome.state === 'reached' ? [[cumulative + shift, outcome.hi]] : [];
    }),
  );
  return thin(points, DOTS_MOST);
}
