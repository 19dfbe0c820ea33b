/** The columns of waves.csv; results/README.md says what each one means. */

import { LATENCIES_FROM_SIGHT, metricFacts } from '../../catalogue/metric-sets.ts';
import type { Metric } from '../../catalogue/metrics.ts';
import type { WaveRow } from '../../analyse/wave-rows.ts';
import type { Summary } from '../../analyse/summary.ts';
import type { Estimate } from '../../analyse/statistics/estimate.ts';
import type { Cell } from './csv-cell.ts';

const METRICS = [...LATENCIES_FROM_SIGHT];

export const WAVE_COLUMNS: readonly string[] = [
  'run',
  'scenario',
  'step_index',
  'step',
  'wave',
  'warmup',
  'image',
  'source',
  'template',
  'release_s',
  'end_s',
  'n',
  'reached',
  'failed',
  'censored',
  'makespan_state',
  'makespan_s',
  ...METRICS.map((metric) => metricFacts(metric).column).flatMap((prefix) => [
    `${prefix}_state`,
    `${prefix}_longest_s`,
    `${prefix}_mean_s`,
    `${prefix}_p50_s`,
    `${prefix}_p95_s`,
  ]),
  'storage_used_bytes',
  'clone_fallbacks',
];

/** The cells of a row, in the order of WAVE_COLUMNS. */
export function waveCells({ run }: Summary): (row: WaveRow) => readonly Cell[] {
  return (row) => {
    const { step, image, source, template } = row.dimensions;
    return [
      run.id,
      run.scenario,
      row.stepIndex,
      step,
      row.wave,
      row.warmup,
      image,
      source,
      template,
      row.release,
      row.end,
      row.n,
      row.reached,
      row.failed,
      row.censored,
      ...stateAndSeconds(row.makespan),
      ...METRICS.flatMap((metric) => spanCells(row, metric)),
      row.usedBytes,
      row.fellBack,
    ];
  };
}

function spanCells({ spans }: WaveRow, metric: Metric): readonly Cell[] {
  const span = spans[metric];
  if (span === undefined) return [undefined, undefined, undefined, undefined, undefined];
  const [, p50] = stateAndSeconds(span.p50);
  const [, p95] = stateAndSeconds(span.p95);
  return [...stateAndSeconds(span.longest), span.mean, p50, p95];
}

/** A censored length is the time for which it had not ended; a failed one has none. */
function stateAndSeconds(estimate: Estimate): readonly [string, Cell] {
  if ('over' in estimate) return ['censored', estimate.over];
  return 'never' in estimate ? ['failed', undefined] : ['reached', estimate.value];
}
