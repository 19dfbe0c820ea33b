/**
 * virt-controller's restores: a claim from each VolumeSnapshot of a snapshot, then the VM with
 * these in place of its disks, then DataVolumes that take the claims over; what the VM had before
 * is deleted (kubevirt v1.1.1 pkg/storage/snapshot/restore.go). One step a look, each of which
 * writes the status that brings the next look.
 */

import type { VirtualMachine } from '../../../api/compute.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  SNAPSHOTS,
  STORAGE_CLASSES,
  VIRTUAL_MACHINES,
  VM_RESTORES,
  VM_SNAPSHOT_CONTENTS,
  VM_SNAPSHOTS,
  VMIS,
} from '../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import type {
  VirtualMachineRestore,
  VirtualMachineSnapshotContent,
  VolumeRestore,
} from '../../../api/vm-snapshots.ts';
import { SECOND } from '../../../core/duration.ts';
import { createOnce } from '../../../kube/create-once.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import { makeObjectKey, objectKey, splitKey } from '../../../kube/informer.ts';
import { controllerReference, isDeleting } from '../chassis/ownership.ts';
import { withCondition } from './conditions.ts';
import type { ComputeLab } from './lab.ts';
import {
  restoredDisk,
  POPULATED_FOR,
  restoredClaim,
  restoredDataVolume,
  restoredVm,
  wasRestoredBy,
} from './vm-restored.ts';
import { contentName } from './vm-snapshot-content.ts';

/** application.go defaultControllerThreads. */
const WORKERS = 3;

/** A target that still runs is looked at again after this. */
const RETRY_US = 5 * SECOND;

type Status = NonNullable<VirtualMachineRestore['status']>;

function createRoom(lab: ComputeLab, client: KubeClient) {
  return {
    lab,
    client,
    restores: lab.informer(VM_RESTORES),
    snapshots: lab.informer(VM_SNAPSHOTS),
    contents: lab.informer(VM_SNAPSHOT_CONTENTS),
    vms: lab.informer(VIRTUAL_MACHINES),
    vmis: lab.informer(VMIS),
    claims: lab.informer(CLAIMS),
    classes: lab.informer(STORAGE_CLASSES),
    dataVolumes: lab.informer(DATA_VOLUMES),
    volumeSnapshots: lab.informer(SNAPSHOTS),
  };
}

type RestoreRoom = ReturnType<typeof createRoom>;

export function startVmRestores(lab: ComputeLab, client: KubeClient): void {
  const room = createRoom(lab, client);
  const controller = lab.controller({
    name: 'virtualmachinerestore',
    workers: WORKERS,
    reconcile: (key) => reconcile(room, key),
  });
  listen(room, controller);
}

function listen(room: RestoreRoom, controller: Controller): void {
  /** Keys of restores by those of their VMs, and by those of the claims that they make. */
  const byVm = new Map<string, string>();
  const byClaim = new Map<string, string>();
  room.restores.onChange((now, before) => {
    const restore = now ?? before;
    if (restore === undefined) return;
    const { namespace } = restore.metadata;
    const key = makeObjectKey(restore);
    if (now) byVm.set(objectKey(namespace, restore.spec.target.name), key);
    for (const { persistentVolumeClaim: claim } of restore.status?.restores ?? []) {
      if (now) byClaim.set(objectKey(namespace, claim), key);
      else byClaim.delete(objectKey(namespace, claim));
    }
    controller.enqueue(key);
  });
  const lookFor = (keys: Map<string, string>) => (now: Named, before: Named) => {
    const object = now ?? before;
    const key = object && keys.get(makeObjectKey(object as VirtualMachine));
    if (key !== undefined) controller.enqueue(key);
  };
  room.vms.onChange(lookFor(byVm));
  room.vmis.onChange((now, before) => {
    if (!now) lookFor(byVm)(now, before);
  });
  // A DataVolume bears the name of the claim that it takes over.
  room.claims.onChange(lookFor(byClaim));
  room.dataVolumes.onChange(lookFor(byClaim));
}

type Named = { readonly metadata: VirtualMachine['metadata'] } | undefined;

