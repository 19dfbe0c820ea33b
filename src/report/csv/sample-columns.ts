/** The columns of samples.csv; results/README.md says what each one means. */

import { findClaim } from '../../analyse/clone-path.ts';
import type { SampleRow } from '../../analyse/sample-rows.ts';
import type { Observation } from '../../analyse/statistics/observation.ts';
import { toSeconds } from '../../core/duration.ts';
import type { ObjectTable } from '../../record/object-table.ts';
import type { Run } from '../../record/run.ts';
import type { Cell } from './csv-cell.ts';

/** Stages by the column that their beginning stands in. */
const STAGE_COLUMNS = {
  created: 'created_s',
  scheduled: 'scheduled_s',
  inProgress: 'in_progress_s',
  rebind: 'rebind_s',
  succeeded: 'succeeded_s',
  scheduling: 'scheduling_s',
  running: 'running_s',
  guestReady: 'guest_ready_s',
} as const;

export const SAMPLE_COLUMNS = [
  'run',
  'scenario',
  'step_index',
  'step',
  'wave',
  'warmup',
  'operation',
  'verb',
  'kind',
  'object',
  'uid',
  'image',
  'source',
  'template',
  'node',
  'metric',
  'outcome',
  'reason',
  'latency_s',
  'latency_from_s',
  'running_latency_s',
  'response_s',
  'send_lag_s',
  'intended_s',
  'sent_s',
  'acknowledged_s',
  'http_status',
  'requests',
  ...Object.values(STAGE_COLUMNS),
  'deleted_s',
  'clone_type',
  'clone_fallback_reason',
  'path',
  'miss_class',
  'stage',
] as const;

/** The cells of a row, in the order of SAMPLE_COLUMNS. */
export function sampleCells(run: Run): (row: SampleRow) => readonly Cell[] {
  const { objects, header } = run;
  return (row) => [
    header.run,
    header.scenario,
    ...filingCells(row),
    ...objectCells(objects, row),
    ...outcomeCells(row),
    ...requestCells(row),
    ...Object.keys(STAGE_COLUMNS).map((stage) => stageSeconds(row, stage)),
    ...afterlifeCells(objects, row),
    row.span.dimensions.path,
    row.span.outcome.state === 'reached' ? undefined : row.span.operation.miss?.class,
    row.span.dimensions.stage,
  ];
}

function filingCells({ span, warmup }: SampleRow): readonly Cell[] {
  const { operation, dimensions } = span;
  const { step, wave, id, verb } = operation;
  return [step, dimensions.step, wave, warmup, id, verb];
}

function objectCells(objects: ObjectTable, { span }: SampleRow): readonly Cell[] {
  const { operation, object, dimensions } = span;
  const { image, source, template } = dimensions;
  if (object === undefined) {
    return [operation.kind, operation.name, undefined, image, source, template, undefined];
  }
  return [
    objects.kindOf(object),
    objects.nameOf(object),
    objects.uidOf(object),
    image,
    source,
    template,
    objects.latest(object, 'node'),
  ];
}

function outcomeCells({ span, nearer, response }: SampleRow): readonly Cell[] {
  const { metric, outcome, operation } = span;
  const { miss, intendedUs, sentUs, found } = operation;
  return [
    metric,
    outcome.state,
    outcome.state === 'reached' ? undefined : miss?.reason,
    formatSeconds(outcome),
    outcome.state === 'reached' && outcome.lo < outcome.hi ? toSeconds(outcome.lo) : undefined,
    nearer === undefined ? undefined : formatSeconds(nearer.outcome),
    response === undefined ? undefined : formatSeconds(response.outcome),
    found ? undefined : toSeconds(sentUs - intendedUs),
  ];
}

function requestCells({ span }: SampleRow): readonly Cell[] {
  const { intendedUs, sentUs, ack, found } = span.operation;
  if (found) return [undefined, undefined, undefined, undefined, undefined];
  return [
    toSeconds(intendedUs),
    toSeconds(sentUs),
    ack === undefined ? undefined : toSeconds(ack.atUs),
    ack?.status,
    ack?.tries,
  ];
}

function stageSeconds({ stages }: SampleRow, stage: string): Cell {
  const atUs = stages.find((start) => start.stage === stage)?.atUs;
  return atUs === undefined ? undefined : toSeconds(atUs);
}

function afterlifeCells(objects: ObjectTable, { span }: SampleRow): readonly Cell[] {
  const { object } = span;
  if (object === undefined) return [undefined, undefined, undefined];
  const gone = objects.deleted(object);
  const claim = findClaim(objects, object);
  const told = (name: string) => (claim === undefined ? undefined : objects.latest(claim, name));
  return [
    gone === undefined ? undefined : toSeconds(gone.atUs),
    told('cloneType'),
    told('cloneFallbackReason'),
  ];
}

/** How long it took, or how long it had not happened; empty where it failed. */
function formatSeconds(outcome: Observation): Cell {
  if (outcome.state === 'failed') return undefined;
  return toSeconds(outcome.state === 'reached' ? outcome.hi : outcome.at);
}
