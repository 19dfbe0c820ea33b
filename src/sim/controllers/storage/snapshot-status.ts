/** A VolumeSnapshot's status as it follows from its content (updateSnapshotStatus, v6.3). */

import { SNAPSHOTS } from '../../../api/resources.ts';
import type { VolumeSnapshot, VolumeSnapshotContent } from '../../../api/storage.ts';
import { formatQuantity } from '../../../core/bytes.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import type { SnapshotController } from './snapshot-room.ts';

type SnapshotStatus = NonNullable<VolumeSnapshot['status']>;

/** Reads the snapshot anew and writes what differs; the snapshot as it is then. */
export async function copyStatus(
  room: SnapshotController,
  snapshot: VolumeSnapshot,
  content: VolumeSnapshotContent,
): Promise<VolumeSnapshot> {
  const { client } = room;
  const live = await client.get(SNAPSHOTS, snapshot.metadata);
  const status = nextStatus(live.status, content);
  if (!status) return live;
  announce(room, live, status);
  const { resourceVersion } = live.metadata;
  const patch = { metadata: { resourceVersion }, status };
  return client.patch(SNAPSHOTS, live.metadata, patch, { subresource: 'status' });
}

/** Writes an error unless it is there already, and says it in an event. */
export async function recordProblem(
  { client, events, snapshots, lab }: SnapshotController,
  snapshot: VolumeSnapshot,
  { reason, message }: { readonly reason: string; readonly message: string },
): Promise<void> {
  if (snapshot.status?.error?.message === message) return;
  events.record(snapshot, 'Warning', reason, message);
  const { resourceVersion } = snapshot.metadata;
  const status = { readyToUse: false, error: { time: lab.stamp(), message } };
  const patch = { metadata: { resourceVersion }, status };
  try {
    snapshots.wrote(
      await client.patch(SNAPSHOTS, snapshot.metadata, patch, { subresource: 'status' }),
    );
  } catch {
    // The error that is being told comes first; this one will be told again.
  }
}

/** Undefined where nothing is new. */
function nextStatus(
  before: SnapshotStatus | undefined,
  content: VolumeSnapshotContent,
): Readonly<Record<string, unknown>> | undefined {
  const { creationTime, restoreSize, readyToUse = false, error } = content.status ?? {};
  const changes: Record<string, unknown> = {};
  if (before?.boundVolumeSnapshotContentName === undefined) {
    changes['boundVolumeSnapshotContentName'] = content.metadata.name;
  }
  if (before?.creationTime === undefined && creationTime !== undefined) {
    changes['creationTime'] = rfc3339(creationTime / 1000);
  }
  if (before?.readyToUse !== readyToUse) changes['readyToUse'] = readyToUse;
  if (before?.restoreSize === undefined && restoreSize !== undefined) {
    changes['restoreSize'] = formatQuantity(restoreSize);
  }
  // Two pointers are compared there: an error is written again each time, and removed in the end.
  if (error) changes['error'] = error;
  else if (before?.error) changes['error'] = null;
  return Object.keys(changes).length === 0 ? undefined : changes;
}

function announce(
  { events }: SnapshotController,
  snapshot: VolumeSnapshot,
  status: Readonly<Record<string, unknown>>,
): void {
  const name = `${snapshot.metadata.namespace}/${snapshot.metadata.name}`;
  if (status['creationTime'] !== undefined) {
    const text = `Snapshot ${name} was successfully created by the CSI driver.`;
    events.record(snapshot, 'Normal', 'SnapshotCreated', text);
  }
  if (status['readyToUse'] === true) {
    events.record(snapshot, 'Normal', 'SnapshotReady', `Snapshot ${name} is ready to use.`);
  }
}
