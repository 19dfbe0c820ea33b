/**
 * virt-controller's VM controller: brings the disks of a VM into being even while it is halted,
 * starts and stops its VMI, and says how it is. Known from kubevirt v1.1.1
 * pkg/virt-controller/watch/vm.go; order of steps and names of objects are those of that file.
 */

import type { VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { DATA_VOLUMES, VMIS, VIRTUAL_MACHINES } from '../../../api/resources.ts';
import type { DataVolume } from '../../../api/storage.ts';
import { ignoreNotFound, isAlreadyExists } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, objectKey, splitKey } from '../../../kube/informer.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import { createExpectations, type Expectations } from '../chassis/expectations.ts';
import type { ComputeLab } from './lab.ts';
import { createVmDisks, type Failure, isRefusal, type VmDisks } from './vm-disks.ts';
import { buildVmi, VM_FINALIZER } from './vm-objects.ts';
import { vmStatus } from './vm-status.ts';
import { workOffVolumeRequests } from './vm-volume-requests.ts';
import { observedVersions, withObservedVersions } from './observed-version.ts';
import { createOwnWrites, type OwnWrites } from '../chassis/own-writes.ts';
import {
  findController,
  hasFinalizer,
  isControlledBy,
  isDeleting,
  withFinalizer,
  withoutFinalizer,
} from '../chassis/ownership.ts';
import { disksAreReady } from './printable-status.ts';
import { sizedVm } from './sized-vm.ts';
import { createRevisions, type Revisions } from './revisions.ts';
import { isFinal, powerDecision, getRunStrategy, startDelayUs } from './run-strategy.ts';

export function startVmController(lab: ComputeLab, client: KubeClient): Controller {
  const controller = lab.controller({
    name: 'virtualmachine',
    workers: lab.parameters.virtController.machineWorkers,
    reconcile: (key) => reconcile(room, key),
  });
  const record = lab.recorder('virtualmachine-controller', client).record;
  const room: VmRoom = {
    lab,
    client,
    vms: lab.informer(VIRTUAL_MACHINES),
    vmis: lab.informer(VMIS),
    dataVolumes: lab.informer(DATA_VOLUMES),
    disks: createVmDisks(lab, client, record),
    writes: createOwnWrites(),
    created: createExpectations(lab.clock),
    record,
    revisions: createRevisions(lab, client),
    spread: lab.rng.fork('start back-off'),
  };
  listen(room, controller);
  return controller;
}

interface VmRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  readonly vms: Informer<VirtualMachine>;
  readonly vmis: Informer<VirtualMachineInstance>;
  readonly dataVolumes: Informer<DataVolume>;
  readonly disks: VmDisks;
  readonly writes: OwnWrites;
  readonly created: Expectations;
  readonly record: EventRecorder['record'];
  readonly revisions: Revisions;
  readonly spread: { next(): number };
}

function listen(room: VmRoom, controller: Controller): void {
  room.vms.onChange((now, before) => {
    if (!now) {
      if (before) room.writes.forget(before);
    } else if (!room.writes.isEcho(now)) controller.enqueue(makeObjectKey(now));
  });
  room.vmis.onChange((now, before) => {
    const object = now ?? before;
    if (!object) return;
    if (!before) room.created.seen(object.metadata.uid ?? '');
    enqueueOwner(controller, object);
  });
  room.dataVolumes.onChange((now, before) => {
    const object = now ?? before;
    if (object && tellsVms(now, before)) enqueueOwner(controller, object);
  });
}

/** Progress and heartbeats of a DataVolume move no VM. */
function tellsVms(now: DataVolume | undefined, before: DataVolume | undefined): boolean {
  if (!now || !before || isDeleting(now) !== isDeleting(before)) return true;
  return (
    now.status?.phase !== before.status?.phase ||
    now.status?.conditions !== before.status?.conditions
  );
}

function enqueueOwner(controller: Controller, object: KubeObject): void {
  const owner = findController(object, VIRTUAL_MACHINES.kind);
  if (owner) controller.enqueue(objectKey(object.metadata.namespace, owner.name));
}

async function reconcile(room: VmRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const vm = room.vms.get(namespace, name);
  if (!vm || room.writes.isBehind(vm)) return undefined;
  const vmi = ownVmi(room, vm);
  if (!observedVersions(vm)) {
    const seen = await room.client.update(VIRTUAL_MACHINES, withObservedVersions(vm));
    room.writes.wrote(vm, seen, 'asks');
    return undefined;
  }
  if (isDeleting(vm)) return release(room, vm, vmi);
  if (!hasFinalizer(vm, VM_FINALIZER)) {
    const patch = withFinalizer(vm, VM_FINALIZER);
    const held = await room.client.patch(VIRTUAL_MACHINES, vm.metadata, patch);
    room.writes.wrote(vm, held);
    return advance(room, held, vmi);
  }
  return advance(room, vm, vmi);
}

/** The instance of this VM; one of the same name that somebody else made is not ours. */
function ownVmi(room: VmRoom, vm: VirtualMachine): VirtualMachineInstance | undefined {
  const vmi = room.vmis.get(vm.metadata.namespace, vm.metadata.name);
  return vmi && isControlledBy(vmi, vm) ? vmi : undefined;
}

