/**
 * What a snapshot of a VM holds: its spec, and a VolumeSnapshot of each claim. The guest's file
 * systems thaw as soon as all of them are taken, which is before they are ready to use (kubevirt
 * v1.1.1 pkg/storage/snapshot/snapshot.go updateVMSnapshotContent).
 */

import type { VirtualMachine } from '../../../api/compute.ts';
import type { ObjectMeta } from '../../../api/object.ts';
import {
  SNAPSHOT_CLASSES,
  SNAPSHOTS,
  STORAGE_CLASSES,
  VM_SNAPSHOT_CONTENTS,
} from '../../../api/resources.ts';
import type {
  ClaimSpec,
  StorageClass,
  VolumeSnapshot,
  VolumeSnapshotClass,
} from '../../../api/storage.ts';
import type {
  VirtualMachineSnapshot,
  VirtualMachineSnapshotContent,
  VolumeBackup,
} from '../../../api/vm-snapshots.ts';
import { sameJson } from '../../../core/json.ts';
import { ApiError, ignoreNotFound } from '../../../kube/api-error.ts';
import { createOnce } from '../../../kube/create-once.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Informer } from '../../../kube/informer.ts';
import { controllerReference, hasFinalizer, withoutFinalizer } from '../chassis/ownership.ts';
import type { ComputeLab } from './lab.ts';
import { listVolumeClaims, type SnapshotSources } from './vm-snapshot-source.ts';

const FINALIZER = 'snapshot.kubevirt.io/vmsnapshotcontent-protection';

export interface SnapshotContents {
  create(snapshot: VirtualMachineSnapshot, vm: VirtualMachine): Promise<void>;
  /** One step towards its VolumeSnapshots; true where it has to be tried again. */
  fill(content: VirtualMachineSnapshotContent, of: VirtualMachineSnapshot): Promise<boolean>;
  /** Nobody needs it any more: the guest thaws, and it may go. */
  release(
    content: VirtualMachineSnapshotContent,
    of: VirtualMachineSnapshot | undefined,
  ): Promise<undefined>;
}

export function contentName({ metadata, status }: VirtualMachineSnapshot): string {
  return status?.virtualMachineSnapshotContentName ?? `vmsnapshot-content-${metadata.uid}`;
}

interface ContentRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  readonly sources: SnapshotSources;
  readonly volumeSnapshots: Informer<VolumeSnapshot>;
  readonly classes: Informer<StorageClass>;
  readonly snapshotClasses: Informer<VolumeSnapshotClass>;
}

export function createContents(
  lab: ComputeLab,
  client: KubeClient,
  sources: SnapshotSources,
): SnapshotContents {
  const room: ContentRoom = {
    lab,
    client,
    sources,
    volumeSnapshots: lab.informer(SNAPSHOTS),
    classes: lab.informer(STORAGE_CLASSES),
    snapshotClasses: lab.informer(SNAPSHOT_CLASSES),
  };
  return {
    create: (snapshot, vm) => create(room, snapshot, vm),
    fill: (content, of) => fill(room, content, of),
    release: (content, of) => release(room, content, of),
  };
}

async function create(
  room: ContentRoom,
  snapshot: VirtualMachineSnapshot,
  vm: VirtualMachine,
): Promise<void> {
  const { namespace, name } = snapshot.metadata;
  const content: VirtualMachineSnapshotContent = {
    apiVersion: `${VM_SNAPSHOT_CONTENTS.group}/${VM_SNAPSHOT_CONTENTS.version}`,
    kind: VM_SNAPSHOT_CONTENTS.kind,
    metadata: {
      name: contentName(snapshot),
      ...inNamespace(namespace),
      finalizers: [FINALIZER],
    },
    spec: {
      virtualMachineSnapshotName: name,
      source: { virtualMachine: { metadata: namedMetadata(vm.metadata), spec: vm.spec } },
      volumeBackups: listVolumeClaims(vm).flatMap((each) => backupOf(room, snapshot, each)),
    },
  };
  await createOnce(room.client, VM_SNAPSHOT_CONTENTS, content);
}

/** None of a claim that is not bound, or whose driver takes no snapshots. */
function backupOf(
  room: ContentRoom,
  { metadata: { namespace, uid } }: VirtualMachineSnapshot,
  { volume, claim: name }: { readonly volume: string; readonly claim: string },
): readonly VolumeBackup[] {
  const claim = room.sources.claims.get(namespace, name);
  if (claim?.status?.phase !== 'Bound' || classFor(room, claim.spec) === undefined) return [];
  const volumeSnapshotName = `vmsnapshot-${uid}-volume-${volume}`;
  const kept = { metadata: plainMetadata(claim.metadata), spec: claim.spec };
  return [{ volumeName: volume, persistentVolumeClaim: kept, volumeSnapshotName }];
}

