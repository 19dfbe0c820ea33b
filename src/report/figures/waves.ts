/**
 * How long the waves took, and whether they get slower as VMs accumulate. A bar is the longest of
 * its wave, the ticks in it are the median and the 95th percentile, the line is Theil and Sen's.
 */

import { spread } from '../../analyse/spread.ts';
import { theilSen, type TheilSenLine } from '../../analyse/statistics/theil-sen.ts';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { columns, crosses, line, ticks, tint } from '../chart/parts.ts';
import { plainNumber } from '../chart/format.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { waveAxis } from './wave-axis.ts';
import { missedText, type Series, type SeriesWave } from './series.ts';
import { countText, listText, secondsText } from '../wording/numbers.ts';

export function waves(all: readonly Series[]): Figure | undefined {
  if (all.length === 0) return undefined;
  return {
    id: 'waves',
    title: 'Wave by wave',
    question: 'Do waves get slower as the cluster fills?',
    answer: answer(all),
    unit: 'seconds',
    rows: panelGrid(all.map((series) => ({ title: series.name, chart: chart(series) }))),
    table: {
      caption: 'Each wave',
      headers: [
        'series',
        'wave',
        'so far',
        'released at',
        'p50',
        'p95',
        'longest',
        'missed',
        'not begun',
      ],
      rows: all.flatMap((series) => [
        ...series.waves.map((wave) => tableRow(series, wave)),
        ...neverRows(series),
      ]),
    },
    notes: [
      'Warm-up waves are pale and in no headline. A cross marks a wave with a miss; one on the ' +
        'axis stands for a wave that was never released.',
    ],
  };
}

interface WaveFigures {
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
}

function summariseWave({ points }: SeriesWave): WaveFigures {
  const outcomes = points.map(({ outcome }) => outcome);
  if (outcomes.length === 0) return { p50: Infinity, p95: Infinity, longest: Infinity };
  const [p50 = Infinity, p95 = Infinity, longest = Infinity] = spread(outcomes, [0.5, 0.95, 1]);
  return { p50, p95, longest };
}

/** Over the headline waves whose longest is finite. */
function fitSlope({ waves: each }: Series): TheilSenLine | undefined {
  const rows = each
    .filter(({ isWarmup }) => !isWarmup)
    .map((wave) => ({ x: wave.cumulative, y: summariseWave(wave).longest }))
    .filter(({ y }) => Number.isFinite(y));
  return rows.length < 4
    ? undefined
    : theilSen(
        rows.map(({ x }) => x),
        rows.map(({ y }) => y),
      );
}

/** The trends; with too few waves for any, the slowest wave of each series. */
function answer(all: readonly Series[]): string {
  const trends = all.flatMap((series) => trendText(series) ?? []);
  const never = neverText(all);
  if (trends.length > 0) {
    return `Change of the slowest with each 1,000 more: ${listText(trends)}.${never}`;
  }
  const slowest = all.map(({ name, waves: each }) => {
    const longest = each.map((wave) => summariseWave(wave).longest).filter(Number.isFinite);
    return `${name} ${longest.length === 0 ? 'none done' : secondsText(Math.max(...longest))}`;
  });
  return `Too few waves for a trend; slowest wave: ${listText(slowest)}.${never}`;
}

/** ` Never released: RHEL 9 guest ready 7 of 30 waves.`; empty where all were. */
function neverText(all: readonly Series[]): string {
  const texts = all
    .filter(({ neverReleased }) => neverReleased > 0)
    .map(({ name, waves: each, neverReleased }) => {
      const asked = countText(each.length + neverReleased);
      return `${name} ${countText(neverReleased)} of ${asked} waves`;
    });
  return texts.length === 0 ? '' : ` Never released: ${listText(texts)}.`;
}

