/** When an operation's objects reached a milestone. */

import { unreachable } from '../core/assert.ts';
import type { MilestoneName } from '../record/entry.ts';
import { MARKS } from '../record/milestones.ts';
import type { ObjectTable, Sighting } from '../record/object-table.ts';
import { findClaim } from './clone-path.ts';
import { pickLatest } from './span.ts';
import type { Subjects } from './subjects.ts';

/** Undefined where the milestone was not seen to be reached; `none` never is. */
export function milestoneSighting(
  objects: ObjectTable,
  { own, disks, instance }: Subjects,
  milestone: MilestoneName,
): Sighting | undefined {
  const volumes = disks.map(({ object }) => object);
  switch (milestone) {
    case 'none':
      return undefined;
    case 'dataVolumeSucceeded':
    case 'provisioned':
      return pickLatest(
        volumes.map((volume) => markSighting(objects, volume, 'dataVolumeSucceeded')),
      );
    case 'claimBound':
      return pickLatest(volumes.map((volume) => claimSighting(objects, volume)));
    case 'snapshotReady':
      return markSighting(objects, own, milestone);
    case 'instanceRunning':
    case 'guestReady':
      return markSighting(objects, instance, milestone);
    case 'stopped':
      return instance === undefined ? undefined : objects.deleted(instance);
    case 'deleted':
      return own === undefined ? undefined : objects.deleted(own);
    default:
      return unreachable(milestone);
  }
}

/** When the object itself was first seen with the milestone's mark. */
export function markSighting(
  objects: ObjectTable,
  object: number | undefined,
  milestone: MilestoneName,
): Sighting | undefined {
  const mark = MARKS[milestone];
  if (object === undefined || mark === undefined) return undefined;
  return objects.first(object, mark.change, mark.value);
}

function claimSighting(objects: ObjectTable, volume: number | undefined): Sighting | undefined {
  if (volume === undefined) return undefined;
  return markSighting(objects, findClaim(objects, volume), 'claimBound');
}
