/**
 * The csi-snapshotter sidecar (v6.3): takes and deletes the snapshot that a content object stands
 * for. It reads the secret through one bucket and the content through another, 5 a second each.
 */

import { SNAPSHOT_CONTENTS } from '../../../api/resources.ts';
import type { VolumeSnapshotContent } from '../../../api/storage.ts';
import type { CsiCode } from '../../hardware/storage/csi.ts';
import { type KubeClient, limitedBy } from '../../../kube/client.ts';
import { createTokenBucket, type RateLimiter } from '../../../kube/rate-limit.ts';
import { hasFinalizer, isDeleting } from '../chassis/ownership.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import type { StorageLab } from './lab.ts';
import { createLatest, type Latest } from '../chassis/latest.ts';
import { readSecret } from './provision-source.ts';
import { SNAPSHOT_BACKOFF } from './snapshot-controller.ts';
import { FINALIZER, SNAPSHOT_ANNOTATION } from './vocabulary.ts';

interface Sidecar {
  readonly lab: StorageLab;
  readonly client: KubeClient;
  /** Of secrets and events. */
  readonly core: RateLimiter;
  readonly contents: Latest<VolumeSnapshotContent>;
  readonly events: EventRecorder;
}

/** isCSIFinalError: after any other the driver may still be at it. */
const PASSING: readonly CsiCode[] = ['Aborted', 'DeadlineExceeded', 'ResourceExhausted'];

export function startSnapshotter(lab: StorageLab): void {
  const { clock, copies, parameters } = lab;
  const bucket = createTokenBucket(clock, parameters.snapshotter);
  const core = createTokenBucket(clock, parameters.snapshotter);
  const sidecar: Sidecar = {
    lab,
    client: lab.clientAs('csi-snapshotter', limitedBy(bucket)),
    core,
    contents: createLatest(clock, copies.contents),
    events: lab.recorder(
      `csi-snapshotter ${lab.driver.traits.name}`,
      lab.clientAs('csi-snapshotter'),
      {
        limiter: core,
        roundTripUs: parameters.api.roundTripUs,
      },
    ),
  };
  const controller = lab.controller({
    name: 'snapshotter',
    workers: parameters.snapshotter.workers,
    backoff: SNAPSHOT_BACKOFF,
    reconcile: async (name) => {
      const copy = copies.contents.get(undefined, name);
      const known = sidecar.contents.get(undefined, name);
      // A newer write of its own is on its way back.
      if (!copy || known?.metadata.resourceVersion !== copy.metadata.resourceVersion) {
        return undefined;
      }
      if (copy.spec.driver === lab.driver.traits.name) await sync(sidecar, copy);
      return undefined;
    },
  });
  copies.contents.onChange((now, before) => {
    // One that failed is left to its back-off, but for what was there before this process.
    if (now && !(before && now.status?.error)) controller.enqueue(now.metadata.name);
  });
}

async function sync(sidecar: Sidecar, content: VolumeSnapshotContent): Promise<void> {
  if (shouldDelete(content)) {
    const erases =
      content.spec.deletionPolicy === 'Delete' && content.status?.snapshotHandle !== undefined;
    const erased = erases ? await erase(sidecar, content) : content;
    return dropFinalizer(sidecar, erased);
  }
  if (content.status?.readyToUse) return forgetRequest(sidecar, content);
  // Undeletable ones are not seen off here: the annotation says that an answer is due.
  if (content.spec.source.volumeHandle === undefined) return;
  try {
    await take(sidecar, content);
  } catch (error) {
    const isFirst = content.status === undefined;
    await recordProblem(sidecar, content, {
      reason: isFirst ? 'SnapshotCreationFailed' : 'SnapshotContentCheckandUpdateFailed',
      message:
        (isFirst
          ? 'Failed to create snapshot: '
          : 'Failed to check and update snapshot content: ') +
        (error instanceof Error ? error.message : String(error)),
    });
    throw error;
  }
}

function shouldDelete(content: VolumeSnapshotContent): boolean {
  const annotations = content.metadata.annotations ?? {};
  return (
    isDeleting(content) &&
    annotations[SNAPSHOT_ANNOTATION.beingCreated] === undefined &&
    annotations[SNAPSHOT_ANNOTATION.beingDeleted] !== undefined
  );
}

