/**
 * The virt-handlers of all nodes in one: each VMI that is scheduled on a node gets its domain,
 * and the VMI's status follows the domain. Requests wait for the bucket of their own node.
 */

import type { VirtualMachineInstance } from '../../../api/compute.ts';
import { VMIS } from '../../../api/resources.ts';
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
import { createServiceTimes } from '../../hardware/node/service-times.ts';
import { createVolumePlugging, type VolumePlugging } from './volume-plugging.ts';
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
  readonly neverBoots: (vmi: VirtualMachineInstance) => boolean;
  /** For whom the handler of a node writes. */
  readonly handlerTransport: (node: string) => Transport;
}

export interface VirtHandlers {
  /** The domain of this VMI changed. */
  domainChanged(vmiUid: string): void;
}

export function startVirtHandlers(parts: HandlerParts): VirtHandlers {
  const { lab } = parts;
  const client = lab.client({ component: 'virt-handler' });
  const room: HandlerRoom = {
    ...parts,
    clients: new Map(),
    vmis: lab.informer(VMIS),
    keys: new Map(),
    buckets: new Map(),
    writes: createOwnWrites(),
    record: lab.recorder('virt-handler', client).record,
    plugging: createVolumePlugging(
      lab.clock,
      createServiceTimes(lab.parameters, lab.rng.fork('hotplug')).hotplug,
      (vmiUid) => changed(vmiUid),
    ),
  };
  // Ten workers on each node never queue at one or two starts a node and wave.
  const workers = Number.POSITIVE_INFINITY;
  const controller = lab.controller({
    name: 'virt-handler',
    workers,
    reconcile: (key) => reconcile(room, key),
  });
  room.vmis.onChange((now, before) => vmiChanged(room, controller, now, before));
  parts.power.onChange((node, down) => {
    if (down) return;
    for (const vmi of room.vmis.values()) {
      if (vmi.status?.nodeName === node) controller.enqueue(makeObjectKey(vmi));
    }
  });
  const changed = (vmiUid: string) => {
    const key = room.keys.get(vmiUid);
    if (key !== undefined) controller.enqueue(key);
  };
  return { domainChanged: changed };
}

interface HandlerRoom extends HandlerParts {
  /** By node. */
  readonly clients: Map<string, KubeClient>;
  readonly vmis: Informer<VirtualMachineInstance>;
  /** Keys of VMIs that a node has, by UID. */
  readonly keys: Map<string, string>;
  /** By node. */
  readonly buckets: Map<string, RateLimiter>;
  readonly writes: OwnWrites;
  readonly record: EventRecorder['record'];
  readonly plugging: VolumePlugging;
}

function vmiChanged(
  room: HandlerRoom,
  controller: Controller,
  now: VirtualMachineInstance | undefined,
  before: VirtualMachineInstance | undefined,
): void {
  const vmi = now ?? before;
  if (vmi?.status?.nodeName === undefined) return;
  const uid = vmi.metadata.uid ?? '';
  if (!now) {
    room.keys.delete(uid);
    room.writes.forget(vmi);
    room.hypervisor.destroy(uid);
    room.hypervisor.forget(uid);
    room.plugging.forget(uid);
    return;
  }
  if (!room.keys.has(uid)) room.keys.set(uid, makeObjectKey(now));
  if (!room.writes.isEcho(now)) controller.enqueue(makeObjectKey(now));
}

async function reconcile(room: HandlerRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const vmi = room.vmis.get(namespace, name);
  const node = vmi?.status?.nodeName;
  if (!vmi || node === undefined || room.power.isDown(node)) return undefined;
  if (room.writes.isBehind(vmi)) return undefined;
  const uid = vmi.metadata.uid ?? '';
  bringUp(room, vmi, uid);
  if (isDeleting(vmi)) {
    room.hypervisor.shutdown(uid, graceSeconds(vmi.spec) * SECOND);
  }
  await writeStatus(room, vmi, node, uid);
  return undefined;
}

/** A domain for a VMI that has none: a new one, or the one that ran before this process. */
function bringUp(room: HandlerRoom, vmi: VirtualMachineInstance, uid: string): void {
  if (room.hypervisor.domain(uid)) return;
  const phase = vmi.status?.phase;
  if (phase === 'Running') {
    const booted = isTrue(vmi.status?.conditions, 'AgentConnected');
    room.hypervisor.adopt(uid, domainRequest(room, vmi), booted);
  } else if (phase === 'Scheduled' && !isDeleting(vmi)) {
    room.hypervisor.start(uid, domainRequest(room, vmi));
    room.record(vmi, 'Normal', 'Created', 'VirtualMachineInstance defined.');
  }
}

async function writeStatus(
  room: HandlerRoom,
  vmi: VirtualMachineInstance,
  node: string,
  uid: string,
): Promise<void> {
  const domain = room.hypervisor.domain(uid);
  if (!domain) return;
  const told = domainStatus({
    vmi,
    domain,
    address: room.launchers.of(uid)?.status?.podIP,
    disksShared: disksAreShared(room, vmi),
    stamp: room.clocks.stamp(node),
  });
  const volumeStatus = domain.state === 'running' ? room.plugging.next(vmi) : undefined;
  const status = volumeStatus === undefined ? told : { ...told, volumeStatus };
  if (status === vmi.status) return;
  await getBucket(room, node).take();
  try {
    const written = await getClient(room, node).update(VMIS, { ...vmi, status });
    room.writes.wrote(vmi, written);
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  if (status.phase === 'Running' && vmi.status?.phase !== 'Running') {
    room.record(vmi, 'Normal', 'Started', 'VirtualMachineInstance started.');
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

function disksAreShared(room: HandlerRoom, vmi: VirtualMachineInstance): boolean {
  const { namespace } = vmi.metadata;
  return claimVolumes(vmi.spec).every(({ persistentVolumeClaim }) => {
    const volume = room.podVolumes.ofClaim(namespace, persistentVolumeClaim?.claimName ?? '');
    return volume?.sharable ?? true;
  });
}

function domainRequest(room: HandlerRoom, vmi: VirtualMachineInstance): DomainRequest {
  const claimName = bootClaim(vmi);
  const { namespace } = vmi.metadata;
  return {
    hasTpm: vmi.spec.domain.devices?.tpm !== undefined,
    bootVolumeHandle:
      claimName === undefined ? undefined : room.podVolumes.ofClaim(namespace, claimName)?.handle,
    neverBoots: room.neverBoots(vmi),
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
