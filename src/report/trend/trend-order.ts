/** In which order series are shown: what got worse comes first. */

import { keyText } from '../../compare/history/series.ts';
import type { Trend } from '../../compare/trend/trend.ts';
import type { TrendGroup } from '../../compare/trend/trend-groups.ts';
import type { TrendUnit } from './trend-words.ts';

/** A series with what it is called. */
export interface NamedTrend {
  readonly title: string;
  readonly trend: Trend;
  readonly unit: TrendUnit;
}

/** The series of a group, in its own order. */
export function namedTrends({ series }: TrendGroup): readonly NamedTrend[] {
  return series.map((one) => ({
    title: keyText(one),
    trend: one,
    unit: one.statistic === 'successShare' ? 'share' : 'seconds',
  }));
}

/** The largest newest change for the worse first, then those for the better, then the others. */
export function gravestFirst(all: readonly NamedTrend[]): readonly NamedTrend[] {
  const gravity = ({ trend }: NamedTrend) => {
    const newest = trend.changePoints.at(-1);
    if (newest === undefined) return 0;
    const size = Math.abs(Math.log(newest.after / newest.before));
    const bounded = Number.isFinite(size) ? Math.min(size, 1e6) : 1e6;
    return newest.direction === 'worse' ? 1e7 + bounded : bounded;
  };
  return [...all].sort((a, b) => gravity(b) - gravity(a));
}
