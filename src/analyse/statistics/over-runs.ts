/**
 * One value a run, and what they say together: the geometric mean with Student's interval of the
 * logarithms. With one run the value stands without an interval: runs differ, and one cannot say
 * by how much.
 */

import { sampleStandardDeviation } from 'simple-statistics';
import { tQuantile } from './distributions.ts';
import type { PointEstimate } from './estimate.ts';

/** Undefined without values, or where one is not above 0. */
export function overRuns(values: readonly number[]): PointEstimate | undefined {
  if (values.length === 0 || !values.every((value) => value > 0)) return undefined;
  const logs = values.map(Math.log);
  const center = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  if (values.length < 2) return { value: values[0] as number };
  const n = values.length;
  const reach = (tQuantile(0.975, n - 1) * sampleStandardDeviation(logs)) / Math.sqrt(n);
  return {
    value: Math.exp(center),
    lo: Math.exp(center - reach),
    hi: Math.exp(center + reach),
  };
}
