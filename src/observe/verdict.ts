/**
 * The milestones as predicates: what a sighting says about an operation. An operation is on a root
 * (a VM, a DataVolume, a VolumeSnapshot); what is seen is the root itself or an object it owns.
 */

import { findMark, milestoneFacts } from '../catalogue/milestone-marks.ts';
import { type Mark, MILESTONES } from '../catalogue/milestones.ts';
import { unreachable } from '../core/assert.ts';
import { type Expectation, REACHED, type Verdict } from './expectation.ts';
import { type SeenObject, getValue } from './seen-object.ts';

/** A change on `object` may settle the operation on `root`. */
export function decideVerdict(
  root: SeenObject,
  expectation: Expectation,
  object: SeenObject,
  name: string,
  value: string,
): Verdict | undefined {
  const stale = object.kind === 'VirtualMachineInstance' && root.vmi !== object;
  if (stale) return undefined;
  return findFailure(object, name, value, expectation) ?? verdictNow(root, expectation);
}

/** What is already known may settle it. */
export function verdictNow(root: SeenObject, expectation: Expectation): Verdict | undefined {
  return reachedNow(root, expectation) ? REACHED : undefined;
}

function reachedNow(root: SeenObject, { goal, disks, golden }: Expectation): boolean {
  const { of } = milestoneFacts(goal);
  const mark = findMark(goal);
  if (mark === undefined) return false;
  switch (of) {
    case 'own':
      return bears(root, mark);
    case 'vmi':
      return root.vmi !== undefined && bears(root.vmi, mark);
    case 'volumes':
      if (root.kind !== mark.kind) return root.disksSucceeded >= disks;
      return bears(root, mark) && (root.claimBound || !golden);
    case 'claims':
      return root.claimBound && (!golden || bears(root, FILLED));
    default:
      return unreachable(of);
  }
}

const { reached: FILLED } = MILESTONES.dataVolumeSucceeded;

/** The object's latest values bear the mark. */
function bears(object: SeenObject, { change, value }: Mark): boolean {
  return getValue(object, change) === value;
}

/**
 * Changes after which no milestone but a deletion will come. CDI makes a DataVolume Failed when its
 * claim is lost, and leads nowhere from there; a VMI that is Failed or Succeeded stays so,
 * and if its VM starts another one, that is another boot. All other trouble may pass: trouble.ts.
 */
function findFailure(
  object: SeenObject,
  name: string,
  value: string,
  { goal }: Expectation,
): Verdict | undefined {
  if (findMark(goal) === undefined) return undefined;
  const message = `${object.kind} ${object.name}`;
  if (name !== 'phase') return undefined;
  if (object.kind === 'DataVolume' && value === 'Failed') {
    return { how: 'failed', reason: 'DataVolumeFailed', message };
  }
  const ended = value === 'Failed' || value === 'Succeeded';
  if (object.kind === 'VirtualMachineInstance' && ended) {
    return { how: 'failed', reason: `Instance${value}`, message };
  }
  return undefined;
}