function classFor(
  { classes, snapshotClasses }: ContentRoom,
  { storageClassName = '' }: ClaimSpec,
): string | undefined {
  const driver = classes.get(undefined, storageClassName)?.provisioner;
  const fitting = [...snapshotClasses.values()].filter((each) => each.driver === driver);
  return fitting.map(({ metadata }) => metadata.name).sort()[0];
}

async function fill(
  room: ContentRoom,
  content: VirtualMachineSnapshotContent,
  of: VirtualMachineSnapshot,
): Promise<boolean> {
  const { namespace } = content.metadata;
  const backups = content.spec.volumeBackups ?? [];
  const find = ({ volumeSnapshotName = '' }: VolumeBackup) =>
    room.volumeSnapshots.get(namespace, volumeSnapshotName);
  const vm = room.sources.of(of);
  const missing = backups.filter((backup) => find(backup) === undefined);
  if (missing.length > 0 && content.status?.creationTime === undefined && vm) {
    if (!(await freeze(room, content, vm))) return true;
    for (const backup of missing) await take(room, content, backup);
  }
  const taken = backups.map((backup) => find(backup));
  const isTaken = taken.every((each) => each?.status?.creationTime !== undefined);
  let { creationTime } = content.status ?? {};
  if (isTaken && creationTime === undefined) {
    creationTime = room.lab.stamp();
    if (vm) await room.sources.setFrozen(vm, false);
  }
  await write(room, content, {
    ...(creationTime === undefined ? {} : { creationTime }),
    readyToUse: taken.every((each) => each?.status?.readyToUse === true),
    volumeSnapshotStatus: taken.flatMap((each) => (each ? [statusOf(each)] : [])),
  });
  return false;
}

/** Whether it is; where not, the content says why. */
async function freeze(
  room: ContentRoom,
  content: VirtualMachineSnapshotContent,
  vm: VirtualMachine,
): Promise<boolean> {
  try {
    await room.sources.setFrozen(vm, true);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const failed = { time: room.lab.stamp(), message: error.message };
    await write(room, content, { ...content.status, readyToUse: false, error: failed });
    return false;
  }
}

async function take(
  room: ContentRoom,
  content: VirtualMachineSnapshotContent,
  { persistentVolumeClaim: { metadata, spec }, volumeSnapshotName = '' }: VolumeBackup,
): Promise<void> {
  const source = { persistentVolumeClaimName: metadata.name ?? '' };
  const className = classFor(room, spec);
  const wanted: VolumeSnapshot = {
    apiVersion: `${SNAPSHOTS.group}/${SNAPSHOTS.version}`,
    kind: SNAPSHOTS.kind,
    metadata: {
      name: volumeSnapshotName,
      ...inNamespace(content.metadata.namespace),
      ownerReferences: [controllerReference(content)],
    },
    spec: { source, ...(className === undefined ? {} : { volumeSnapshotClassName: className }) },
  };
  await createOnce(room.client, SNAPSHOTS, wanted);
}

async function write(
  { client }: ContentRoom,
  content: VirtualMachineSnapshotContent,
  status: Status,
): Promise<void> {
  if (sameJson(status, content.status)) return;
  await client.update(VM_SNAPSHOT_CONTENTS, { ...content, status });
}

async function release(
  { client, sources }: ContentRoom,
  content: VirtualMachineSnapshotContent,
  of: VirtualMachineSnapshot | undefined,
): Promise<undefined> {
  const vm = of && sources.of(of);
  if (of && vm && sources.isLocked(vm, of)) await sources.setFrozen(vm, false);
  if (!hasFinalizer(content, FINALIZER)) return undefined;
  const patch = withoutFinalizer(content, FINALIZER);
  await ignoreNotFound(client.patch(VM_SNAPSHOT_CONTENTS, content.metadata, patch));
  return undefined;
}

type Status = NonNullable<VirtualMachineSnapshotContent['status']>;

function statusOf({ metadata, status }: VolumeSnapshot) {
  return {
    volumeSnapshotName: metadata.name,
    ...(status?.creationTime && { creationTime: status.creationTime }),
    ...(status?.readyToUse === undefined ? {} : { readyToUse: status.readyToUse }),
  };
}

function inNamespace(namespace: string | undefined): Pick<ObjectMeta, 'namespace'> {
  return namespace === undefined ? {} : { namespace };
}

/** What of an object's metadata is worth keeping. */
function plainMetadata({ name, labels, annotations }: ObjectMeta): Partial<ObjectMeta> {
  return { name, ...(labels && { labels }), ...(annotations && { annotations }) };
}

function namedMetadata(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace } = metadata;
  return { ...plainMetadata(metadata), name, ...inNamespace(namespace) };
}
