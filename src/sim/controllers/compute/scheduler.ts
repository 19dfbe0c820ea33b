/**
 * kube-scheduler: one loop that takes one pod at a time, decides, and binds. A pod that fits
 * nowhere waits among those that ask for the same until something is given back; then one of each
 * kind is tried, and the next only if that one fitted. One whose claims are not bound is tried
 * again when volumes or claims change.
 */

import type { Node, Pod } from '../../../api/compute.ts';
import { claimNames } from '../../../api/pod-claims.ts';
import { NODES, PODS } from '../../../api/resources.ts';
import { type PodDemand, podDemand } from '../../../capacity/pod-demand.ts';
import { SECOND } from '../../../core/duration.ts';
import { createFifo, type Fifo } from '../../../core/fifo.ts';
import { isConflict, isNotFound } from '../../../kube/api-error.ts';
import { backoffUs } from '../../../kube/backoff.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { objectPath } from '../../../kube/paths.ts';
import { findNeighbours } from './pod-affinity.ts';
import { findCondition, withCondition } from './conditions.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import { isPodDown } from './vmi-status.ts';
import type { ComputeLab } from './lab.ts';
import { isDeleting } from '../chassis/ownership.ts';
import { createVolumeBinding, type VolumeBinding } from './volume-binding.ts';
import { createVolumeWaiters, type VolumeWaiters } from './volume-waiters.ts';
import { createPlacement, type Placement, unschedulableMessage } from './placement.ts';

export function startScheduler(lab: ComputeLab): void {
  const client = lab.client({ component: 'kube-scheduler' });
  const room: SchedulerRoom = {
    lab,
    client,
    pods: lab.informer(PODS),
    placement: createPlacement(lab.rng.fork('scheduler')),
    volumes: createVolumeBinding(lab, client),
    waiters: createVolumeWaiters(lab, (key) => enqueueAgain(room, key)),
    queue: createFifo(),
    queued: new Set(),
    parked: new Map(),
    retries: new Map(),
    refused: new Map(),
    reports: lab.controller({
      name: 'scheduler report',
      workers: Number.POSITIVE_INFINITY,
      reconcile: (key) => tellUnschedulable(room, key),
    }),
    record: lab.recorder('default-scheduler', client).record,
    busy: false,
  };
  lab.informer(NODES).onChange((now, before) => nodeChanged(room, now, before));
  room.pods.onChange((now, before) => podChanged(room, now, before));
  lab.whenSynced(() => next(room));
}

interface SchedulerRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  readonly pods: Informer<Pod>;
  readonly placement: Placement;
  readonly volumes: VolumeBinding;
  readonly waiters: VolumeWaiters;
  /** Keys of pods to place. */
  readonly queue: Fifo<string>;
  readonly queued: Set<string>;
  /** Pods that fit nowhere, by what they ask for. */
  readonly parked: Map<string, Fifo<string>>;
  /** Failed bindings by pod key. */
  readonly retries: Map<string, number>;
  /** Why a pod was last refused, until that is written into it. */
  readonly refused: Map<string, string>;
  readonly reports: Controller;
  readonly record: EventRecorder['record'];
  busy: boolean;
}

const RETRY = { firstUs: SECOND, maxUs: 10 * SECOND, factor: 2 };

function nodeChanged(room: SchedulerRoom, now: Node | undefined, before: Node | undefined): void {
  if (now) {
    if (before && !placesDiffer(now, before)) return;
    room.placement.putNode(now);
    unpark(room);
  } else if (before) room.placement.dropNode(before.metadata.name);
}

/** A node reports its volumes far more often than it changes for the scheduler. */
function placesDiffer(now: Node, before: Node): boolean {
  return (
    now.status?.allocatable !== before.status?.allocatable ||
    findCondition(now.status?.conditions, 'Ready')?.status !==
      findCondition(before.status?.conditions, 'Ready')?.status ||
    now.spec !== before.spec ||
    now.metadata.labels !== before.metadata.labels ||
    isDeleting(now) !== isDeleting(before)
  );
}

