/** The csi-snapshotter sidecar: takes and deletes the snapshot that a content object stands for. */

import { SNAPSHOT_CONTENTS } from '../../../api/resources.ts';
import type { VolumeSnapshotContent } from '../../../api/storage.ts';
import { isNotFound } from '../../../kube/api-error.ts';
import { type KubeClient, limitedBy } from '../../../kube/client.ts';
import { createTokenBucket } from '../../../kube/rate-limit.ts';
import { hasFinalizer, isDeleting, withoutFinalizer } from '../chassis/ownership.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import type { StorageLab } from './lab.ts';
import { createLatest, type Latest } from '../chassis/latest.ts';
import { SNAPSHOT_BACKOFF } from './snapshot-controller.ts';
import { FINALIZER, RBD_DRIVER, SNAPSHOT_ANNOTATION } from './vocabulary.ts';

interface Sidecar {
  readonly lab: StorageLab;
  readonly client: KubeClient;
  readonly contents: Latest<VolumeSnapshotContent>;
  readonly events: EventRecorder;
}

export function startSnapshotter(lab: StorageLab): void {
  const { clock, copies, parameters } = lab;
  const bucket = createTokenBucket(clock, parameters.snapshotter);
  const sidecar: Sidecar = {
    lab,
    client: lab.client(limitedBy(bucket)),
    contents: createLatest(clock, copies.contents),
    events: lab.recorder(`csi-snapshotter ${RBD_DRIVER}`),
  };
  const controller = lab.controller({
    name: 'snapshotter',
    workers: parameters.snapshotter.workers,
    backoff: SNAPSHOT_BACKOFF,
    reconcile: async (name) => {
      const content = sidecar.contents.get(undefined, name);
      if (content?.spec.driver !== RBD_DRIVER) return undefined;
      if (isDeleting(content)) await erase(sidecar, content);
      else if (!content.status?.readyToUse) await take(sidecar, content);
      return undefined;
    },
  });
  copies.contents.onChange((now, before) => {
    if (!now) return;
    // One that failed before this process is tried again; after that its back-off brings it back.
    const waits = !now.status || (!before && !now.status.readyToUse);
    if (isDeleting(now) || waits) controller.enqueue(now.metadata.name);
  });
}

async function take(sidecar: Sidecar, content: VolumeSnapshotContent): Promise<void> {
  const { lab, events } = sidecar;
  const sourceHandle = content.spec.source.volumeHandle;
  if (sourceHandle === undefined) return;
  await annotate(sidecar, content, 'yes');
  const name = `snapshot-${content.spec.volumeSnapshotRef.uid}`;
  const outcome = await lab.rbd.csi.createSnapshot({ name, sourceHandle });
  if (!outcome.ok) {
    const rpc = `rpc error: code = ${outcome.code} desc = ${outcome.message}`;
    const message =
      'Failed to check and update snapshot content: ' +
      `failed to take snapshot of the volume ${sourceHandle}: "${rpc}"`;
    events.record(content, 'Warning', 'SnapshotContentCheckandUpdateFailed', message);
    await setStatus(sidecar, content, { error: { time: lab.stamp(), message }, readyToUse: false });
    throw new Error(message);
  }
  await setStatus(sidecar, content, {
    snapshotHandle: outcome.value.handle,
    creationTime: outcome.value.createdUs * 1000,
    restoreSize: outcome.value.sizeBytes,
    readyToUse: true,
    error: null,
  });
  await annotate(sidecar, content, null);
}

async function annotate(
  { client, contents }: Sidecar,
  content: VolumeSnapshotContent,
  value: 'yes' | null,
): Promise<void> {
  const patch = { metadata: { annotations: { [SNAPSHOT_ANNOTATION.beingCreated]: value } } };
  contents.wrote(await client.patch(SNAPSHOT_CONTENTS, content.metadata, patch));
}

async function setStatus(
  { client, contents }: Sidecar,
  content: VolumeSnapshotContent,
  status: Readonly<Record<string, unknown>>,
): Promise<void> {
  const options = { subresource: 'status' };
  contents.wrote(await client.patch(SNAPSHOT_CONTENTS, content.metadata, { status }, options));
}

async function erase({ lab, client }: Sidecar, content: VolumeSnapshotContent): Promise<void> {
  if (!hasFinalizer(content, FINALIZER.contentBound)) return;
  const handle = content.status?.snapshotHandle;
  if (handle !== undefined && content.spec.deletionPolicy === 'Delete') {
    const outcome = await lab.rbd.csi.deleteSnapshot(handle);
    if (!outcome.ok) throw new Error(`rpc error: code = ${outcome.code}`);
  }
  try {
    const patch = withoutFinalizer(content, FINALIZER.contentBound);
    await client.patch(SNAPSHOT_CONTENTS, content.metadata, patch);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
