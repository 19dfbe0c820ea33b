/**
 * The kubelets of all nodes in one: they share one copy of the pods and keep their state by pod.
 * A pod's containers start once its volumes are mapped; a launcher pod ends when its domain is
 * off, whoever asked for that. Statuses are written level by level from the stage a pod is in.
 */

import type { Node, Pod } from '../../../api/compute.ts';
import { VMIS, NODES, PODS } from '../../../api/resources.ts';
import { SECOND } from '../../../core/duration.ts';
import { isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import type { Hypervisor } from '../../hardware/node/hypervisor.ts';
import { createPodAddresses, type PodAddresses } from '../../hardware/node/pod-addresses.ts';
import type { Programs } from '../../hardware/node/programs.ts';
import { readyAfterUs } from '../../hardware/node/readiness.ts';
import type { ServiceTimes } from '../../hardware/node/service-times.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import { type ContainerHost, type ContainerRun, freshRun, runContainers } from './container-run.ts';
import { isPodDown } from './vmi-status.ts';
import type { KubeletVolumes } from './kubelet-volumes.ts';
import type { ComputeLab } from './lab.ts';
import type { LauncherPods } from './launcher-pods.ts';
import type { NodeClocks } from './node-clocks.ts';
import type { NodePower } from './node-power.ts';
import { createOwnWrites, type OwnWrites } from '../chassis/own-writes.ts';
import { findController, isDeleting } from '../chassis/ownership.ts';
import { type PodStage, podStatus } from './pod-status.ts';
import type { PodVolumes } from './pod-volumes.ts';

export interface KubeletParts {
  readonly lab: ComputeLab;
  readonly clocks: NodeClocks;
  readonly times: ServiceTimes;
  readonly hypervisor: Hypervisor;
  readonly launchers: LauncherPods;
  readonly podVolumes: PodVolumes;
  readonly volumes: KubeletVolumes;
  readonly power: NodePower;
  /** For how long a node pulls the image of the pod; all are there where undefined. */
  readonly pullUs?: ((pod: Pod) => number) | undefined;
  readonly programs: Programs;
}

export interface Kubelets {
  /** The domain of this VMI changed: its launcher may have exited. */
  domainChanged(vmiUid: string): void;
  /** The domain of this VMI runs on another node now: its launcher there exits. */
  domainLeft(vmiUid: string, node: string): void;
}

export function startKubelets(parts: KubeletParts): Kubelets {
  const { lab, launchers } = parts;
  const client = lab.client({ component: 'kubelet' });
  const room: KubeletRoom = {
    ...parts,
    client,
    record: lab.recorder('kubelet', client).record,
    pods: lab.informer(PODS),
    nodes: lab.informer(NODES),
    addresses: createPodAddresses(),
    works: new Map(),
    writes: createOwnWrites(),
    statuses: lab.controller({
      name: 'kubelet pod status',
      workers: Number.POSITIVE_INFINITY,
      reconcile: (key) => writeStatus(room, key),
    }),
  };
  room.pods.onChange((now, before) => {
    if (lab.synced) podChanged(room, now, before);
  });
  lab.whenSynced(() => {
    for (const pod of room.pods.values()) podChanged(room, pod, undefined);
  });
  parts.power.onChange((node, down) => {
    if (down) dropNode(room, node);
    else restartNode(room, node);
  });
  return {
    domainChanged(vmiUid) {
      const pod = launchers.of(vmiUid);
      const work = pod && room.works.get(pod.metadata.uid ?? '');
      if (work?.stage === 'running' && isDomainOff(room, work)) stop(room, work);
    },
    domainLeft(vmiUid, node) {
      for (const work of room.works.values()) {
        const isLeft = work.vmiUid === vmiUid && work.node === node;
        if (isLeft && work.stage === 'running') stop(room, work);
      }
    },
  };
}

interface KubeletRoom extends KubeletParts {
  readonly client: KubeClient;
  readonly record: EventRecorder['record'];
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly addresses: PodAddresses;
  /** By pod UID. */
  readonly works: Map<string, PodWork>;
  readonly writes: OwnWrites;
  readonly statuses: Controller;
}

interface PodWork extends ContainerRun {
  readonly uid: string;
  readonly key: string;
  readonly node: string;
  /** Of the VMI that the pod runs; undefined for other pods. */
  readonly vmiUid: string | undefined;
  stage: PodStage;
  isProbed: boolean;
  /** Whether the end has been asked for. */
  terminating: boolean;
}

function podChanged(room: KubeletRoom, now: Pod | undefined, before: Pod | undefined): void {
  if (!now) {
    if (before) forget(room, before);
    return;
  }
  const { nodeName } = now.spec;
  if (nodeName === undefined || room.power.isDown(nodeName)) return;
  if (!room.lab.ownsNode(nodeName)) return;
  const uid = now.metadata.uid ?? '';
  let work = room.works.get(uid);
  if (!work) {
    if (isPodDown(now)) return;
    work = take(room, now, nodeName);
  }
  if (isDeleting(now) && !work.terminating) terminate(room, work, now);
  if (!room.writes.isEcho(now)) room.statuses.enqueue(work.key);
}

/** A pod that is new on its node, or that ran there before this process did. */
function take(room: KubeletRoom, pod: Pod, node: string): PodWork {
  const uid = pod.metadata.uid ?? '';
  const runs = pod.status?.phase === 'Running';
  const work: PodWork = {
    uid,
    key: makeObjectKey(pod),
    node,
    vmiUid: findController(pod, VMIS.kind)?.uid,
    stage: runs ? 'running' : 'mounting',
    // Pods that ran before this process did are taken for ready.
    isProbed: runs,
    terminating: false,
    ...freshRun(),
  };
  room.works.set(uid, work);
  if (runs) {
    room.volumes.adopt(uid, node, room.podVolumes.of(pod) ?? []);
    runContainers(hostOf(room, work), work, pod);
  } else mount(room, work, pod);
  return work;
}

const nothing = () => {};

/** The power is gone: whatever was under way on the node is forgotten. */
function dropNode(room: KubeletRoom, node: string): void {
  for (const work of room.works.values()) {
    if (work.node !== node) continue;
    work.cancel();
    room.works.delete(work.uid);
    room.volumes.unmount(work.uid);
  }
}

/** The node is back: its pods start over, and those that had run have ended. */
function restartNode(room: KubeletRoom, node: string): void {
  for (const pod of room.pods.values()) {
    if (pod.spec.nodeName !== node) continue;
    podChanged(room, pod, undefined);
    const work = room.works.get(pod.metadata.uid ?? '');
    if (work?.stage !== 'running') continue;
    work.failed = true;
    stop(room, work);
  }
}

function mount(room: KubeletRoom, work: PodWork, pod: Pod): void {
  if (work.stage !== 'mounting') return;
  const volumes = room.podVolumes.of(pod);
  if (volumes) room.volumes.mount(work.uid, work.node, volumes, () => start(room, work));
  else room.podVolumes.whenBound(pod, () => mount(room, work, pod));
}

/** Sandbox, then containers, once their image is on the node. */
function start(room: KubeletRoom, work: PodWork): void {
  if (work.stage !== 'mounting') return;
  work.stage = 'starting';
  const { namespace, name } = splitKey(work.key);
  const pod = room.pods.get(namespace, name);
  const pullUs = pod && room.pullUs ? room.pullUs(pod) : 0;
  const startUs = pullUs + room.times.sandbox() + room.times.launcher();
  work.cancel = room.lab.clock.schedule(startUs, () => {
    work.stage = 'running';
    work.cancel = nothing;
    recordStart(room, work);
    room.statuses.enqueue(work.key);
    const pod = findPod(room, work);
    if (pod) probe(room, work, pod, startUs - pullUs);
    if (pod) runContainers(hostOf(room, work), work, pod);
  });
}

/** Its pod's status tells of it once the last of its containers was found ready. */
function probe({ lab, statuses }: KubeletRoom, work: PodWork, pod: Pod, startingUs: number): void {
  const { containers } = pod.spec;
  const afterUs = Math.max(
    ...containers.map(({ readinessProbe }) => readyAfterUs(readinessProbe, startingUs)),
  );
  if (afterUs <= 0) return;
  lab.clock.schedule(afterUs, () => {
    work.isProbed = true;
    if (work.stage === 'running') statuses.enqueue(work.key);
  });
}

function hostOf(room: KubeletRoom, work: PodWork): ContainerHost {
  return {
    clock: room.lab.clock,
    programs: room.programs,
    onChange: () => room.statuses.enqueue(work.key),
    onEnd: () => stop(room, work),
  };
}

function findPod(room: KubeletRoom, { key }: PodWork): Pod | undefined {
  const { namespace, name } = splitKey(key);
  return room.pods.get(namespace, name);
}

function recordStart(room: KubeletRoom, work: PodWork): void {
  const pod = findPod(room, work);
  for (const container of pod?.spec.containers ?? []) {
    if (pod) room.record(pod, 'Normal', 'Started', `Started container ${container.name}`);
  }
}

/** SIGTERM: a launcher shuts its guest down and exits when the domain is off. */
function terminate(room: KubeletRoom, work: PodWork, pod: Pod): void {
  work.terminating = true;
  if (work.stage === 'stopping' || work.stage === 'stopped') return;
  if (work.stage !== 'running' || isDomainOff(room, work)) {
    stop(room, work);
    return;
  }
  const graceUs = (pod.metadata.deletionGracePeriodSeconds ?? 0) * SECOND;
  const vmiUid = work.vmiUid ?? '';
  work.cancel = room.lab.clock.schedule(graceUs, () => {
    work.failed = true;
    room.hypervisor.destroy(vmiUid);
  });
  room.hypervisor.shutdown(vmiUid, graceUs);
}

function isDomainOff(room: KubeletRoom, { uid, vmiUid }: PodWork): boolean {
  // A pod that a VMI is to move into, or has left, has no domain of its own.
  if (vmiUid === undefined || room.launchers.of(vmiUid)?.metadata.uid !== uid) return true;
  const domain = room.hypervisor.domain(vmiUid);
  return domain === undefined || domain.state === 'off';
}

/** The containers have exited: unmap, remove the sandbox, then nothing is left. */
function stop(room: KubeletRoom, work: PodWork): void {
  work.cancel();
  work.stage = 'stopping';
  work.cancel = room.lab.clock.schedule(room.times.podStop(), () => {
    work.stage = 'stopped';
    work.cancel = nothing;
    room.volumes.unmount(work.uid);
    room.statuses.enqueue(work.key);
  });
}

function forget(room: KubeletRoom, pod: Pod): void {
  const uid = pod.metadata.uid ?? '';
  room.writes.forget(pod);
  room.works.get(uid)?.cancel();
  room.works.delete(uid);
  room.volumes.unmount(uid);
  room.addresses.release(uid);
}

async function writeStatus(room: KubeletRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const pod = room.pods.get(namespace, name);
  const work = pod && room.works.get(pod.metadata.uid ?? '');
  if (!pod || !work || room.power.isDown(work.node)) return undefined;
  if (room.writes.isBehind(pod)) return undefined;
  const status = podStatus({
    pod,
    stage: work.stage,
    address: work.stage === 'running' ? room.addresses.take(work.node, work.uid) : undefined,
    hostAddress: room.nodes.get(undefined, work.node)?.status?.addresses?.[0]?.address,
    isProbed: work.isProbed,
    failed: work.failed,
    restarts: work.restarts,
    crash: work.crash,
    message: work.message,
    stamp: room.clocks.stamp(work.node),
  });
  try {
    if (status !== pod.status) {
      const written = await room.client.update(PODS, { ...pod, status }, 'status');
      room.writes.wrote(pod, written);
    }
    if (work.stage === 'stopped' && isDeleting(pod)) await erase(room, pod);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return undefined;
}

async function erase(room: KubeletRoom, pod: Pod): Promise<void> {
  const { uid } = pod.metadata;
  await room.client.remove(PODS, pod.metadata, {
    gracePeriodSeconds: 0,
    ...(uid === undefined ? {} : { uid }),
  });
}
