/** The columns of felt.csv; results/README.md says what each one means. */

import { toSeconds } from '../../core/duration.ts';
import { stableJson } from '../../core/json.ts';
import type { Run } from '../../record/run.ts';
import type { Cell } from './csv-cell.ts';

export const FELT_COLUMNS: readonly string[] = [
  'run',
  'scenario',
  'step_index',
  'step',
  'metric',
  'unit',
  'labels',
  'at_s',
  'value',
];

/** A row for each value of each series, as the Prometheus gave it. */
export function* feltRows({ header, metrics, steps }: Run): Generator<readonly Cell[]> {
  const names = new Map(steps.map(({ index, name }) => [index, name]));
  for (const { s, n: name, unit, series } of metrics) {
    const head = [header.run, header.scenario, s, names.get(s), name, unit] as const;
    for (const { labels, values } of series) {
      const told = stableJson(labels);
      for (const [us, value] of values) yield [...head, told, toSeconds(us), value];
    }
  }
}