function podChanged(room: SchedulerRoom, now: Pod | undefined, before: Pod | undefined): void {
  if (!now) {
    if (before) giveBack(room, before);
    return;
  }
  const uid = now.metadata.uid ?? '';
  const { nodeName } = now.spec;
  if (isPodDown(now)) giveBack(room, now);
  else if (nodeName === undefined) {
    if (!room.waiters.has(now)) enqueue(room, now);
  } else if (before?.spec.nodeName !== nodeName) {
    room.placement.reserve(uid, nodeName, podDemand(now));
  }
}

function giveBack(room: SchedulerRoom, pod: Pod): void {
  room.volumes.forget(pod);
  room.waiters.forget(pod);
  if (room.placement.release(pod.metadata.uid ?? '')) unpark(room);
}

function enqueue(room: SchedulerRoom, pod: Pod): void {
  if (isDeleting(pod) || room.placement.isReserved(pod.metadata.uid ?? '')) return;
  if ((pod.spec.schedulerName ?? DEFAULT_SCHEDULER) !== DEFAULT_SCHEDULER) return;
  const key = makeObjectKey(pod);
  if (room.queued.has(key)) return;
  room.queued.add(key);
  room.queue.push(key);
  next(room);
}

const DEFAULT_SCHEDULER = 'default-scheduler';

/** Takes the next pod, unless one is being placed. */
function next(room: SchedulerRoom): void {
  if (room.busy || !room.lab.synced || room.lab.stopped) return;
  for (let key = room.queue.shift(); key !== undefined; key = room.queue.shift()) {
    const { namespace, name } = splitKey(key);
    const pod = room.pods.get(namespace, name);
    room.queued.delete(key);
    if (!pod || pod.spec.nodeName !== undefined || isDeleting(pod)) continue;
    place(room, pod, key);
    return;
  }
}

function place(room: SchedulerRoom, pod: Pod, key: string): void {
  room.busy = true;
  room.lab.clock.schedule(room.lab.parameters.scheduler.bindTimeUs, () => {
    room.busy = false;
    if (room.lab.stopped) return;
    const obstacle = room.volumes.findObstacle(pod);
    if (obstacle !== undefined) {
      room.waiters.refused(pod, claimNames(pod));
      refuse(room, pod, key, `0/${room.placement.size} nodes are available: ${obstacle}.`);
      return next(room);
    }
    room.waiters.forget(pod);
    const demand = podDemand(pod);
    const decision = room.placement.choose(demand, findNeighbours(pod, room.pods.values()));
    if (decision.fits) {
      room.placement.reserve(pod.metadata.uid ?? '', decision.node, demand);
      const { node } = decision;
      const end = {
        bound: () => room.lab.launch(bind(room, pod, key, node)),
        tooLate: () => giveUpBinding(room, pod, key),
      };
      room.lab.launch(room.volumes.whenBound(pod, node, end));
      wakeLike(room, demand);
    } else {
      park(room, key, demand);
      refuse(room, pod, key, unschedulableMessage(decision));
    }
    next(room);
  });
}

function refuse(room: SchedulerRoom, pod: Pod, key: string, message: string): void {
  room.record(pod, 'Warning', 'FailedScheduling', message);
  room.refused.set(key, message);
  room.reports.enqueue(key);
}

async function bind(room: SchedulerRoom, pod: Pod, key: string, node: string): Promise<void> {
  const { namespace, name, uid } = pod.metadata;
  try {
    await room.client.raw({
      method: 'POST',
      path: objectPath(PODS, pod.metadata, 'binding'),
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      },
    });
    room.retries.delete(key);
  } catch (error) {
    room.placement.release(uid ?? '');
    // A conflict may be an earlier try of ours whose answer was lost.
    const seen = room.pods.get(namespace, name);
    if (seen?.spec.nodeName) {
      room.placement.reserve(uid ?? '', seen.spec.nodeName, podDemand(seen));
    }
    if (isNotFound(error) || isConflict(error)) return;
    retry(room, key);
    throw error;
  }
  const message = `Successfully assigned ${namespace}/${name} to ${node}`;
  room.record(pod, 'Normal', 'Scheduled', message);
}

