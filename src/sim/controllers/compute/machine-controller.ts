/**
 * virt-controller's VM controller: brings the disks of a VM into being even while it is halted,
 * starts and stops its instance, and says how it is. Known from kubevirt v1.1.1
 * pkg/virt-controller/watch/vm.go; order of steps and names of objects are those of that file.
 */

import type { VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { DATA_VOLUMES, INSTANCES, VIRTUAL_MACHINES } from '../../../api/resources.ts';
import type { DataVolume } from '../../../api/storage.ts';
import { isAlreadyExists, isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, objectKey, splitKey } from '../../../kube/informer.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import { createExpectations, type Expectations } from '../chassis/expectations.ts';
import type { ComputeLab } from './lab.ts';
import { createMachineDisks, type Failure, isRefusal, type MachineDisks } from './machine-disks.ts';
import { buildInstance, MACHINE_FINALIZER } from './machine-objects.ts';
import { machineStatus } from './machine-status.ts';
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
import { sizedMachine } from './sized-machine.ts';
import { createRevisions, type Revisions } from './revisions.ts';
import { isFinal, powerDecision, getRunStrategy, startDelayUs } from './run-strategy.ts';

export function startMachineController(lab: ComputeLab, client: KubeClient): Controller {
  const controller = lab.controller({
    name: 'virtualmachine',
    workers: lab.parameters.virtController.machineWorkers,
    reconcile: (key) => reconcile(room, key),
  });
  const record = lab.recorder('virtualmachine-controller', client).record;
  const room: MachineRoom = {
    lab,
    client,
    machines: lab.informer(VIRTUAL_MACHINES),
    instances: lab.informer(INSTANCES),
    dataVolumes: lab.informer(DATA_VOLUMES),
    disks: createMachineDisks(lab, client, record),
    writes: createOwnWrites(),
    created: createExpectations(lab.clock),
    record,
    revisions: createRevisions(lab, client),
    spread: lab.rng.fork('start back-off'),
  };
  listen(room, controller);
  return controller;
}

interface MachineRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  readonly machines: Informer<VirtualMachine>;
  readonly instances: Informer<VirtualMachineInstance>;
  readonly dataVolumes: Informer<DataVolume>;
  readonly disks: MachineDisks;
  readonly writes: OwnWrites;
  readonly created: Expectations;
  readonly record: EventRecorder['record'];
  readonly revisions: Revisions;
  readonly spread: { next(): number };
}

function listen(room: MachineRoom, controller: Controller): void {
  room.machines.onChange((now, before) => {
    if (!now) {
      if (before) room.writes.forget(before);
    } else if (!room.writes.isEcho(now)) controller.enqueue(makeObjectKey(now));
  });
  room.instances.onChange((now, before) => {
    const object = now ?? before;
    if (!object) return;
    if (!before) room.created.seen(object.metadata.uid ?? '');
    enqueueOwner(controller, object);
  });
  room.dataVolumes.onChange((now, before) => {
    const object = now ?? before;
    if (object && tellsMachines(now, before)) enqueueOwner(controller, object);
  });
}

