/**
 * Why waves of PVC clones come in regimes, as far as the simulated cluster's counters tell. On a
 * real cluster nobody has seen the queue, so there only the regimes are told and no cause.
 */

import type { MetricRecord } from './metric-record.ts';

interface Counted {
  readonly counters: Readonly<Record<string, number>>;
}

/** The record with a warning that names the cause; as it is where there is none to name. */
export function withRegimeCause(
  record: MetricRecord,
  simulation: Counted | undefined,
): MetricRecord {
  const flattens = simulation?.counters['flattens'] ?? 0;
  const isOfCopies = record.dimensions.source === 'pvc';
  if (record.regimes === undefined || !isOfCopies || flattens === 0) return record;
  const cause =
    'the golden image is past its snapshot limits and waits for the flatten queue ' +
    `(${flattens} flattened by the simulated cluster)`;
  return { ...record, warnings: [...record.warnings, cause] };
}
