/**
 * external-snapshotter v6.3's common controller: binds each VolumeSnapshot to a content object,
 * which the sidecar works on, and copies back what became of it. Easily missed: two queues with
 * ten workers each share one bucket of 5 requests a second, about 13 of which go into the life of
 * one snapshot; its events share a second bucket with the requests for claims and volumes.
 */

import { limitedBy } from '../../../kube/client.ts';
import { SNAPSHOT_CONTENTS, SNAPSHOTS } from '../../../api/resources.ts';
import type {
  PersistentVolumeClaim,
  VolumeSnapshot,
  VolumeSnapshotContent,
} from '../../../api/storage.ts';
import { SECOND } from '../../../core/duration.ts';
import type { Controller } from '../../../kube/controller.ts';
import { makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { createTokenBucket } from '../../../kube/rate-limit.ts';
import { hasFinalizer, isDeleting } from '../chassis/ownership.ts';
import type { StorageLab } from './lab.ts';
import { createLatest, type Latest } from '../chassis/latest.ts';
import { createContent } from './snapshot-content.ts';
import { copyStatus, recordProblem } from './snapshot-status.ts';
import type { SnapshotController } from './snapshot-room.ts';
import { releaseSource } from './snapshot-source.ts';
import { derivedName, FINALIZER, SNAPSHOT_ANNOTATION } from './vocabulary.ts';

/** --retry-interval-start 1 s, --retry-interval-max 5 min: the same for controller and sidecar. */
export const SNAPSHOT_BACKOFF = { firstUs: SECOND, maxUs: 300 * SECOND, factor: 2 };

export function startSnapshotController(lab: StorageLab): void {
  const { copies, parameters } = lab;
  const room = createRoom(lab);
  const start = (name: string, reconcile: (key: string) => Promise<void>) =>
    lab.controller({
      name,
      workers: parameters.snapshotter.workers,
      backoff: SNAPSHOT_BACKOFF,
      reconcile: async (key) => {
        await reconcile(key);
        return undefined;
      },
    });
  const snapshots = start('snapshot controller', (key) => syncSnapshot(room, key));
  const contents = start('snapshot contents', (name) => syncContent(room, snapshots, name));
  copies.snapshots.onChange((now, before) => {
    snapshots.enqueue(makeObjectKey((now ?? before) as VolumeSnapshot));
  });
  copies.contents.onChange((now, before) => {
    if (now) contents.enqueue(now.metadata.name);
    // A content that is gone was what its deleted snapshot waited for.
    else if (before) snapshots.enqueue(keyOfSnapshot(before));
  });
  copies.claims.onChange((now, before) => wakeDeleted(lab, now, before, snapshots.enqueue));
}

function createRoom(lab: StorageLab): SnapshotController {
  const { clock, copies, parameters } = lab;
  const bucket = createTokenBucket(clock, parameters.snapshotter);
  const coreBucket = createTokenBucket(clock, parameters.snapshotter);
  return {
    lab,
    client: lab.clientAs('snapshot-controller', limitedBy(bucket)),
    core: lab.clientAs('snapshot-controller', limitedBy(coreBucket)),
    snapshots: createLatest(clock, copies.snapshots),
    contents: createLatest(clock, copies.contents),
    events: lab.recorder('snapshot-controller', lab.clientAs('snapshot-controller'), {
      limiter: coreBucket,
      roundTripUs: parameters.api.roundTripUs,
    }),
  };
}

function keyOfSnapshot({ spec }: VolumeSnapshotContent): string {
  return `${spec.volumeSnapshotRef.namespace}/${spec.volumeSnapshotRef.name}`;
}

/** A restore that is done may have been the last thing that held a deleted snapshot. */
function wakeDeleted(
  { copies }: StorageLab,
  now: PersistentVolumeClaim | undefined,
  before: PersistentVolumeClaim | undefined,
  enqueue: (key: string) => void,
): void {
  const claim = (now ?? before) as PersistentVolumeClaim;
  const reference = claim.spec.dataSourceRef;
  if (reference?.kind !== 'VolumeSnapshot') return;
  const snapshot = copies.snapshots.get(claim.metadata.namespace, reference.name);
  if (snapshot && isDeleting(snapshot)) enqueue(makeObjectKey(snapshot));
}

/** The copy, unless a write of our own is newer: its echo brings the controller back. */
function currentCopy<T extends VolumeSnapshot | VolumeSnapshotContent>(
  latest: Latest<T>,
  copy: T | undefined,
): T | undefined {
  if (!copy) return undefined;
  const { namespace, name, resourceVersion } = copy.metadata;
  const known = latest.get(namespace, name);
  return known?.metadata.resourceVersion === resourceVersion ? copy : undefined;
}

async function syncSnapshot(room: SnapshotController, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const { snapshots, snapshotClasses } = room.lab.copies;
  const snapshot = currentCopy(room.snapshots, snapshots.get(namespace, name));
  if (!snapshot) return;
  const className = snapshot.spec.volumeSnapshotClassName ?? '';
  const snapshotClass = snapshotClasses.get(undefined, className);
  if (!snapshotClass && !isDeleting(snapshot)) {
    const text = `volumesnapshotclass.snapshot.storage.k8s.io "${className}" not found`;
    await recordProblem(room, snapshot, {
      reason: 'GetSnapshotClassFailed',
      message: `Failed to get snapshot class with error ${text}`,
    });
    throw new Error(text);
  }
  await releaseSource(room, snapshot, 'others and this one');
  if (isDeleting(snapshot)) return tearDown(room, snapshot);
  await addFinalizers(room, snapshot);
  const { status } = snapshot;
  if (status?.readyToUse && status.boundVolumeSnapshotContentName !== undefined) return;
  await bringUp(room, snapshot);
}

async function bringUp(room: SnapshotController, snapshot: VolumeSnapshot): Promise<void> {
  const content = findContent(room, snapshot);
  if (content) {
    // bindandUpdateVolumeSnapshot reads the snapshot, and what it calls reads it again.
    await room.client.get(SNAPSHOTS, snapshot.metadata);
    const copied = await copyStatus(room, snapshot, content);
    room.snapshots.wrote(copied);
    return;
  }
  let created: VolumeSnapshotContent;
  try {
    created = await createContent(room, snapshot);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    await recordProblem(room, snapshot, {
      reason: 'SnapshotContentCreationFailed',
      message: `Failed to create snapshot content with error ${text}`,
    });
    throw error;
  }
  // Its answer is not remembered: the echo counts as news (syncUnreadySnapshot).
  await copyStatus(room, snapshot, created);
}

function findContent(
  { contents }: SnapshotController,
  snapshot: VolumeSnapshot,
): VolumeSnapshotContent | undefined {
  return contents.get(undefined, derivedName.snapshotContent(snapshot.metadata.uid ?? ''));
}

/** The finalizer for the content is only added once the snapshot is bound to it. */
async function addFinalizers(room: SnapshotController, snapshot: VolumeSnapshot): Promise<void> {
  const content = findContent(room, snapshot);
  const missing: string[] = [];
  if (!hasFinalizer(snapshot, FINALIZER.snapshotAsSource)) missing.push(FINALIZER.snapshotAsSource);
  if (
    content?.spec.deletionPolicy === 'Delete' &&
    snapshot.status?.boundVolumeSnapshotContentName !== undefined &&
    !hasFinalizer(snapshot, FINALIZER.snapshotBound)
  ) {
    missing.push(FINALIZER.snapshotBound);
  }
  if (missing.length === 0) return;
  const { resourceVersion, finalizers = [] } = snapshot.metadata;
  const wanted = [...finalizers, ...missing];
  // The first ones are put, later ones are patched in, whatever else has changed.
  const condition = finalizers.length === 0 ? { resourceVersion } : {};
  const patch = { metadata: { ...condition, finalizers: wanted } };
  room.snapshots.wrote(await room.client.patch(SNAPSHOTS, snapshot.metadata, patch));
}

async function syncContent(
  room: SnapshotController,
  snapshots: Controller,
  name: string,
): Promise<void> {
  const copy = room.lab.copies.contents.get(undefined, name);
  const content = currentCopy(room.contents, copy);
  if (!content) return;
  if (!isDeleting(content) && !hasFinalizer(content, FINALIZER.contentBound)) {
    const finalizers = [...(content.metadata.finalizers ?? []), FINALIZER.contentBound];
    const patch = { metadata: { finalizers } };
    room.contents.wrote(await room.client.patch(SNAPSHOT_CONTENTS, content.metadata, patch));
    return;
  }
  const { namespace, name: snapshotName, uid } = content.spec.volumeSnapshotRef;
  const snapshot = room.snapshots.get(namespace, snapshotName);
  if (!snapshot || snapshot.metadata.uid !== uid) return;
  // Two pointers are compared there: any content that has a state counts as news.
  if (content.status?.readyToUse !== undefined) snapshots.enqueue(makeObjectKey(snapshot));
  if (isDeletionCandidate(snapshot)) await markDeleted(room, content);
}

function isDeletionCandidate(snapshot: VolumeSnapshot): boolean {
  const { snapshotAsSource, snapshotBound } = FINALIZER;
  return (
    isDeleting(snapshot) &&
    (hasFinalizer(snapshot, snapshotAsSource) || hasFinalizer(snapshot, snapshotBound))
  );
}

async function markDeleted(
  { client, contents }: SnapshotController,
  content: VolumeSnapshotContent,
): Promise<void> {
  if (content.metadata.annotations?.[SNAPSHOT_ANNOTATION.beingDeleted] !== undefined) return;
  const patch = { metadata: { annotations: { [SNAPSHOT_ANNOTATION.beingDeleted]: 'yes' } } };
  contents.wrote(await client.patch(SNAPSHOT_CONTENTS, content.metadata, patch));
}

async function tearDown(room: SnapshotController, snapshot: VolumeSnapshot): Promise<void> {
  if (!isDeletionCandidate(snapshot)) return;
  const { client, events, lab } = room;
  const content = findContent(room, snapshot);
  if (content && isBeingRestored(lab, snapshot)) {
    const text = 'Snapshot is being used to restore a PVC';
    events.record(snapshot, 'Warning', 'SnapshotDeletePending', text);
    return;
  }
  if (content) await markDeleted(room, content);
  const takesContentAlong = content?.spec.deletionPolicy === 'Delete';
  if (content && takesContentAlong) await client.remove(SNAPSHOT_CONTENTS, content.metadata);
  await releaseSource(room, snapshot, 'others only');
  // The second finalizer stays until the content is gone.
  const removed: readonly string[] = takesContentAlong
    ? [FINALIZER.snapshotAsSource]
    : [FINALIZER.snapshotAsSource, FINALIZER.snapshotBound];
  const { resourceVersion, finalizers = [] } = snapshot.metadata;
  const left = finalizers.filter((each) => !removed.includes(each));
  const patch = { metadata: { resourceVersion, finalizers: left } };
  room.snapshots.wrote(await client.patch(SNAPSHOTS, snapshot.metadata, patch));
}

function isBeingRestored({ copies }: StorageLab, { metadata }: VolumeSnapshot): boolean {
  for (const claim of copies.claims.indexed(
    'dataSource',
    `${metadata.namespace}/${metadata.name}`,
  )) {
    if (claim.spec.dataSourceRef?.kind === 'VolumeSnapshot' && claim.status?.phase === 'Pending') {
      return true;
    }
  }
  return false;
}
