/** When the operations of a wave get to what they are waited for, by what they do. */

import type { Goal, Test } from '../../catalogue/tests.ts';
import { moveUs } from '../../parameters/memory-transfer.ts';
import type { PlannedOperation, WaveStep } from '../plan.ts';
import { domainsRun, guestUs, launchersPlaced, podsRun, stopUs, throughVirtApi } from './boots.ts';
import { copiedVm, type Inventory, movedVm, type VmFacts } from './inventory.ts';
import type { Model } from './model.ts';
import { switchesOn } from './machines.ts';
import { bootedUs, endedUs, evictedUs, foundUs, leftUs, switchUs } from './outages.ts';
import { ascending, evenly, later, throughWorkers, type Times } from './stations.ts';
import {
  snapshotUs,
  vmsProvisioned,
  vmsRestored,
  vmsSnapshotted,
  volumesExpanded,
  volumesFilled,
} from './volumes.ts';

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
    const times = likeDone({ step, operation, operations, sent, inventory, model });
    if (times === undefined) return undefined;
    done.set(operation.variant, times);
  }
  return ascending(operations.map(({ variant }, i) => done.get(variant)?.[i] ?? 0));
}

interface Like {
  readonly step: WaveStep;
  /** All are like this one. */
  readonly operation: PlannedOperation;
  readonly operations: readonly PlannedOperation[];
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
    case 'VirtualMachineSnapshot': {
      const vm = inventory.vm(copiedVm(operation.manifest?.(), 'source') ?? '');
      return vm && waitsFor(like, 'readyToUse') && vmsSnapshotted(asked, vm.volumes, model);
    }
    case 'VirtualMachineRestore': {
      const vm = inventory.vm(copiedVm(operation.manifest?.(), 'target') ?? '');
      return vm && waitsFor(like, 'complete') && vmsRestored(asked, vm.volumes, model);
    }
    default:
      return undefined;
  }
}

/** Undefined where its last goal is another field of the status. */
function waitsFor({ step }: Like, field: string): true | undefined {
  const test = step.asks?.goals.at(-1)?.test;
  return test?.is === 'jsonpath' && test.path === `{.status.${field}}` ? true : undefined;
}

function acted(like: Like): Times | undefined {
  const { step, operation, sent, inventory, model } = like;
  const { action, kind, name } = operation;
  const vm = kind === 'VirtualMachine' ? inventory.vm(name) : undefined;
  switch (action?.do) {
    case 'watch':
      return watched(like);
    case 'evict':
      return kind === 'Pod' ? evicted(like) : undefined;
    case 'subresource':
      if (vm === undefined) return undefined;
      if (action.subresource === 'restart') {
        return booted(like, vm, later(asked(like, sent, START_REQUESTS), stopUs(model)));
      }
      if (action.subresource !== 'addvolume') return undefined;
      return plugged(asked(like, sent, PLUG_REQUESTS), model);
    default:
  }
  const expands = action?.do === 'patch' && kind === 'PersistentVolumeClaim';
  if (expands && step.asks?.goals.some(isOfCapacity)) return volumesExpanded(sent, model);
  if (switchesOn(operation) !== undefined) return later(sent, switchUs(sent.length, model));
  const asks = action?.do === 'patch' || action?.do === 'taint';
  return asks && isSaid(like) ? later(sent, model.parameters.api.roundTripUs) : undefined;
}