/** Where waves would stand that were never released, if they were as large as the last one. */
function neverPlaces({ waves: each, neverReleased }: Series): readonly number[] {
  const [last, before] = [each.at(-1)?.cumulative ?? 0, each.at(-2)?.cumulative ?? 0];
  return Array.from({ length: neverReleased }, (_, i) => last + (i + 1) * (last - before));
}

/** Change of the longest span for each thousand objects more; undefined with too few waves. */
function trendText(series: Series): string | undefined {
  const slope = fitSlope(series);
  const { name } = series;
  if (slope === undefined) return undefined;
  const perThousand = (value: number) => signed(value * 1000);
  const { lo, hi } = slope.interval;
  const doubt = Number.isFinite(lo) ? ` (${perThousand(lo)} to ${perThousand(hi)})` : '';
  return `${name} ${perThousand(slope.slope)} s${doubt}`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${plainNumber(Math.abs(value), 2)}`;
}

function chart(series: Series): ChartSpec {
  const { identity, noun } = series;
  const rows = series.waves.map((wave) => ({ wave, x: wave.cumulative, ...summariseWave(wave) }));
  const finite = rows.filter(({ longest }) => Number.isFinite(longest));
  const missed = rows.filter(({ longest }) => !Number.isFinite(longest));
  const seen = rows.flatMap(({ p50, p95, longest }) => [p50, p95, longest]);
  const top = Math.max(1, ...seen.filter(Number.isFinite));
  const slope = fitSlope(series);
  const ends = [rows[0]?.x ?? 0, rows.at(-1)?.x ?? 0];
  const never = neverPlaces(series);
  const halfTick = Math.max(1.5, Math.min(12, 150 / Math.max(1, rows.length)));
  return {
    base: 'bar',
    x: waveAxis([...rows.map(({ x }) => x), ...never], noun),
    y: { scale: 'linear', format: 'seconds', title: 'seconds' },
    datasets: [
      columns(
        'longest of the wave',
        finite.map(({ wave }) => tint(identity.colour, wave.isWarmup ? 25 : 55)),
        finite.map(({ x, longest }) => [x, longest] as const),
      ),
      ticks(
        'p50',
        '@text',
        rows.filter(({ p50 }) => Number.isFinite(p50)).map(({ x, p50 }) => [x, p50] as const),
        halfTick,
      ),
      ticks(
        'p95',
        '@muted',
        rows.filter(({ p95 }) => Number.isFinite(p95)).map(({ x, p95 }) => [x, p95] as const),
        halfTick,
      ),
      ...(missed.length === 0
        ? []
        : [
            crosses(
              'miss',
              missed.map(({ x }) => [x, top] as const),
            ),
          ]),
      ...(never.length === 0
        ? []
        : [
            crosses(
              'never released',
              never.map((x) => [x, 0] as const),
            ),
          ]),
      ...(slope === undefined ? [] : [slopeLine(slope, ends, series)]),
    ],
  };
}

function slopeLine(
  { slope, intercept }: TheilSenLine,
  ends: readonly number[],
  { identity }: Series,
) {
  const points = ends.map((x) => [x, intercept + slope * x] as const);
  return { ...line('slope', identity, points), dash: [6, 4], width: 2, order: -1 };
}

function tableRow(series: Series, wave: SeriesWave) {
  const { p50, p95, longest } = summariseWave(wave);
  return [
    `${series.name}${wave.isWarmup ? ' (warm-up)' : ''}`,
    wave.number,
    countText(wave.cumulative),
    secondsText(wave.releaseS),
    secondsText(p50),
    secondsText(p95),
    secondsText(longest),
    missedText(wave.points) ?? '0',
    countText(wave.neverBegun),
  ];
}

/** All of them in one row: they have no figures. */
function neverRows({ name, waves: each, neverReleased }: Series) {
  if (neverReleased === 0) return [];
  const from = (each.at(-1)?.number ?? 0) + 1;
  const to = from + neverReleased - 1;
  const which = from === to ? `${from}` : `${from} to ${to}`;
  return [[name, which, '-', 'never', '-', '-', '-', '-', 'all']];
}