async function advance(
  room: VmRoom,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): Promise<ReconcileResult> {
  const plugged = await workOffVolumeRequests(room.client, vm, vmi);
  if (plugged) {
    room.writes.wrote(vm, plugged, 'asks');
    return undefined;
  }
  let failure = await room.disks.create(vm);
  let result: ReconcileResult;
  const ready = disksAreReady(room.disks.ofTemplates(vm));
  if (ready || getRunStrategy(vm) === 'Halted') {
    const outcome = await power(room, vm, vmi);
    failure ??= outcome.failure;
    result = outcome.result;
  }
  await writeStatus(room, vm, vmi, failure);
  return result;
}

interface PowerOutcome {
  readonly result: ReconcileResult;
  readonly failure?: Failure;
}

async function power(
  room: VmRoom,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): Promise<PowerOutcome> {
  if (vmi && isDeleting(vmi)) {
    await releaseVmi(room, vmi);
    return { result: undefined };
  }
  const decision = powerDecision(vm, vmi);
  if (decision === 'stop' && vmi) {
    await stopVmi(room, vm, vmi);
    return { result: undefined };
  }
  if (decision !== 'start' || room.created.isPending(makeObjectKey(vm)))
    return { result: undefined };
  const delayUs = startDelayUs(vm, room.lab.clock.wallUs());
  if (delayUs > 0) return { result: { afterUs: delayUs } };
  return { result: undefined, ...(await startVmi(room, vm)) };
}

async function startVmi(room: VmRoom, vm: VirtualMachine): Promise<{ failure?: Failure }> {
  const { namespace, name } = vm.metadata;
  try {
    const revision = await room.revisions.store(vm);
    const sized = await sizedVm(room.client, vm);
    const created = await createOrFind(room, sized, revision);
    const seen = room.vmis.get(namespace, name);
    if (seen?.metadata.uid !== created.metadata.uid) {
      room.created.expect(makeObjectKey(vm), created.metadata.uid ?? '');
    }
    if (!isControlledBy(created, vm)) {
      const message = `VMI ${name} exists and belongs to somebody else`;
      return { failure: { reason: 'FailedCreate', message } };
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { failure: { reason: 'FailedCreate', message: error.message } };
  }
  const what = 'Started the virtual machine by creating the new virtual machine instance';
  room.record(vm, 'Normal', 'SuccessfulCreate', `${what} ${name}`);
  return {};
}

/** The new VMI, or the one of that name whose creation we did not hear of. */
async function createOrFind(
  room: VmRoom,
  vm: VirtualMachine,
  revision: string,
): Promise<VirtualMachineInstance> {
  try {
    return await room.client.create(VMIS, buildVmi(vm, revision, room.lab.parameters));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return room.client.get(VMIS, vm.metadata);
  }
}

async function stopVmi(
  room: VmRoom,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance,
): Promise<void> {
  if (isDeleting(vmi)) {
    await releaseVmi(room, vmi);
    return;
  }
  const { uid } = vmi.metadata;
  await ignoreNotFound(room.client.remove(VMIS, vmi.metadata, uid === undefined ? {} : { uid }));
  const what = 'Stopped the virtual machine by deleting the virtual machine instance';
  room.record(vm, 'Normal', 'SuccessfulDelete', `${what} ${uid ?? ''}`);
}

/** A final VMI that is being deleted need not wait for its VM any longer. */
async function releaseVmi(room: VmRoom, vmi: VirtualMachineInstance): Promise<void> {
  if (!isFinal(vmi) || !hasFinalizer(vmi, VM_FINALIZER)) return;
  const patch = withoutFinalizer(vmi, VM_FINALIZER);
  await ignoreNotFound(room.client.patch(VMIS, vmi.metadata, patch));
}

/** The VM is being deleted: its VMI first, unless the deletion orphans it. */
async function release(
  room: VmRoom,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): Promise<ReconcileResult> {
  const orphaned = hasFinalizer(vm, 'orphan');
  if (vmi && orphaned && hasFinalizer(vmi, VM_FINALIZER)) {
    const patch = withoutFinalizer(vmi, VM_FINALIZER);
    await ignoreNotFound(room.client.patch(VMIS, vmi.metadata, patch));
  }
  if (vmi && !orphaned) {
    await stopVmi(room, vm, vmi);
    await writeStatus(room, vm, vmi, undefined);
    return undefined;
  }
  if (!hasFinalizer(vm, VM_FINALIZER)) return undefined;
  const patch = withoutFinalizer(vm, VM_FINALIZER);
  const released = await ignoreNotFound(room.client.patch(VIRTUAL_MACHINES, vm.metadata, patch));
  if (released) room.writes.wrote(vm, released);
  return undefined;
}

async function writeStatus(
  room: VmRoom,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  failure: Failure | undefined,
): Promise<void> {
  const status = vmStatus({
    vm,
    vmi,
    ...room.disks.behindVolumes(vm),
    startPending: room.created.isPending(makeObjectKey(vm)),
    wallUs: room.lab.clock.wallUs(),
    release: room.lab.parameters.release,
    spread: failureSpread(room, vmi),
    failure,
  });
  if (status === vm.status) return;
  const written = await ignoreNotFound(
    room.client.update(VIRTUAL_MACHINES, { ...vm, status }, 'status'),
  );
  if (written) room.writes.wrote(vm, written);
}

/** Drawn only where it is used, so that healthy VMs leave the stream alone. */
function failureSpread(room: VmRoom, vmi: VirtualMachineInstance | undefined): number {
  return vmi?.status?.phase === 'Failed' ? room.spread.next() : 0;
}