async function reconcile(room: RestoreRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const restore = room.restores.get(namespace, name);
  if (!restore || isDeleting(restore) || restore.status?.complete === true) return undefined;
  const vm = room.vms.get(namespace, restore.spec.target.name);
  const content = findContent(room, restore);
  if (vm === undefined || content === undefined) return undefined;
  if (restore.status === undefined) {
    await begin(room, restore, vm);
    return undefined;
  }
  const claims = await makeClaims(room, restore, vm, content);
  if (claims !== undefined)
    return tell(room, restore, claims, ['Creating new PVCs', 'Waiting for new PVCs']);
  if (room.vmis.get(namespace, vm.metadata.name)) {
    await tell(room, restore, {}, ['', 'Waiting for target to be ready']);
    return { afterUs: RETRY_US };
  }
  const changed = await changeVm(room, restore, vm, content);
  if (changed !== undefined) return tell(room, restore, changed, UPDATING);
  for (const dataVolume of restore.status.deletedDataVolumes ?? []) {
    if (!room.dataVolumes.get(namespace, dataVolume)) continue;
    await ignoreNotFound(
      room.client.remove(DATA_VOLUMES, { namespace: namespace ?? '', name: dataVolume }),
    );
  }
  if (vm.status?.restoreInProgress === name) {
    const { restoreInProgress: _, ...status } = vm.status;
    await room.client.update(VIRTUAL_MACHINES, { ...vm, status }, 'status');
    return tell(room, restore, {}, ['Updating target status', 'Waiting for target update']);
  }
  const done = { complete: true, restoreTime: room.lab.stamp() };
  return tell(room, restore, done, 'Operation complete');
}

const UPDATING = ['Updating target spec', 'Waiting for target update'] as const;

function findContent(
  { snapshots, contents }: RestoreRoom,
  { metadata: { namespace }, spec }: VirtualMachineRestore,
): VirtualMachineSnapshotContent | undefined {
  const snapshot = snapshots.get(namespace, spec.virtualMachineSnapshotName);
  return snapshot && contents.get(namespace, contentName(snapshot));
}

/** The restore is the VM's, and the VM is taken; each is a write of its own. */
async function begin(
  room: RestoreRoom,
  restore: VirtualMachineRestore,
  vm: VirtualMachine,
): Promise<void> {
  if (vm.status?.restoreInProgress === undefined) {
    const status = { ...vm.status, restoreInProgress: restore.metadata.name };
    await room.client.update(VIRTUAL_MACHINES, { ...vm, status }, 'status');
  }
  const metadata = { ...restore.metadata, ownerReferences: [controllerReference(vm)] };
  const status = { complete: false };
  await tell(room, { ...restore, metadata, status }, {}, [
    'Initializing VirtualMachineRestore',
    'Initializing VirtualMachineRestore',
  ]);
}

/** Progressing and Ready with their reasons; of one that is done, one for both. */
async function tell(
  { client, lab }: RestoreRoom,
  restore: VirtualMachineRestore,
  change: Partial<Status>,
  reasons: readonly [progressing: string, ready: string] | string,
): Promise<undefined> {
  const isDone = typeof reasons === 'string';
  const [progressing, ready] = isDone ? [reasons, reasons] : reasons;
  const going = isDone || progressing === '' ? 'False' : 'True';
  const stamp = lab.stamp();
  const before = restore.status?.conditions;
  const conditions = withCondition(
    withCondition(
      before,
      { type: 'Progressing', status: going, reason: progressing === '' ? ready : progressing },
      stamp,
    ),
    { type: 'Ready', status: isDone ? 'True' : 'False', reason: ready },
    stamp,
  );
  const isSame = Object.keys(change).length === 0 && conditions === before;
  if (isSame) return undefined;
  const status = { ...restore.status, ...change, conditions };
  await ignoreNotFound(client.update(VM_RESTORES, { ...restore, status }));
  return undefined;
}

