/**
 * What is measured of a load that somebody else makes: each object that has a milestone of its own.
 * Observation counts by it and analysis judges by it. An object of the first list was there before
 * anybody looked. Nobody knows since when, so it is never measured.
 */

import { PURPOSES } from '../catalogue/milestone-marks.ts';
import type { Mark } from '../catalogue/milestones.ts';

/** What each kind is for; a VMI that has a guest agent is for its guest. */
export const FOUND_GOALS = PURPOSES;

/** Changes after which an object reaches its milestone no more, and the reason of that miss. */
export const FOUND_FAILURES: readonly (Mark & { readonly reason: string })[] = [
  { kind: 'DataVolume', change: 'phase', value: 'Failed', reason: 'DataVolumeFailed' },
  { kind: 'VirtualMachineInstance', change: 'phase', value: 'Failed', reason: 'InstanceFailed' },
  {
    kind: 'VirtualMachineInstance',
    change: 'phase',
    value: 'Succeeded',
    reason: 'InstanceSucceeded',
  },
];

/** `surelyNotUs`: the latest time at which the object was surely not there, as its entry has it. */
export function wasThereBefore(surelyNotUs: number | undefined): boolean {
  return surelyNotUs === 0;
}
