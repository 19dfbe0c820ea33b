/**
 * The virt-handlers of all nodes in one: each instance that is scheduled on a node gets its domain,
 * and the instance's status follows the domain. Requests wait for the bucket of their own node.
 */

import type { VirtualMachineInstance } from '../../../api/compute.ts';
import { INSTANCES } from '../../../api/resources.ts';
import type { Transport } from '../../../api/transport.ts';
import { SECOND } from '../../../core/duration.ts';
import { isNotFound } from '../../../kube/api-error.ts';
import { createClient, type KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { createTokenBucket, type RateLimiter } from '../../../kube/rate-limit.ts';
import type { DomainRequest, Hypervisor } from '../../hardware/node/hypervisor.ts';
import { isTrue } from './conditions.ts';
import { domainStatus } from './domain-status.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import type { ComputeLab } from './lab.ts';
import { claimVolumes, graceSeconds } from './launcher-pod.ts';
import type { LauncherPods } from './launcher-pods.ts';
import type { NodeClocks } from './node-clocks.ts';
import type { NodePower } from './node-power.ts';
import { createOwnWrites, type OwnWrites } from '../chassis/own-writes.ts';
import { isDeleting } from '../chassis/ownership.ts';
import type { PodVolumes } from './pod-volumes.ts';

export interface HandlerParts {
  readonly lab: ComputeLab;
  readonly clocks: NodeClocks;
  readonly hypervisor: Hypervisor;
  readonly launchers: LauncherPods;
  readonly podVolumes: PodVolumes;
  readonly power: NodePower;
  /** Guests that power on and never come up. */
  readonly neverBoots: (instance: VirtualMachineInstance) => boolean;
  /** For whom the handler of a node writes. */
  readonly handlerTransport: (node: string) => Transport;
}

export interface VirtHandlers {
  /** The domain of this instance changed. */
  domainChanged(instanceUid: string): void;
}

export function startVirtHandlers(parts: HandlerParts): VirtHandlers {
  const { lab } = parts;
  const client = lab.client({ component: 'virt-handler' });
  const room: HandlerRoom = {
    ...parts,
    clients: new Map(),
    instances: lab.informer(INSTANCES),
    keys: new Map(),
    buckets: new Map(),
    writes: createOwnWrites(),
    record: lab.recorder('virt-handler', client).record,
  };
  // Ten workers on each node never queue at one or two starts a node and wave.
  const workers = Number.POSITIVE_INFINITY;
  const controller = lab.controller({
    name: 'virt-handler',
    workers,
    reconcile: (key) => reconcile(room, key),
  });
  room.instances.onChange((now, before) => instanceChanged(room, controller, now, before));
  parts.power.onChange((node, down) => {
    if (down) return;
    for (const instance of room.instances.values()) {
      if (instance.status?.nodeName === node) controller.enqueue(makeObjectKey(instance));
    }
  });
  return {
    domainChanged(instanceUid) {
      const key = room.keys.get(instanceUid);
      if (key !== undefined) controller.enqueue(key);
    },
  };
}

interface HandlerRoom extends HandlerParts {
  /** By node. */
  readonly clients: Map<string, KubeClient>;
  readonly instances: Informer<VirtualMachineInstance>;
  /** Keys of instances that a node has, by UID. */
  readonly keys: Map<string, string>;
  /** By node. */
  readonly buckets: Map<string, RateLimiter>;
  readonly writes: OwnWrites;
  readonly record: EventRecorder['record'];
}

function instanceChanged(
  room: HandlerRoom,
  controller: Controller,
  now: VirtualMachineInstance | undefined,
  before: VirtualMachineInstance | undefined,
): void {
  const instance = now ?? before;
  if (instance?.status?.nodeName === undefined) return;
  const uid = instance.metadata.uid ?? '';
  if (!now) {
    room.keys.delete(uid);
    room.writes.forget(instance);
    room.hypervisor.destroy(uid);
    room.hypervisor.forget(uid);
    return;
  }
  if (!room.keys.has(uid)) room.keys.set(uid, makeObjectKey(now));
  if (!room.writes.isEcho(now)) controller.enqueue(makeObjectKey(now));
}

async function reconcile(room: HandlerRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const instance = room.instances.get(namespace, name);
  const node = instance?.status?.nodeName;
  if (!instance || node === undefined || room.power.isDown(node)) return undefined;
  if (room.writes.isBehind(instance)) return undefined;
  const uid = instance.metadata.uid ?? '';
  bringUp(room, instance, uid);
  if (isDeleting(instance)) {
    room.hypervisor.shutdown(uid, graceSeconds(instance.spec) * SECOND);
  }
  await writeStatus(room, instance, node, uid);
  return undefined;
}

/** A domain for an instance that has none: a new one, or the one that ran before this process. */
function bringUp(room: HandlerRoom, instance: VirtualMachineInstance, uid: string): void {
  if (room.hypervisor.domain(uid)) return;
  const phase = instance.status?.phase;
  if (phase === 'Running') {
    const booted = isTrue(instance.status?.conditions, 'AgentConnected');
    room.hypervisor.adopt(uid, domainRequest(room, instance), booted);
  } else if (phase === 'Scheduled' && !isDeleting(instance)) {
    room.hypervisor.start(uid, domainRequest(room, instance));
    room.record(instance, 'Normal', 'Created', 'VirtualMachineInstance defined.');
  }
}

async function writeStatus(
  room: HandlerRoom,
  instance: VirtualMachineInstance,
  node: string,
  uid: string,
): Promise<void> {
  const domain = room.hypervisor.domain(uid);
  if (!domain) return;
  const status = domainStatus({
    instance,
    domain,
    address: room.launchers.of(uid)?.status?.podIP,
    disksShared: disksAreShared(room, instance),
    stamp: room.clocks.stamp(node),
  });
  if (status === instance.status) return;
  await getBucket(room, node).take();
  try {
    const written = await getClient(room, node).update(INSTANCES, { ...instance, status });
    room.writes.wrote(instance, written);
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  if (status.phase === 'Running' && instance.status?.phase !== 'Running') {
    room.record(instance, 'Normal', 'Started', 'VirtualMachineInstance started.');
  }
}

function getClient({ clients, handlerTransport }: HandlerRoom, node: string): KubeClient {
  let client = clients.get(node);
  if (!client) {
    client = createClient(handlerTransport(node));
    clients.set(node, client);
  }
  return client;
}

function getBucket(room: HandlerRoom, node: string): RateLimiter {
  let bucket = room.buckets.get(node);
  if (!bucket) {
    const { qps, burst } = room.lab.parameters.virtHandler;
    bucket = createTokenBucket(room.lab.clock, { qps, burst });
    room.buckets.set(node, bucket);
  }
  return bucket;
}

function disksAreShared(room: HandlerRoom, instance: VirtualMachineInstance): boolean {
  const { namespace } = instance.metadata;
  return claimVolumes(instance.spec).every(({ persistentVolumeClaim }) => {
    const volume = room.podVolumes.ofClaim(namespace, persistentVolumeClaim?.claimName ?? '');
    return volume?.sharable ?? true;
  });
}

function domainRequest(room: HandlerRoom, instance: VirtualMachineInstance): DomainRequest {
  const claimName = bootClaim(instance);
  const { namespace } = instance.metadata;
  return {
    hasTpm: instance.spec.domain.devices?.tpm !== undefined,
    bootVolumeHandle:
      claimName === undefined ? undefined : room.podVolumes.ofClaim(namespace, claimName)?.handle,
    neverBoots: room.neverBoots(instance),
  };
}

interface Disk {
  readonly name: string;
  readonly bootOrder?: number;
}

/** The claim behind the disk that the firmware tries first: by boot order, else by position. */
function bootClaim({ spec }: VirtualMachineInstance): string | undefined {
  const disks = (spec.domain.devices?.disks ?? []) as readonly Disk[];
  const ordered = disks.filter(({ bootOrder }) => bootOrder !== undefined);
  ordered.sort((a, b) => (a.bootOrder ?? 0) - (b.bootOrder ?? 0));
  const first = ordered[0] ?? disks[0];
  const volumes = claimVolumes(spec);
  const volume = first ? volumes.find(({ name }) => name === first.name) : volumes[0];
  return volume?.persistentVolumeClaim?.claimName;
}
