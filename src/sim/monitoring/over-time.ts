/** Functions over the values of a series within a time, as Prometheus works them out. */

import { unreachable } from '../../core/assert.ts';
import { SECOND } from '../../core/duration.ts';
import type { RangeFunction } from './promql.ts';

/** Times in microseconds, in order. */
export interface RangeValues {
  readonly timesUs: readonly number[];
  readonly values: readonly number[];
}

/** Over the time (from, until]; NaN where there are too few values. */
export function overTime(
  name: RangeFunction,
  { timesUs, values }: RangeValues,
  fromUs: number,
  untilUs: number,
): number {
  if (values.length === 0) return Number.NaN;
  const sum = () => values.reduce((all, value) => all + value, 0);
  switch (name) {
    case 'rate':
    case 'increase':
    case 'delta': {
      const change = extrapolated({ timesUs, values }, fromUs, untilUs, name !== 'delta');
      return name === 'rate' ? change / ((untilUs - fromUs) / SECOND) : change;
    }
    case 'avg_over_time':
      return sum() / values.length;
    case 'max_over_time':
      return Math.max(...values);
    case 'min_over_time':
      return Math.min(...values);
    case 'sum_over_time':
      return sum();
    default:
      return unreachable(name);
  }
}

/** A gap of more than so many mean intervals before or after the values is not filled. */
const GAP_MOST = 1.1;

/**
 * From the first to the last value, stretched to the ends of the time: to the whole of it where the
 * values come near, half an interval otherwise; a counter never to before it would have been zero
 * (prometheus promql/functions.go, extrapolatedRate).
 */
function extrapolated(
  { timesUs, values }: RangeValues,
  fromUs: number,
  untilUs: number,
  isCounter: boolean,
): number {
  const firstUs = timesUs[0] as number;
  const lastUs = timesUs.at(-1) as number;
  if (values.length < 2) return Number.NaN;
  const first = values[0] as number;
  const change = (values.at(-1) as number) - first + (isCounter ? lostByResets(values) : 0);
  const sampledUs = lastUs - firstUs;
  const intervalUs = sampledUs / (values.length - 1);
  const reach = (gapUs: number) => (gapUs < GAP_MOST * intervalUs ? gapUs : intervalUs / 2);
  let beforeUs = reach(firstUs - fromUs);
  if (isCounter && change > 0 && first >= 0) {
    beforeUs = Math.min(beforeUs, sampledUs * (first / change));
  }
  return (change * (sampledUs + beforeUs + reach(untilUs - lastUs))) / sampledUs;
}

function lostByResets(values: readonly number[]): number {
  let lost = 0;
  for (const [i, value] of values.entries()) {
    const before = values[i - 1] ?? value;
    if (value < before) lost += before;
  }
  return lost;
}
