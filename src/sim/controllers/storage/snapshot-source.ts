/** The claim that a snapshot is taken of: it may not go while that is under way. */

import { CLAIMS } from '../../../api/resources.ts';
import type { PersistentVolumeClaim, VolumeSnapshot } from '../../../api/storage.ts';
import { hasFinalizer, isDeleting, withFinalizer, withoutFinalizer } from '../chassis/ownership.ts';
import type { SnapshotController } from './snapshot-room.ts';
import { FINALIZER } from './vocabulary.ts';

/** The claim, from the copy; undefined where there is none. */
export function sourceClaim(
  { lab }: SnapshotController,
  { metadata, spec }: VolumeSnapshot,
): PersistentVolumeClaim | undefined {
  return lab.copies.claims.get(metadata.namespace, spec.source.persistentVolumeClaimName ?? '');
}

/** ensurePVCFinalizer: refused where the copy is behind, and then tried again. */
export async function holdSource(
  room: SnapshotController,
  claim: PersistentVolumeClaim,
): Promise<void> {
  if (hasFinalizer(claim, FINALIZER.claimAsSource)) return;
  if (isDeleting(claim))
    throw new Error('cannot add finalizer on claim because it is being deleted');
  await room.core.patch(CLAIMS, claim.metadata, withFinalizer(claim, FINALIZER.claimAsSource));
}

/**
 * checkandRemovePVCFinalizer, unless a snapshot of the claim is still being taken. That it fails is
 * an event only: the next snapshot tries again.
 */
export async function releaseSource(
  room: SnapshotController,
  snapshot: VolumeSnapshot,
  whoMayHold: 'others only' | 'others and this one',
): Promise<void> {
  const claim = sourceClaim(room, snapshot);
  if (!claim || !hasFinalizer(claim, FINALIZER.claimAsSource)) return;
  const sourceKey = `${claim.metadata.namespace}/${claim.metadata.name}`;
  for (const other of room.lab.copies.snapshots.indexed('source', sourceKey)) {
    const isThis = other.metadata.uid === snapshot.metadata.uid;
    if (isThis && whoMayHold === 'others only') continue;
    if (!other.status?.readyToUse) return;
  }
  try {
    await room.core.patch(CLAIMS, claim.metadata, withoutFinalizer(claim, FINALIZER.claimAsSource));
  } catch {
    const text = 'Error check and remove PVC Finalizer for VolumeSnapshot';
    room.events.record(snapshot, 'Warning', 'ErrorPVCFinalizer', text);
  }
}
