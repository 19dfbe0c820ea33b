/**
 * external-snapshotter v6.3's common controller: binds each VolumeSnapshot to a content object,
 * which the sidecar works on, and copies back what became of it.
 */

import { CLAIMS, SNAPSHOT_CONTENTS, SNAPSHOTS } from '../../../api/resources.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  VolumeSnapshot,
  VolumeSnapshotClass,
  VolumeSnapshotContent,
} from '../../../api/storage.ts';
import { formatQuantity } from '../../../core/bytes.ts';
import { SECOND } from '../../../core/duration.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import { isAlreadyExists, isNotFound } from '../../../kube/api-error.ts';
import { type KubeClient, limitedBy } from '../../../kube/client.ts';
import { makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { createTokenBucket } from '../../../kube/rate-limit.ts';
import { hasFinalizer, isDeleting, withFinalizer, withoutFinalizer } from '../chassis/ownership.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import type { StorageLab } from './lab.ts';
import { createLatest, type Latest } from '../chassis/latest.ts';
import { derivedName, FINALIZER, RBD_DRIVER, SNAPSHOT_ANNOTATION } from './vocabulary.ts';

interface Common {
  readonly lab: StorageLab;
  readonly client: KubeClient;
  readonly snapshots: Latest<VolumeSnapshot>;
  readonly contents: Latest<VolumeSnapshotContent>;
  readonly claims: Latest<PersistentVolumeClaim>;
  readonly events: EventRecorder;
}

/** --retry-interval-start 1 s, --retry-interval-max 5 min: the same for controller and sidecar. */
export const SNAPSHOT_BACKOFF = { firstUs: SECOND, maxUs: 300 * SECOND, factor: 2 };

export function startSnapshotController(lab: StorageLab): void {
  const { clock, copies, parameters } = lab;
  const bucket = createTokenBucket(clock, parameters.snapshotter);
  const common: Common = {
    lab,
    client: lab.client(limitedBy(bucket)),
    snapshots: createLatest(clock, copies.snapshots),
    contents: createLatest(clock, copies.contents),
    claims: createLatest(clock, copies.claims),
    events: lab.recorder('snapshot-controller'),
  };
  const controller = lab.controller({
    name: 'snapshot controller',
    workers: parameters.snapshotter.workers,
    backoff: SNAPSHOT_BACKOFF,
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const snapshot = common.snapshots.get(namespace, name);
      if (snapshot) await (isDeleting(snapshot) ? tearDown : bringUp)(common, snapshot);
      return undefined;
    },
  });
  copies.snapshots.onChange((now) => {
    if (now) controller.enqueue(makeObjectKey(now));
  });
  copies.contents.onChange((now, before) => {
    const { namespace, name } = ((now ?? before) as VolumeSnapshotContent).spec.volumeSnapshotRef;
    controller.enqueue(`${namespace}/${name}`);
  });
  copies.claims.onChange((now, before) => wakeDeleted(lab, now, before, controller.enqueue));
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

async function bringUp(common: Common, seen: VolumeSnapshot): Promise<void> {
  const { lab, client, snapshots } = common;
  let snapshot = seen;
  const snapshotClass = lab.copies.snapshotClasses.get(
    undefined,
    snapshot.spec.volumeSnapshotClassName ?? '',
  );
  if (snapshotClass?.driver !== RBD_DRIVER) return;
  if (!hasFinalizer(snapshot, FINALIZER.snapshotBound)) {
    const { resourceVersion, finalizers = [] } = snapshot.metadata;
    const both = [FINALIZER.snapshotAsSource, FINALIZER.snapshotBound];
    const patch = { metadata: { resourceVersion, finalizers: [...finalizers, ...both] } };
    snapshot = await client.patch(SNAPSHOTS, snapshot.metadata, patch);
    snapshots.wrote(snapshot);
  }
  const name = derivedName.snapshotContent(snapshot.metadata.uid ?? '');
  const content = common.contents.get(undefined, name);
  if (!content) await createContent(common, snapshot, snapshotClass);
  else await copyStatus(common, snapshot, content);
}

async function createContent(
  common: Common,
  snapshot: VolumeSnapshot,
  snapshotClass: VolumeSnapshotClass,
): Promise<void> {
  const { lab, client, contents, events } = common;
  const { claim, volume } = findSource(lab, snapshot);
  if (!hasFinalizer(claim, FINALIZER.claimAsSource)) {
    const patch = withFinalizer(claim, FINALIZER.claimAsSource);
    common.claims.wrote(await client.patch(CLAIMS, claim.metadata, patch));
  }
  try {
    contents.wrote(
      await client.create(SNAPSHOT_CONTENTS, contentObject(snapshot, snapshotClass, volume)),
    );
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const { namespace, name } = snapshot.metadata;
  const text = `Waiting for a snapshot ${namespace}/${name} to be created by the CSI driver.`;
  events.record(snapshot, 'Normal', 'CreatingSnapshot', text);
  await setStatus(common, snapshot, {
    boundVolumeSnapshotContentName: derivedName.snapshotContent(snapshot.metadata.uid ?? ''),
    readyToUse: false,
  });
}

/** The bound claim and its volume; throws, so that it is tried again, where there is none. */
function findSource(
  { copies }: StorageLab,
  snapshot: VolumeSnapshot,
): { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume } {
  const name = snapshot.spec.source.persistentVolumeClaimName ?? '';
  const claim = copies.claims.get(snapshot.metadata.namespace, name);
  const volume = copies.volumes.get(undefined, claim?.spec.volumeName ?? '');
  if (!claim || claim.status?.phase !== 'Bound' || !volume?.spec.csi) {
    throw new Error(`the PVC ${name} is not yet bound to a PV`);
  }
  return { claim, volume };
}

function contentObject(
  snapshot: VolumeSnapshot,
  snapshotClass: VolumeSnapshotClass,
  volume: PersistentVolume,
): VolumeSnapshotContent {
  const { namespace = '', name, uid = '', resourceVersion = '' } = snapshot.metadata;
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotContent',
    metadata: { name: derivedName.snapshotContent(uid), finalizers: [FINALIZER.contentBound] },
    spec: {
      volumeSnapshotRef: {
        apiVersion: snapshot.apiVersion,
        kind: snapshot.kind,
        namespace,
        name,
        uid,
        resourceVersion,
      },
      deletionPolicy: snapshotClass.deletionPolicy,
      driver: snapshotClass.driver,
      volumeSnapshotClassName: snapshotClass.metadata.name,
      source: { volumeHandle: volume.spec.csi?.volumeHandle ?? '' },
      sourceVolumeMode: volume.spec.volumeMode ?? 'Filesystem',
    },
  };
}

async function copyStatus(
  common: Common,
  snapshot: VolumeSnapshot,
  content: VolumeSnapshotContent,
): Promise<void> {
  const { events } = common;
  const { status } = content;
  if (status?.error && snapshot.status?.error?.message !== status.error.message) {
    await setStatus(common, snapshot, { readyToUse: false, error: status.error });
    return;
  }
  if (!status?.readyToUse || snapshot.status?.readyToUse) return;
  await setStatus(common, snapshot, {
    boundVolumeSnapshotContentName: content.metadata.name,
    creationTime: rfc3339((status.creationTime ?? 0) / 1000),
    readyToUse: true,
    restoreSize: formatQuantity(status.restoreSize ?? 0),
    error: null,
  });
  const { namespace, name } = snapshot.metadata;
  const created = `Snapshot ${namespace}/${name} was successfully created by the CSI driver.`;
  events.record(snapshot, 'Normal', 'SnapshotCreated', created);
  events.record(
    snapshot,
    'Normal',
    'SnapshotReady',
    `Snapshot ${namespace}/${name} is ready to use.`,
  );
  await releaseSource(common, snapshot);
}

async function setStatus(
  { client, snapshots }: Common,
  snapshot: VolumeSnapshot,
  status: Readonly<Record<string, unknown>>,
): Promise<void> {
  const options = { subresource: 'status' };
  snapshots.wrote(await client.patch(SNAPSHOTS, snapshot.metadata, { status }, options));
}

/** The source claim may be deleted again, unless other snapshots of it are on the way. */
async function releaseSource(common: Common, snapshot: VolumeSnapshot): Promise<void> {
  const { lab, client } = common;
  const { namespace } = snapshot.metadata;
  const source = snapshot.spec.source.persistentVolumeClaimName ?? '';
  for (const other of lab.copies.snapshots.values()) {
    if (
      other.metadata.namespace === namespace &&
      other.spec.source.persistentVolumeClaimName === source &&
      other.metadata.uid !== snapshot.metadata.uid &&
      !other.status?.readyToUse
    ) {
      return;
    }
  }
  const claim = common.claims.get(namespace, source);
  if (!claim || !hasFinalizer(claim, FINALIZER.claimAsSource)) return;
  const patch = withoutFinalizer(claim, FINALIZER.claimAsSource);
  common.claims.wrote(await client.patch(CLAIMS, claim.metadata, patch));
}

async function tearDown(common: Common, snapshot: VolumeSnapshot): Promise<void> {
  const { lab, client, events } = common;
  if (restoreIsPending(lab, snapshot)) {
    const text = 'Snapshot is being used to restore a PVC';
    events.record(snapshot, 'Warning', 'SnapshotDeletePending', text);
    return;
  }
  const name =
    snapshot.status?.boundVolumeSnapshotContentName ??
    derivedName.snapshotContent(snapshot.metadata.uid ?? '');
  const content = common.contents.get(undefined, name);
  if (content && !isDeleting(content) && content.spec.deletionPolicy === 'Delete') {
    await client.patch(SNAPSHOT_CONTENTS, content.metadata, {
      metadata: { annotations: { [SNAPSHOT_ANNOTATION.beingDeleted]: 'yes' } },
    });
    await client.remove(SNAPSHOT_CONTENTS, content.metadata);
  }
  const { resourceVersion, finalizers = [] } = snapshot.metadata;
  const own: readonly string[] = [FINALIZER.snapshotAsSource, FINALIZER.snapshotBound];
  const left = finalizers.filter((each) => !own.includes(each));
  if (left.length === finalizers.length) return;
  try {
    await client.patch(SNAPSHOTS, snapshot.metadata, {
      metadata: { resourceVersion, finalizers: left },
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function restoreIsPending({ copies }: StorageLab, snapshot: VolumeSnapshot): boolean {
  for (const { metadata, spec, status } of copies.claims.values()) {
    if (
      status?.phase === 'Pending' &&
      spec.dataSourceRef?.kind === 'VolumeSnapshot' &&
      spec.dataSourceRef.name === snapshot.metadata.name &&
      metadata.namespace === snapshot.metadata.namespace
    ) {
      return true;
    }
  }
  return false;
}