/** Progress and heartbeats of a DataVolume move no VM. */
function tellsMachines(now: DataVolume | undefined, before: DataVolume | undefined): boolean {
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

async function reconcile(room: MachineRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const machine = room.machines.get(namespace, name);
  if (!machine || room.writes.isBehind(machine)) return undefined;
  const instance = ownInstance(room, machine);
  if (!observedVersions(machine)) {
    const seen = await room.client.update(VIRTUAL_MACHINES, withObservedVersions(machine));
    room.writes.wrote(machine, seen, 'asks');
    return undefined;
  }
  if (isDeleting(machine)) return release(room, machine, instance);
  if (!hasFinalizer(machine, MACHINE_FINALIZER)) {
    const patch = withFinalizer(machine, MACHINE_FINALIZER);
    const held = await room.client.patch(VIRTUAL_MACHINES, machine.metadata, patch);
    room.writes.wrote(machine, held);
    return advance(room, held, instance);
  }
  return advance(room, machine, instance);
}

/** The instance of this VM; one of the same name that somebody else made is not ours. */
function ownInstance(
  room: MachineRoom,
  machine: VirtualMachine,
): VirtualMachineInstance | undefined {
  const instance = room.instances.get(machine.metadata.namespace, machine.metadata.name);
  return instance && isControlledBy(instance, machine) ? instance : undefined;
}

async function advance(
  room: MachineRoom,
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
): Promise<ReconcileResult> {
  let failure = await room.disks.create(machine);
  let result: ReconcileResult;
  const ready = disksAreReady(room.disks.ofTemplates(machine));
  if (ready || getRunStrategy(machine) === 'Halted') {
    const outcome = await power(room, machine, instance);
    failure ??= outcome.failure;
    result = outcome.result;
  }
  await writeStatus(room, machine, instance, failure);
  return result;
}

interface PowerOutcome {
  readonly result: ReconcileResult;
  readonly failure?: Failure;
}

async function power(
  room: MachineRoom,
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
): Promise<PowerOutcome> {
  if (instance && isDeleting(instance)) {
    await releaseInstance(room, instance);
    return { result: undefined };
  }
  const decision = powerDecision(machine, instance);
  if (decision === 'stop' && instance) {
    await stopInstance(room, machine, instance);
    return { result: undefined };
  }
  if (decision !== 'start' || room.created.isPending(makeObjectKey(machine)))
    return { result: undefined };
  const delayUs = startDelayUs(machine, room.lab.clock.wallUs());
  if (delayUs > 0) return { result: { afterUs: delayUs } };
  return { result: undefined, ...(await startInstance(room, machine)) };
}

async function startInstance(
  room: MachineRoom,
  machine: VirtualMachine,
): Promise<{ failure?: Failure }> {
  const { namespace, name } = machine.metadata;
  try {
    const revision = await room.revisions.store(machine);
    const sized = await sizedMachine(room.client, machine);
    const created = await createOrFind(room, sized, revision);
    const seen = room.instances.get(namespace, name);
    if (seen?.metadata.uid !== created.metadata.uid) {
      room.created.expect(makeObjectKey(machine), created.metadata.uid ?? '');
    }
    if (!isControlledBy(created, machine)) {
      const message = `VMI ${name} exists and belongs to somebody else`;
      return { failure: { reason: 'FailedCreate', message } };
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { failure: { reason: 'FailedCreate', message: error.message } };
  }
  const what = 'Started the virtual machine by creating the new virtual machine instance';
  room.record(machine, 'Normal', 'SuccessfulCreate', `${what} ${name}`);
  return {};
}

/** The new instance, or the one of that name whose creation we did not hear of. */
async function createOrFind(
  room: MachineRoom,
  machine: VirtualMachine,
  revision: string,
): Promise<VirtualMachineInstance> {
  try {
    return await room.client.create(INSTANCES, buildInstance(machine, revision));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return room.client.get(INSTANCES, machine.metadata);
  }
}

async function stopInstance(
  room: MachineRoom,
  machine: VirtualMachine,
  instance: VirtualMachineInstance,
): Promise<void> {
  if (isDeleting(instance)) {
    await releaseInstance(room, instance);
    return;
  }
  const { uid } = instance.metadata;
  await ignoringAbsence(
    room.client.remove(INSTANCES, instance.metadata, uid === undefined ? {} : { uid }),
  );
  const what = 'Stopped the virtual machine by deleting the virtual machine instance';
  room.record(machine, 'Normal', 'SuccessfulDelete', `${what} ${uid ?? ''}`);
}

/** A final instance that is being deleted need not wait for its VM any longer. */
async function releaseInstance(room: MachineRoom, instance: VirtualMachineInstance): Promise<void> {
  if (!isFinal(instance) || !hasFinalizer(instance, MACHINE_FINALIZER)) return;
  const patch = withoutFinalizer(instance, MACHINE_FINALIZER);
  await ignoringAbsence(room.client.patch(INSTANCES, instance.metadata, patch));
}

/** The VM is being deleted: its instance first, unless the deletion orphans it. */
async function release(
  room: MachineRoom,
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
): Promise<ReconcileResult> {
  const orphaned = hasFinalizer(machine, 'orphan');
  if (instance && orphaned && hasFinalizer(instance, MACHINE_FINALIZER)) {
    const patch = withoutFinalizer(instance, MACHINE_FINALIZER);
    await ignoringAbsence(room.client.patch(INSTANCES, instance.metadata, patch));
  }
  if (instance && !orphaned) {
    await stopInstance(room, machine, instance);
    await writeStatus(room, machine, instance, undefined);
    return undefined;
  }
  if (!hasFinalizer(machine, MACHINE_FINALIZER)) return undefined;
  const patch = withoutFinalizer(machine, MACHINE_FINALIZER);
  const released = await ignoringAbsence(
    room.client.patch(VIRTUAL_MACHINES, machine.metadata, patch),
  );
  if (released) room.writes.wrote(machine, released);
  return undefined;
}

async function writeStatus(
  room: MachineRoom,
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
  failure: Failure | undefined,
): Promise<void> {
  const status = machineStatus({
    machine,
    instance,
    ...room.disks.behindVolumes(machine),
    startPending: room.created.isPending(makeObjectKey(machine)),
    wallUs: room.lab.clock.wallUs(),
    spread: failureSpread(room, instance),
    failure,
  });
  if (status === machine.status) return;
  const written = await ignoringAbsence(
    room.client.update(VIRTUAL_MACHINES, { ...machine, status }, 'status'),
  );
  if (written) room.writes.wrote(machine, written);
}

/** Drawn only where it is used, so that healthy VMs leave the stream alone. */
function failureSpread(room: MachineRoom, instance: VirtualMachineInstance | undefined): number {
  return instance?.status?.phase === 'Failed' ? room.spread.next() : 0;
}

/** What `request` gives; undefined where its object is gone. */
async function ignoringAbsence<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