/** What changed of the status, perhaps nothing; undefined once all claims are there. */
async function makeClaims(
  room: RestoreRoom,
  restore: VirtualMachineRestore,
  vm: VirtualMachine,
  content: VirtualMachineSnapshotContent,
): Promise<Partial<Status> | undefined> {
  const { namespace, uid } = restore.metadata;
  const backups = content.spec.volumeBackups ?? [];
  const { restores } = restore.status ?? {};
  if (restores === undefined) {
    const wanted = backups.map(
      ({ volumeName, volumeSnapshotName = '' }): VolumeRestore => ({
        volumeName,
        persistentVolumeClaim: `restore-${uid}-${volumeName}`,
        volumeSnapshotName,
      }),
    );
    return { restores: wanted };
  }
  let isWaiting = false;
  for (const { volumeName, persistentVolumeClaim: name, volumeSnapshotName } of restores) {
    const claim = room.claims.get(namespace, name);
    const backup = backups.find((each) => each.volumeName === volumeName);
    if (claim === undefined && backup !== undefined) {
      const snapshot = room.volumeSnapshots.get(namespace, volumeSnapshotName);
      isWaiting = true;
      const wanted = restoredClaim({ name, vm, restore, backup, snapshot });
      await createOnce(room.client, CLAIMS, wanted);
    } else if (claim && isPending(room, claim)) isWaiting = true;
  }
  return isWaiting ? {} : undefined;
}

/** One that waits for a first consumer has none yet, and is not waited for. */
function isPending({ classes }: RestoreRoom, { spec, status }: PersistentVolumeClaim): boolean {
  const { volumeBindingMode } = classes.get(undefined, spec.storageClassName ?? '') ?? {};
  return status?.phase !== 'Bound' && volumeBindingMode !== 'WaitForFirstConsumer';
}

/** The claims are given to DataVolumes, the VM gets these, and they come to be. */
async function changeVm(
  room: RestoreRoom,
  restore: VirtualMachineRestore,
  vm: VirtualMachine,
  { spec: { source } }: VirtualMachineSnapshotContent,
): Promise<Partial<Status> | undefined> {
  const { client } = room;
  const { namespace } = restore.metadata;
  const kept = source.virtualMachine;
  const { restores = [] } = restore.status ?? {};
  if (kept === undefined) return undefined;
  if (!wasRestoredBy(vm, restore)) {
    const named = restores.map((each) => {
      const dataVolumeName = restoredDisk(kept.spec, each);
      return dataVolumeName === undefined ? each : { ...each, dataVolumeName };
    });
    if (named.some(({ dataVolumeName }, i) => dataVolumeName !== restores[i]?.dataVolumeName)) {
      for (const { persistentVolumeClaim, dataVolumeName } of named) {
        const claim = room.claims.get(namespace, persistentVolumeClaim);
        if (dataVolumeName === undefined || claim === undefined) continue;
        const metadata = {
          annotations: { [POPULATED_FOR]: dataVolumeName },
          ownerReferences: [],
          resourceVersion: claim.metadata.resourceVersion,
        };
        await client.patch(CLAIMS, claim.metadata, { metadata });
      }
      const now = new Set(named.map(({ dataVolumeName }) => dataVolumeName));
      const before = (vm.spec.dataVolumeTemplates ?? []).map(({ metadata }) => metadata.name);
      return {
        restores: named,
        deletedDataVolumes: before.filter((name) => !now.has(name)),
      };
    }
    await client.update(VIRTUAL_MACHINES, restoredVm(vm, kept, restore));
    return {};
  }
  return (await makeDataVolumes(room, restore, vm)) ? undefined : {};
}

/** Whether all of the VM's templates have theirs, as far as they can be without a guest. */
async function makeDataVolumes(
  { client, dataVolumes }: RestoreRoom,
  restore: VirtualMachineRestore,
  vm: VirtualMachine,
): Promise<boolean> {
  let isDone = true;
  for (const template of vm.spec.dataVolumeTemplates ?? []) {
    const dataVolume = dataVolumes.get(vm.metadata.namespace, template.metadata.name);
    if (!SETTLED.has(dataVolume?.status?.phase ?? '')) isDone = false;
    if (dataVolume !== undefined) continue;
    const wanted = restoredDataVolume(vm, template, restore);
    await createOnce(client, DATA_VOLUMES, wanted);
  }
  return isDone;
}

const SETTLED: ReadonlySet<string> = new Set([
  'Succeeded',
  'WaitForFirstConsumer',
  'PendingPopulation',
]);
