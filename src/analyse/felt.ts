/** What the cluster felt during each step, summed up over the series that its Prometheus gave. */

import type { Run } from '../record/run.ts';

export interface FeltRecord {
  readonly step: string;
  readonly name: string;
  /** `seconds`, `bytes`, `cores`, `ratio`, `count`. */
  readonly unit: string;
  /** How many series there were, and how many values in all. */
  readonly series: number;
  readonly n: number;
  /** Over all values of all series; absent where there is none. */
  readonly mean?: number;
  readonly max?: number;
  /** Labels of the series that had the largest value. */
  readonly of?: Readonly<Record<string, string>>;
}

export function feltRecords({ metrics, steps }: Run): readonly FeltRecord[] {
  const names = new Map(steps.map(({ index, name }) => [index, name]));
  return metrics.map(({ s, n: name, unit, series }) => {
    const step = names.get(s) ?? String(s);
    const all = series.flatMap(({ values }) => values.map(([, value]) => value));
    const counted = { step, name, unit, series: series.length, n: all.length };
    if (all.length === 0) return counted;
    const max = all.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    const top = series.find(({ values }) => values.some(([, value]) => value === max));
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    return { ...counted, mean, max, ...(top && { of: top.labels }) };
  });
}
