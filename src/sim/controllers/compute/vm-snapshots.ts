/**
 * virt-controller's snapshots of VMs: the source is locked, a content object is made that says
 * what is to be kept, and that one gets a VolumeSnapshot of each claim while the guest's file
 * systems are frozen (kubevirt v1.1.1 pkg/storage/snapshot/snapshot.go).
 */

import { SNAPSHOTS, VM_SNAPSHOT_CONTENTS, VM_SNAPSHOTS } from '../../../api/resources.ts';
import type { VolumeSnapshot } from '../../../api/storage.ts';
import type {
  VirtualMachineSnapshot,
  VirtualMachineSnapshotContent,
} from '../../../api/vm-snapshots.ts';
import { parseDuration, SECOND } from '../../../core/duration.ts';
import { sameJson } from '../../../core/json.ts';
import { parseRfc3339 } from '../../../core/time-text.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, objectKey, splitKey } from '../../../kube/informer.ts';
import { has } from '../../../parameters/release.ts';
import { findController, hasFinalizer, isDeleting } from '../chassis/ownership.ts';
import { withCondition } from './conditions.ts';
import type { ComputeLab } from './lab.ts';
import { contentName, createContents, type SnapshotContents } from './vm-snapshot-content.ts';
import { createSnapshotSources, type SnapshotSources, sourceKey } from './vm-snapshot-source.ts';

const FINALIZER = 'snapshot.kubevirt.io/vmsnapshot-protection';

/** application.go defaultSnapshotControllerThreads. */
const WORKERS = 6;

/** After an attempt at the lock; and after a freeze that failed. */
const RETRY_US = 5 * SECOND;

/** types.go DefaultFailureDeadline. */
const DEADLINE_US = 300 * SECOND;

interface SnapshotRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  readonly snapshots: Informer<VirtualMachineSnapshot>;
  readonly contents: Informer<VirtualMachineSnapshotContent>;
  readonly volumeSnapshots: Informer<VolumeSnapshot>;
  readonly sources: SnapshotSources;
  readonly made: SnapshotContents;
}

export function startVmSnapshots(lab: ComputeLab, client: KubeClient): void {
  const sources = createSnapshotSources(lab, client);
  const room: SnapshotRoom = {
    lab,
    client,
    snapshots: lab.informer(VM_SNAPSHOTS),
    contents: lab.informer(VM_SNAPSHOT_CONTENTS),
    volumeSnapshots: lab.informer(SNAPSHOTS),
    sources,
    made: createContents(lab, client, sources),
  };
  const start = (name: string, reconcile: (key: string) => Promise<ReconcileResult>) =>
    lab.controller({ name, workers: WORKERS, reconcile });
  const snapshots = start('virtualmachinesnapshot', (key) => syncSnapshot(room, key));
  const contents = start('virtualmachinesnapshotcontent', (key) => syncContent(room, key));
  listen(room, snapshots, contents);
}

function listen(room: SnapshotRoom, snapshots: Controller, contents: Controller): void {
  /** Keys of snapshots by those of the VMs that they are of. */
  const bySource = new Map<string, Set<string>>();
  room.snapshots.onChange((now, before) => {
    const snapshot = now ?? before;
    if (snapshot === undefined) return;
    const key = makeObjectKey(snapshot);
    const there = bySource.get(sourceKey(snapshot)) ?? new Set();
    if (now) bySource.set(sourceKey(snapshot), there.add(key));
    else there.delete(key);
    snapshots.enqueue(key);
    contents.enqueue(objectKey(snapshot.metadata.namespace, contentName(snapshot)));
  });
  room.contents.onChange((now, before) => {
    const content = now ?? before;
    const name = content?.spec.virtualMachineSnapshotName;
    if (content === undefined) return;
    contents.enqueue(makeObjectKey(content));
    if (name !== undefined) snapshots.enqueue(objectKey(content.metadata.namespace, name));
  });
  room.volumeSnapshots.onChange((now, before) => {
    const snapshot = now ?? before;
    const owner = snapshot && findController(snapshot, VM_SNAPSHOT_CONTENTS.kind);
    if (owner) contents.enqueue(objectKey(snapshot.metadata.namespace, owner.name));
  });
  room.sources.vms.onChange((now, before) => {
    const vm = now ?? before;
    for (const key of (vm && bySource.get(makeObjectKey(vm))) ?? []) snapshots.enqueue(key);
  });
}

async function syncSnapshot(room: SnapshotRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const snapshot = room.snapshots.get(namespace, name);
  if (snapshot === undefined) return undefined;
  const { sources } = room;
  const vm = sources.of(snapshot);
  const content = room.contents.get(namespace, contentName(snapshot));
  const leftUs = untilDeadline(room, snapshot);
  const isEnding = isDeleting(snapshot) || leftUs <= 0;
  const isLimited = leftUs > 0 && Number.isFinite(leftUs);
  let retryUs = isLimited && isUnderWay(snapshot) ? leftUs : undefined;
  if (snapshot.status !== undefined && vm !== undefined) {
    if (isUnderWay(snapshot) && !isEnding) {
      if (!sources.isLocked(vm, snapshot)) {
        await sources.lock(vm, snapshot);
        retryUs = RETRY_US;
      } else if (content === undefined) await room.made.create(snapshot, vm);
    } else if (!isUnderWay(snapshot) || content === undefined || isKept(snapshot, content)) {
      await sources.unlock(vm, snapshot);
    }
  }
  if (isEnding && content !== undefined && !isKept(snapshot, content) && !isDeleting(content)) {
    await ignoreNotFound(room.client.remove(VM_SNAPSHOT_CONTENTS, content.metadata));
  }
  await writeSnapshot(room, snapshot, isEnding);
  return retryUs === undefined ? undefined : { afterUs: retryUs };
}