/** What happens by itself: to nodes without power, and to the VMs on them. */
function watched(like: Like): Times | undefined {
  const { step, operation, operations, inventory, model } = like;
  const outage = inventory.machines.outage();
  const goal = step.asks?.goals.at(-1);
  if (outage === undefined || goal === undefined || goal.tally !== undefined) return undefined;
  const { test } = goal;
  const backUs = bootedUs(outage.nodes.length, model);
  const ofNodes = (names: readonly (string | undefined)[], us: (back: number) => number) =>
    names.map((name) => {
      const rank = outage.nodes.indexOf(name ?? '');
      return rank < 0 ? 0 : us(backUs[rank] ?? 0);
    });
  const names = operations.map(({ name }) => name);
  switch (goal.of?.kind ?? operation.kind) {
    case 'Node':
      if (test.is !== 'condition' || test.type !== 'Ready') return undefined;
      if (test.status === 'True') {
        return outage.isBack ? ofNodes(names, (us) => us + model.look(1)) : undefined;
      }
      return outage.isBack ? undefined : ofNodes(names, () => foundUs(model));
    case 'VirtualMachineInstance': {
      if (isOfReadiness(test)) return names.map(() => foundUs(model) + model.look(2));
      if (isOfEviction(test)) return names.map(() => evictedUs(outage, model));
      const endUs = outage.isBack ? endedUs(model) : 0;
      const goneUs = leftUs(outage, model);
      if (!outage.isBack && goneUs === undefined) return undefined;
      const nodes = names.map((name) => inventory.machines.nodeOf(name));
      const gone = ascending(ofNodes(nodes, (us) => (outage.isBack ? us + endUs : (goneUs ?? 0))));
      if (test.is === 'gone') return gone;
      return booted(like, inventory.vm(operation.name), gone);
    }
    default:
      return undefined;
  }
}

function isOfReadiness(test: Test): boolean {
  return test.is === 'condition' && test.type === 'Ready' && test.status === 'False';
}

/** As virt-controller says it of a launcher that is to go. */
function isOfEviction(test: Test): boolean {
  return test.is === 'jsonpath' && test.value === 'PodTerminating';
}

/** What is waited for is no more than what is asked, or than what there is already. */
function isSaid({ step, inventory }: Like): boolean {
  return (step.asks?.goals ?? []).every(({ test, of, tally }) => {
    if (tally !== undefined) {
      const isOfVms = tally.kind === 'VirtualMachineInstance';
      return isOfVms && inventory.machines.countOn(tally.labels) === tally.is;
    }
    if (of !== undefined) return false;
    return test.is === 'exists' || (test.is === 'jsonpath' && ASKED.test(test.path));
  });
}

/** Of an object, what belongs to who asks. */
const ASKED = /^\{\.(?:spec|metadata)\b/;

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

function isOfEnd(test: Test): boolean {
  return test.is === 'jsonpath' && test.path === '{.status.phase}' && test.value === 'Succeeded';
}

/** A launcher that is to go moves its VM, and ends once it has. */
function evicted(like: Like): Times | undefined {
  const { step, operation, inventory, model } = like;
  const { stopTimeUs } = model.parameters.kubelet;
  const isAwaited = step.asks?.goals.every(({ test, of }) => of === undefined && isOfEnd(test));
  const isLauncher = step.select?.of.kind === 'Pod' && isAwaited;
  const vm = isLauncher ? inventory.vm(operation.name) : undefined;
  const moves = vm?.isMovedAway ? moved(like, vm, 1) : undefined;
  return moves && later(moves, stopTimeUs + model.look(2));
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
function moved({ sent, model }: Like, vm: VmFacts | undefined, nodes?: number): Times | undefined {
  const { migration } = model.parameters;
  const { parallelPerCluster, parallelOutboundPerNode } = migration;
  const most = (nodes ?? Number.POSITIVE_INFINITY) * parallelOutboundPerNode;
  const copyUs = vm && moveUs(vm.memoryBytes, migration);
  if (vm === undefined || copyUs === undefined) return undefined;
  const [alone = 0] = podsRun([0], vm.volumes, model);
  const statusUs = vm.volumes === 0 ? 0 : model.parameters.kubelet.statusIntervalUs;
  const moveAllUs = model.look(8) + copyUs + alone - evenly(0) * statusUs;
  return throughWorkers(sent, Math.min(parallelPerCluster, most), (i, freeUs, cameUs) => {
    const waitUs = Math.max(0, freeUs - cameUs);
    const looks = Math.ceil(waitUs / migration.recheckUs);
    const startUs = cameUs + looks * migration.recheckUs;
    return startUs + moveAllUs + evenly(i) * statusUs;
  });
}
