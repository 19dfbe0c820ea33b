/**
 * One row per operation and object with all its times: what samples.csv holds, warm-up included.
 * A generator, since a run of 100,000 VMs has a quarter of a million rows.
 */

import type { Run } from '../record/run.ts';
import type { Metric, Span } from './span.ts';
import { measuredOperations, spansByOperation } from './spans.ts';
import { bootStages, cloneStages, type StageStart } from './stages.ts';

export interface SampleRow {
  /** Creation (or request) to the last milestone that is measured of the object. */
  readonly span: Span;
  /** VMI creation to Running, where the span goes on to the guest. */
  readonly running: Span | undefined;
  /** To the same end from the intended start, where that is measured. */
  readonly response: Span | undefined;
  /** Empty where the object was not seen, or has no stages. */
  readonly stages: readonly StageStart[];
  readonly warmup: boolean;
}

/** What happens to objects: metrics of waves and of the harness are other views of it. */
export const OBJECT_METRICS: ReadonlySet<Metric> = new Set<Metric>([
  'import',
  'snapshotReady',
  'clone',
  'vmiRunning',
  'guestReady',
  'stop',
  'delete',
]);

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

const RESPONSES: Readonly<Partial<Record<Metric, Metric>>> = {
  clone: 'cloneResponse',
  vmiRunning: 'runningResponse',
  guestReady: 'guestReadyResponse',
};

function makeRow(
  run: Run,
  span: Span,
  spans: readonly Span[],
): Omit<SampleRow, 'warmup'> | undefined {
  // A boot's row is `guestReady`, where that is measured.
  if (!OBJECT_METRICS.has(span.metric)) return undefined;
  const other = (metric: Metric | undefined) =>
    spans.find((one) => one.metric === metric && one.object === span.object);
  if (span.metric === 'vmiRunning' && other('guestReady') !== undefined) return undefined;
  return {
    span,
    running: span.metric === 'guestReady' ? other('vmiRunning') : undefined,
    response: other(RESPONSES[span.metric]),
    stages: splitStages(run, span),
  };
}

function splitStages({ objects }: Run, { metric, object, operation }: Span): readonly StageStart[] {
  if (object === undefined) return [];
  if (metric === 'clone' || metric === 'import') return cloneStages(objects, object);
  if (metric === 'vmiRunning' || metric === 'guestReady') {
    return bootStages(objects, object, operation);
  }
  return [{ stage: 'created', atUs: objects.seen(object).atUs }];
}