/** createSnapshotWrapper: mark, ask the driver, read, write the status, unmark. */
async function take(sidecar: Sidecar, content: VolumeSnapshotContent): Promise<void> {
  const { lab, client, contents } = sidecar;
  const sourceHandle = content.spec.source.volumeHandle ?? '';
  await readSecret(lab, sidecar.core, 'csi-snapshotter');
  if (content.metadata.annotations?.[SNAPSHOT_ANNOTATION.beingCreated] === undefined) {
    await annotate(sidecar, content, 'yes');
  }
  const name = `snapshot-${content.spec.volumeSnapshotRef.uid}`;
  const outcome = await lab.driver.csi.createSnapshot({ name, sourceHandle });
  if (!outcome.ok) {
    if (!PASSING.includes(outcome.code)) await annotate(sidecar, content, null);
    const rpc = `rpc error: code = ${outcome.code} desc = ${outcome.message}`;
    throw new Error(`failed to take snapshot of the volume ${sourceHandle}: "${rpc}"`);
  }
  const live = await client.get(SNAPSHOT_CONTENTS, content.metadata);
  const { resourceVersion } = live.metadata;
  const status = {
    snapshotHandle: outcome.value.handle,
    creationTime: outcome.value.createdUs * 1000,
    restoreSize: outcome.value.sizeBytes,
    readyToUse: true,
    error: null,
  };
  const patch = { metadata: { resourceVersion }, status };
  const options = { subresource: 'status' };
  await client.patch(SNAPSHOT_CONTENTS, content.metadata, patch, options);
  contents.wrote(await annotate(sidecar, content, null));
}

async function annotate(
  { client, contents }: Sidecar,
  content: VolumeSnapshotContent,
  value: 'yes' | null,
): Promise<VolumeSnapshotContent> {
  const patch = { metadata: { annotations: { [SNAPSHOT_ANNOTATION.beingCreated]: value } } };
  const written = await client.patch(SNAPSHOT_CONTENTS, content.metadata, patch);
  contents.wrote(written);
  return written;
}

async function forgetRequest(sidecar: Sidecar, content: VolumeSnapshotContent): Promise<void> {
  if (content.metadata.annotations?.[SNAPSHOT_ANNOTATION.beingCreated] === undefined) return;
  await annotate(sidecar, content, null);
}

/** Writes an error unless it is there already, and says it in an event. */
async function recordProblem(
  { client, contents, events, lab }: Sidecar,
  content: VolumeSnapshotContent,
  { reason, message }: { readonly reason: string; readonly message: string },
): Promise<void> {
  if (content.status?.error?.message === message) return;
  events.record(content, 'Warning', reason, message);
  const status = { readyToUse: false, error: { time: lab.stamp(), message } };
  const options = { subresource: 'status' };
  try {
    contents.wrote(await client.patch(SNAPSHOT_CONTENTS, content.metadata, { status }, options));
  } catch {
    // The error that is being told comes first; this one will be told again.
  }
}

/** deleteCSISnapshotOperation: the handle is taken off the object once the driver has answered. */
async function erase(
  { lab, client, contents, core, events }: Sidecar,
  content: VolumeSnapshotContent,
): Promise<VolumeSnapshotContent> {
  await readSecret(lab, core, 'csi-snapshotter');
  const outcome = await lab.driver.csi.deleteSnapshot(content.status?.snapshotHandle ?? '');
  if (!outcome.ok) {
    events.record(content, 'Warning', 'SnapshotDeleteError', 'Failed to delete snapshot');
    throw new Error(`rpc error: code = ${outcome.code}`);
  }
  const live = await client.get(SNAPSHOT_CONTENTS, content.metadata);
  const { resourceVersion } = live.metadata;
  const status = { snapshotHandle: null, readyToUse: null, creationTime: null, restoreSize: null };
  const patch = { metadata: { resourceVersion }, status };
  const options = { subresource: 'status' };
  const cleared = await client.patch(SNAPSHOT_CONTENTS, content.metadata, patch, options);
  contents.wrote(cleared);
  return cleared;
}

async function dropFinalizer(
  { client, contents }: Sidecar,
  content: VolumeSnapshotContent,
): Promise<void> {
  if (!hasFinalizer(content, FINALIZER.contentBound)) return;
  const { finalizers = [] } = content.metadata;
  const left = finalizers.filter((each) => each !== FINALIZER.contentBound);
  const patch = { metadata: { finalizers: left } };
  contents.wrote(await client.patch(SNAPSHOT_CONTENTS, content.metadata, patch));
}