/** Its volumes were not bound in time: the node gets its share back, and the pod another try. */
function giveUpBinding(room: SchedulerRoom, pod: Pod, key: string): void {
  if (room.lab.stopped) return;
  room.record(pod, 'Warning', 'FailedScheduling', UNBOUND_IN_TIME);
  if (room.placement.release(pod.metadata.uid ?? '')) unpark(room);
  retry(room, key);
}

const UNBOUND_IN_TIME =
  'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded';

function retry(room: SchedulerRoom, key: string): void {
  const attempt = room.retries.get(key) ?? 0;
  room.retries.set(key, attempt + 1);
  room.lab.clock.schedule(backoffUs(RETRY, attempt), () => enqueueAgain(room, key));
}

function enqueueAgain(room: SchedulerRoom, key: string): void {
  const { namespace, name } = splitKey(key);
  const pod = room.pods.get(namespace, name);
  if (pod && pod.spec.nodeName === undefined) enqueue(room, pod);
}

/** Says so once; a pod that somebody else wrote to meanwhile is tried again. */
async function tellUnschedulable(room: SchedulerRoom, key: string): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const pod = room.pods.get(namespace, name);
  const message = room.refused.get(key);
  room.refused.delete(key);
  if (!pod || message === undefined || pod.spec.nodeName !== undefined) return;
  if (findCondition(pod.status?.conditions, 'PodScheduled')?.status === 'False') return;
  const value = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
  } as const;
  const conditions = withCondition(pod.status?.conditions, value, room.lab.stamp());
  try {
    await room.client.update(PODS, { ...pod, status: { ...pod.status, conditions } }, 'status');
  } catch (error) {
    if (isNotFound(error)) return;
    room.refused.set(key, message);
    throw error;
  }
}

function describeRequest({ cpuMillis, memoryBytes, others, nodeSelector }: PodDemand): string {
  const selector = nodeSelector ? Object.entries(nodeSelector).flat().join() : '';
  return `${cpuMillis} ${memoryBytes} ${others.flat().join()} ${selector}`;
}

function park(room: SchedulerRoom, key: string, demand: PodDemand): void {
  const kind = describeRequest(demand);
  let line = room.parked.get(kind);
  if (!line) {
    line = createFifo();
    room.parked.set(kind, line);
  }
  line.push(key);
  room.queued.add(key);
}

/** Something was given back: one pod of each kind may fit now. */
function unpark(room: SchedulerRoom): void {
  for (const kind of room.parked.keys()) wakeOne(room, kind);
}

/** A pod fitted: perhaps another of its kind does too. */
function wakeLike(room: SchedulerRoom, demand: PodDemand): void {
  if (room.parked.size > 0) wakeOne(room, describeRequest(demand));
}

function wakeOne(room: SchedulerRoom, kind: string): void {
  const line = room.parked.get(kind);
  if (!line) return;
  const key = shiftLive(room, line);
  if (line.size === 0) room.parked.delete(kind);
  if (key === undefined) return;
  room.queue.push(key);
  next(room);
}

/** The first pod of the line that still wants a node. */
function shiftLive(room: SchedulerRoom, line: Fifo<string>): string | undefined {
  for (let key = line.shift(); key !== undefined; key = line.shift()) {
    const { namespace, name } = splitKey(key);
    const pod = room.pods.get(namespace, name);
    if (pod && pod.spec.nodeName === undefined && !isDeleting(pod)) return key;
    room.queued.delete(key);
  }
  return undefined;
}
