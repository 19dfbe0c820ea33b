/** When an operation's objects reached a milestone. */

import { milestoneFacts } from '../catalogue/milestone-marks.ts';
import { unreachable } from '../core/assert.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import type { ObjectTable, Sighting } from '../record/object-table.ts';
import type { Operation, RunStep } from '../record/run.ts';
import { findClaim } from './clone-path.ts';
import { momentAt, pickLatest } from './span.ts';
import type { Subjects } from './subjects.ts';

/** Undefined where the milestone was not seen to be reached; `none` never is. */
export function milestoneSighting(
  objects: ObjectTable,
  { own, disks, vmi }: Subjects,
  milestone: Milestone,
): Sighting | undefined {
  const reached = (object: number | undefined) => objectSighting(objects, object, milestone);
  const { of } = milestoneFacts(milestone);
  switch (of) {
    case 'own':
      return reached(own);
    case 'vmi':
      return reached(vmi);
    case 'volumes':
    case 'claims':
      return pickLatest(disks.map(({ object }) => reached(object)));
    default:
      return unreachable(of);
  }
}

/** When the operation got to the last of what its step itself says that it waits for. */
export function lastStage({ stages }: RunStep, operation: Operation): Sighting | undefined {
  if (stages.length > 0) return operation.stages[stages.length - 1];
  const { ack, miss } = operation;
  return ack === undefined || miss !== undefined ? undefined : momentAt(ack.atUs);
}

/** When the object reached the milestone; for a milestone of claims, it is the claim's volume. */
export function objectSighting(
  objects: ObjectTable,
  object: number | undefined,
  milestone: Milestone,
): Sighting | undefined {
  if (object === undefined) return undefined;
  const { of, reached } = milestoneFacts(milestone);
  if (reached === 'never' || reached === 'stages') return undefined;
  if (reached === 'deletion') return objects.deleted(object);
  const bearer = of === 'claims' ? findClaim(objects, object) : object;
  return bearer === undefined ? undefined : objects.first(bearer, reached.change, reached.value);
}