function isUnderWay({ status }: VirtualMachineSnapshot): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** It outlives its snapshot. */
function isKept({ spec }: VirtualMachineSnapshot, content: VirtualMachineSnapshotContent): boolean {
  return spec.deletionPolicy === 'Retain' && content.status?.readyToUse === true;
}

function untilDeadline({ lab }: SnapshotRoom, { metadata, spec }: VirtualMachineSnapshot): number {
  const createdUs = parseRfc3339(metadata.creationTimestamp ?? '') ?? lab.clock.wallUs();
  return createdUs + patienceUs(spec.failureDeadline ?? '') - lab.clock.wallUs();
}

/** None is 0 (snapshot/util.go); one of more years than we count is as good as none. */
function patienceUs(deadline: string): number {
  const us = parseDuration(deadline);
  const isNone = us === 0 || (us === undefined && /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(deadline));
  return isNone ? Number.POSITIVE_INFINITY : (us ?? DEADLINE_US);
}

/** Its status and its finalizer: one write, as all else of it. */
async function writeSnapshot(
  room: SnapshotRoom,
  seen: VirtualMachineSnapshot,
  isEnding: boolean,
): Promise<void> {
  const snapshot = room.snapshots.get(seen.metadata.namespace, seen.metadata.name);
  if (snapshot === undefined) return;
  const { metadata } = snapshot;
  const content = room.contents.get(metadata.namespace, contentName(snapshot));
  const status = snapshotStatus(room, snapshot, content, isEnding);
  const others = (metadata.finalizers ?? []).filter((each) => each !== FINALIZER);
  const vm = room.sources.of(snapshot);
  const isHeld = vm !== undefined && room.sources.isLocked(vm, snapshot);
  const isOver =
    isDeleting(snapshot) && !isHeld && (content === undefined || isKept(snapshot, content));
  const finalizers = isOver ? others : [...others, FINALIZER];
  const isAsItWas =
    sameJson(status, snapshot.status) && isOver !== hasFinalizer(snapshot, FINALIZER);
  if (isAsItWas) return;
  const next = { ...snapshot, metadata: { ...metadata, finalizers }, status };
  await ignoreNotFound(room.client.update(VM_SNAPSHOTS, next));
}

function snapshotStatus(
  { lab, sources }: SnapshotRoom,
  snapshot: VirtualMachineSnapshot,
  content: VirtualMachineSnapshotContent | undefined,
  isEnding: boolean,
): NonNullable<VirtualMachineSnapshot['status']> {
  const before = snapshot.status ?? { readyToUse: false };
  const vm = sources.of(snapshot);
  const told = content?.status && {
    virtualMachineSnapshotContentName: content.metadata.name,
    ...(content.status.creationTime && { creationTime: content.status.creationTime }),
    readyToUse: content.status.readyToUse ?? false,
    ...(content.status.error && { error: content.status.error }),
  };
  const status = { ...before, ...(vm && { sourceUID: vm.metadata.uid ?? '' }), ...told };
  const isHeld = has(lab.parameters, 'vmSnapshotHeldUntilReady');
  const isDone = isHeld ? status.readyToUse === true : status.creationTime !== undefined;
  const isTaken = before.phase === 'Succeeded' || isDone;
  const hasFailed = before.phase === 'Failed' || (isEnding && !isDeleting(snapshot) && !isTaken);
  const isLocked = vm !== undefined && sources.isLocked(vm, snapshot);
  const isOnline = vm !== undefined && sources.vmiOf(vm) !== undefined;
  const phase = hasFailed ? 'Failed' : isTaken ? 'Succeeded' : 'InProgress';
  const under = isLocked ? 'Source locked and operation in progress' : 'Source not locked';
  const reason = hasFailed ? 'snapshot deadline exceeded' : isTaken ? 'Operation complete' : under;
  const isReady = status.readyToUse === true;
  const stamp = lab.stamp();
  const progressing = phase === 'InProgress' && isLocked ? 'True' : 'False';
  const conditions = withCondition(
    withCondition(before.conditions, { type: 'Progressing', status: progressing, reason }, stamp),
    isReady
      ? { type: 'Ready', status: 'True', reason: 'Operation complete' }
      : { type: 'Ready', status: 'False', reason: 'Not ready' },
    stamp,
  );
  const agent = vm !== undefined && sources.hasAgent(vm) ? 'GuestAgent' : 'NoGuestAgent';
  const indications = isOnline && phase === 'InProgress' ? { indications: ['Online', agent] } : {};
  return { ...status, phase, ...indications, conditions };
}

async function syncContent(room: SnapshotRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const content = room.contents.get(namespace, name);
  if (content === undefined) return undefined;
  const of = content.spec.virtualMachineSnapshotName;
  const snapshot = of === undefined ? undefined : room.snapshots.get(namespace, of);
  const isEnding =
    snapshot === undefined || isDeleting(snapshot) || snapshot.status?.phase === 'Failed';
  if (isEnding) return room.made.release(content, snapshot);
  const isFailed = await room.made.fill(content, snapshot);
  return isFailed ? { afterUs: RETRY_US } : undefined;
}
