/** When the operations of a wave get to what they are waited for, by what they do. */

import type { Goal, Test } from '../../catalogue/tests.ts';
import { moveUs } from '../../parameters/memory-transfer.ts';
import type { PlannedOperation, WaveStep } from '../plan.ts';
import { domainsRun, guestUs, launchersPlaced, podsRun, stopUs, throughVirtApi } from './boots.ts';
import { type Inventory, movedVm, type VmFacts } from './inventory.ts';
import type { Model } from './model.ts';
import { ascending, evenly, later, throughWorkers, type Times } from './stations.ts';
import { snapshotUs, vmsProvisioned, volumesExpanded, volumesFilled } from './volumes.ts';

/** What is asked of virt-api's replicas, in requests of theirs. */
const START_REQUESTS = 3;
const PLUG_REQUESTS = 2;

/**
 * Ascending, since the release of the wave; undefined where it is not known what follows. Unlike
 * operations of one wave share its stations: each is taken from a wave of its like.
 */
export function operationsDone(
  step: WaveStep,
  operations: readonly PlannedOperation[],
  inventory: Inventory,
  model: Model,
): Times | undefined {
  const sent = operations.map(({ offsetUs }) => offsetUs);
  const done = new Map<number, Times>();
  for (const operation of operations) {
    if (done.has(operation.variant)) continue;
    const times = likeDone({ step, operation, sent, inventory, model });
    if (times === undefined) return undefined;
    done.set(operation.variant, times);
  }
  return ascending(operations.map(({ variant }, i) => done.get(variant)?.[i] ?? 0));
}

interface Like {
  readonly step: WaveStep;
  /** All are like this one. */
  readonly operation: PlannedOperation;
  readonly sent: Times;
  readonly inventory: Inventory;
  readonly model: Model;
}

function likeDone(like: Like): Times | undefined {
  const { step, operation, sent, inventory, model } = like;
  const { verb, kind, name } = operation;
  if (step.until === 'none') return later(sent, model.parameters.api.roundTripUs);
  switch (verb) {
    case 'create':
    case 'apply':
      return made(like);
    case 'start':
      return booted(like, inventory.vm(name), sent);
    case 'stop':
      return later(asked(like, sent, START_REQUESTS), stopUs(model));
    case 'delete':
      if (kind === 'VirtualMachine' && inventory.runs(name)) return later(sent, stopUs(model));
      return later(sent, model.look(2));
    case 'act':
      return acted(like);
    default:
      return undefined;
  }
}

function made(like: Like): Times | undefined {
  const { step, operation, sent, inventory, model } = like;
  const asked = later(sent, model.parameters.api.roundTripUs);
  switch (operation.kind) {
    case 'DataVolume': {
      const filling = inventory.filling(step, operation);
      return filling && volumesFilled(asked, filling, model);
    }
    case 'VolumeSnapshot':
      return later(asked, snapshotUs(model));
    case 'VirtualMachine': {
      const vm = inventory.vmToBe(step, operation);
      return vm && vmsProvisioned(asked, vm.fillings, model);
    }
    case 'VirtualMachineInstanceMigration':
      return moved(like, inventory.vm(movedVm(operation.manifest?.()) ?? ''));
    default:
      return undefined;
  }
}

function acted(like: Like): Times | undefined {
  const { step, operation, sent, inventory, model } = like;
  const { action, kind, name } = operation;
  const vm = kind === 'VirtualMachine' ? inventory.vm(name) : undefined;
  if (action?.do === 'subresource' && vm) {
    switch (action.subresource) {
      case 'restart':
        return booted(like, vm, later(asked(like, sent, START_REQUESTS), stopUs(model)));
      case 'addvolume':
        return plugged(asked(like, sent, PLUG_REQUESTS), model);
      default:
        return undefined;
    }
  }
  const expands = action?.do === 'patch' && kind === 'PersistentVolumeClaim';
  if (expands && step.asks?.goals.some(isOfCapacity)) return volumesExpanded(sent, model);
  return undefined;
}

function isOfCapacity({ test }: Goal): boolean {
  return test.is === 'jsonpath' && test.path.includes('.status.capacity');
}

/** By way of virt-api, where it is asked that way. */
function asked({ operation, model }: Like, sent: Times, requests: number): Times {
  if (operation.via === 'patch') return later(sent, model.parameters.api.roundTripUs);
  return throughVirtApi(sent, requests, model);
}

function booted(like: Like, vm: VmFacts | undefined, stopped: Times): Times | undefined {
  const { operation, model } = like;
  if (vm === undefined) return undefined;
  const isStart = operation.verb === 'start';
  const begun = isStart ? asked(like, stopped, START_REQUESTS) : stopped;
  const launched = podsRun(launchersPlaced(begun, model), vm.volumes, model);
  const running = domainsRun(launched, vm, model);
  const after = afterRunningUs(like.step, vm, model);
  return after === undefined ? undefined : later(running, after);
}

/** From Running to what the step waits for; undefined where the guest never gets there. */
function afterRunningUs(
  { until, probe, asks }: WaveStep,
  vm: VmFacts,
  model: Model,
): number | undefined {
  const tests = asks?.goals.map(({ test }) => test) ?? [];
  const probed = probe ?? tests.find((test) => test.is === 'tcp' || test.is === 'http');
  const waitsForAgent = until === 'guestReady' || tests.some(isOfAgent);
  if (probed === undefined && !waitsForAgent) return 0;
  if (vm.guest === undefined) return undefined;
  if (probed === undefined && vm.guest.hasAgent === false) return undefined;
  const listensUs = probed?.is === 'tcp' ? listenUs(vm, probed.port) : 0;
  return guestUs(vm, model) + listensUs + model.look(1);
}

function isOfAgent(test: Test): boolean {
  return test.is === 'condition' && test.type === 'AgentConnected';
}

function listenUs({ guest }: VmFacts, port: number): number {
  return guest?.listens?.find((each) => each.port === port)?.afterUs ?? 0;
}

/** A pod of its own brings the volume to the node, and the handler mounts and plugs it. */
function plugged(asked: Times, model: Model): Times {
  const pods = podsRun(launchersPlaced(asked, model), 1, model);
  return later(pods, model.look(3) + 2 * model.parameters.virtHandler.hotplugTimeUs);
}

/**
 * So many at once, each with a launcher of its own on another node. Who has to wait looks again
 * after a while; all that came together look together.
 */
function moved({ sent, model }: Like, vm: VmFacts | undefined): Times | undefined {
  const { migration } = model.parameters;
  const copyUs = vm && moveUs(vm.memoryBytes, migration);
  if (vm === undefined || copyUs === undefined) return undefined;
  const [alone = 0] = podsRun([0], vm.volumes, model);
  const statusUs = vm.volumes === 0 ? 0 : model.parameters.kubelet.statusIntervalUs;
  const moveAllUs = model.look(8) + copyUs + alone - evenly(0) * statusUs;
  return throughWorkers(sent, migration.parallelPerCluster, (i, freeUs, cameUs) => {
    const waitUs = Math.max(0, freeUs - cameUs);
    const looks = Math.ceil(waitUs / migration.recheckUs);
    const startUs = cameUs + looks * migration.recheckUs;
    return startUs + moveAllUs + evenly(i) * statusUs;
  });
}
