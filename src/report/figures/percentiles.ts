/**
 * The percentile spectrum: what the slow end looks like. The axis is 1 / (1 - p), logarithmic, so
 * p90, p99 and p99.9 are as far apart as they are rare. Lines stop where the data no longer carry a
 * percentile; bands are 95 % intervals.
 */

import type { ChartSpec } from '../chart/chart-spec.ts';
import { band, line, type XY } from '../chart/parts.ts';
import { plainNumber } from '../chart/format.ts';
import type { Identity } from '../chart/theme.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { listText, secondsText } from '../wording/numbers.ts';

export interface Spectrum {
  readonly label: string;
  readonly identity: Identity;
  /** Ascending; only those that are reached. Ends that the data do not carry are infinite. */
  readonly points: readonly SpectrumPoint[];
}

interface SpectrumPoint {
  readonly quantile: number;
  readonly seconds: number;
  readonly lo: number;
  readonly hi: number;
}

/** The quantiles that a spectrum asks for. */
export const SPECTRUM_QUANTILES: readonly number[] = [
  0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99,
  0.995, 0.998, 0.999, 0.9995, 0.9999,
];

const AXIS_QUANTILES = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999];

export function percentiles(
  groups: readonly { readonly title: string; readonly spectra: readonly Spectrum[] }[],
): Figure | undefined {
  const all = groups.flatMap(({ spectra }) => spectra);
  if (all.length === 0) return undefined;
  return {
    id: 'percentiles',
    title: 'The slow end',
    question: 'How bad are the worst of a hundred, of a thousand?',
    answer: `Farthest percentile that the data carry: ${listText(all.map(farthest))}.`,
    unit: 'seconds',
    rows: panelGrid(groups.map(({ title, spectra }) => ({ title, chart: chart(spectra) }))),
    table: {
      caption: 'Percentiles with their 95 % intervals',
      headers: ['series', 'percentile', 'seconds', 'from', 'to'],
      rows: all.flatMap(({ label, points }) =>
        points.map(({ quantile, seconds, lo, hi }) => [
          label,
          `p${plainNumber(100 * quantile, 5)}`,
          secondsText(seconds),
          Number.isFinite(lo) ? secondsText(lo) : 'not carried',
          Number.isFinite(hi) ? secondsText(hi) : 'not carried',
        ]),
      ),
    },
    notes: ['A percentile here is an observed value (the inverse of the empirical distribution).'],
  };
}

function farthest({ label, points }: Spectrum): string {
  const last = points.at(-1);
  if (last === undefined) return `${label} none`;
  return `${label} p${plainNumber(100 * last.quantile, 5)} = ${secondsText(last.seconds)}`;
}

function chart(spectra: readonly Spectrum[]): ChartSpec {
  const most = Math.max(...spectra.map(({ points }) => points.at(-1)?.quantile ?? 0.5));
  const at = AXIS_QUANTILES.filter((q) => q <= most).map(rarity);
  return {
    base: 'line',
    x: {
      scale: 'log',
      format: 'percentile',
      title: 'percentile',
      min: 1.25,
      max: rarity(most),
      at,
    },
    y: { scale: 'linear', format: 'seconds', title: 'seconds' },
    datasets: spectra.flatMap(({ label, identity, points }) => [
      line(
        label,
        identity,
        points.map(({ quantile, seconds }): XY => [rarity(quantile), seconds]),
      ),
      ...band(
        label,
        identity,
        points
          .filter(({ lo, hi }) => Number.isFinite(lo) && Number.isFinite(hi))
          .map(({ quantile, lo, hi }) => ({ x: rarity(quantile), lo, hi })),
      ),
    ]),
  };
}

function rarity(quantile: number): number {
  return 1 / (1 - quantile);
}
