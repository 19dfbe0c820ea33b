/**
 * One row per operation and object with all its times: what samples.csv holds, warm-up included.
 * A generator, since a run of 100,000 VMs has a quarter of a million rows.
 */

import type { Run } from '../record/run.ts';
import {
  fartherMetrics,
  metricFacts,
  nearerMetrics,
  OBJECT_LATENCIES,
} from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import type { Span } from './span.ts';
import { measuredOperations, spansByOperation } from './spans.ts';
import { stagesBegun, type StageStart } from './stages.ts';

export interface SampleRow {
  /** Creation (or request) to the last milestone that is measured of the object. */
  readonly span: Span;
  /** To the milestone before, where the span goes on from one: a VMI's to phase Running. */
  readonly nearer: Span | undefined;
  /** To the same end from the intended start, where that is measured. */
  readonly response: Span | undefined;
  /** Empty where the object was not seen, or has no stages. */
  readonly stages: readonly StageStart[];
  readonly warmup: boolean;
}

export function* sampleRows(run: Run): Generator<SampleRow> {
  const warmups = new Set(
    run.waves.filter(({ warmup }) => warmup).map(({ step, index }) => `${step}/${index}`),
  );
  for (const spans of spansByOperation(run, measuredOperations(run))) {
    for (const span of spans) {
      const row = makeRow(run, span, spans);
      if (row === undefined) continue;
      const { step, wave } = span.operation;
      yield { ...row, warmup: warmups.has(`${step}/${wave}`) };
    }
  }
}

function makeRow(
  run: Run,
  span: Span,
  spans: readonly Span[],
): Omit<SampleRow, 'warmup'> | undefined {
  if (!OBJECT_LATENCIES.has(span.metric)) return undefined;
  const other = (metric: Metric | undefined) =>
    spans.find((one) => one.metric === metric && one.object === span.object);
  // A boot's row is that of the last milestone that is measured of it.
  if (fartherMetrics(span.metric).some((farther) => other(farther))) return undefined;
  const { response } = metricFacts(span.metric);
  return {
    span,
    nearer: other(nearerMetrics(span.metric).at(-1)),
    response: other(response),
    stages: splitStages(run, span),
  };
}

function splitStages({ objects }: Run, { metric, object, operation }: Span): readonly StageStart[] {
  if (object === undefined) return [];
  const { stages } = metricFacts(metric);
  if (stages === undefined) return [{ stage: 'created', atUs: objects.seen(object).atUs }];
  return stagesBegun(stages, objects, object, operation);
}
