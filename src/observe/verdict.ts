/**
 * The milestones as predicates: what a sighting says about an operation. An operation is on a root
 * (a VM, a DataVolume, a VolumeSnapshot); what is seen is the root itself or an object it owns.
 */

import { unreachable } from '../core/assert.ts';
import { MARKS } from '../record/milestones.ts';
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
  const stale = object.kind === 'VirtualMachineInstance' && root.instance !== object;
  if (stale) return undefined;
  return findFailure(object, name, value, expectation) ?? verdictNow(root, expectation);
}

/** What is already known may settle it. */
export function verdictNow(root: SeenObject, expectation: Expectation): Verdict | undefined {
  return reachedNow(root, expectation) ? REACHED : undefined;
}

function reachedNow(root: SeenObject, { goal, disks, golden }: Expectation): boolean {
  switch (goal) {
    case 'provisioned':
      return root.disksSucceeded >= disks;
    case 'dataVolumeSucceeded':
      return bears(root, goal) && (root.claimBound || !golden);
    case 'claimBound':
      return root.claimBound && (!golden || bears(root, 'dataVolumeSucceeded'));
    case 'snapshotReady':
      return bears(root, goal);
    case 'instanceRunning':
    case 'guestReady':
      return root.instance !== undefined && bears(root.instance, goal);
    case 'stopped':
    case 'deleted':
    case 'none':
      return false;
    default:
      return unreachable(goal);
  }
}

/** The object's latest values bear the mark of the milestone. */
function bears(object: SeenObject, goal: keyof typeof MARKS): boolean {
  const mark = MARKS[goal];
  return mark !== undefined && getValue(object, mark.change) === mark.value;
}

/**
 * Changes after which no milestone but a deletion will come. CDI makes a DataVolume Failed when its
 * claim is lost, and leads nowhere from there; an instance that is Failed or Succeeded stays so,
 * and if its VM starts another one, that is another boot. All other trouble may pass: trouble.ts.
 */
function findFailure(
  object: SeenObject,
  name: string,
  value: string,
  { goal }: Expectation,
): Verdict | undefined {
  if (goal === 'deleted' || goal === 'stopped' || goal === 'none') return undefined;
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
