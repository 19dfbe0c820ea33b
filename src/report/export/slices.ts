/**
 * When each object's work began and ended, and the stages inside, as tracing tools take it. What
 * was not reached ends where we stopped looking.
 */

import type { SampleRow } from '../../analyse/sample-rows.ts';
import type { Run } from '../../record/run.ts';

/** Microseconds of the run. */
export interface Slice {
  readonly begins: number;
  readonly ends: number;
}

export function makeSlice(run: Run, row: SampleRow): Slice {
  const begins = findBeginning(run, row);
  return { begins, ends: begins + Math.max(0, computeLength(row)) };
}

export interface StageSlice extends Slice {
  readonly stage: string;
}

/** The stages that were seen, each up to the next one, inside the whole. */
export function makeStageSlices({ stages, span }: SampleRow, { begins, ends }: Slice) {
  const seen = stages.flatMap(({ stage, atUs }) =>
    atUs === undefined || atUs > ends ? [] : [{ stage, atUs: Math.max(atUs, begins) }],
  );
  return seen.flatMap(({ stage, atUs }, i): StageSlice[] => {
    const isLast = i === seen.length - 1;
    // The last milestone takes no time of its own, unless it was waited for in vain.
    if (isLast && span.outcome.state === 'reached') return [];
    const until = Math.min(ends, seen[i + 1]?.atUs ?? ends);
    return [{ stage, begins: atUs, ends: Math.max(atUs, until) }];
  });
}

/** As people know the object: by its own name, or that of the operation where it was not seen. */
export function objectName({ objects }: Run, { span }: SampleRow): string {
  return span.object === undefined ? span.operation.name : objects.nameOf(span.object);
}

/** A boot's slice begins with the request, so that its first stage is inside. */
function findBeginning({ objects }: Run, { span, stages }: SampleRow): number {
  const seen = span.object === undefined ? undefined : objects.seen(span.object).atUs;
  const own = seen ?? span.operation.sentUs;
  const isRequest = span.metric === 'stop' || span.metric === 'delete';
  const first = stages[0]?.atUs;
  return isRequest ? span.operation.sentUs : Math.min(own, first ?? own);
}

/** From the slice's beginning; a boot's span begins a little later, with the VMI. */
function computeLength({ span, stages }: SampleRow): number {
  const { outcome } = span;
  const asked = stages.find(({ stage }) => stage === 'startAsked')?.atUs;
  const created = stages.find(({ stage }) => stage === 'created')?.atUs;
  const before = asked === undefined || created === undefined ? 0 : Math.max(0, created - asked);
  if (outcome.state === 'reached') return outcome.hi + before;
  if (outcome.state === 'censored') return outcome.at + before;
  const { miss, sentUs } = span.operation;
  return Math.max(0, (miss?.atUs ?? sentUs) - sentUs);
}
