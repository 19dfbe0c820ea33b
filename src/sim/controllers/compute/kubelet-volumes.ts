/**
 * The kubelets' volume managers. A volume must be reported in use by the node's status, which goes
 * out only every 10 s at the node's own phase; then the kubelet looks whether it is attached, and
 * looks again after 0.5, 1, 2, ... s. These two waits are most of a boot's time before Running
 * (kubernetes#89313, pkg/kubelet/volumemanager/reconciler_common.go).
 */

import type { Node } from '../../../api/compute.ts';
import { NODES } from '../../../api/resources.ts';
import { backoffUs } from '../../../kube/backoff.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import type { Informer } from '../../../kube/informer.ts';
import type { ServiceTimes } from '../../hardware/node/service-times.ts';
import type { StatusPhases } from '../../hardware/node/status-phase.ts';
import type { ComputeLab } from './lab.ts';
import type { NodePower } from './node-power.ts';
import type { PodVolume } from './pod-volumes.ts';

export interface KubeletVolumes {
  /** Calls back once every volume is mapped on the node. */
  mount(podUid: string, node: string, volumes: readonly PodVolume[], onMounted: () => void): void;
  /** The pod ran before this process: its volumes are mapped. */
  adopt(podUid: string, node: string, volumes: readonly PodVolume[]): void;
  /** The pod lets go; the node reports that with its next status. */
  unmount(podUid: string): void;
}

export interface KubeletVolumeParts {
  readonly lab: ComputeLab;
  readonly phases: StatusPhases;
  readonly times: ServiceTimes;
  readonly power: NodePower;
}

export function startKubeletVolumes(parts: KubeletVolumeParts): KubeletVolumes {
  const { lab } = parts;
  const room: VolumeRoom = {
    ...parts,
    client: lab.client({ component: 'kubelet' }),
    nodes: lab.informer(NODES),
    perNode: new Map(),
    mounts: new Map(),
    reports: lab.controller({
      name: 'kubelet node status',
      workers: Number.POSITIVE_INFINITY,
      reconcile: (node) => report(room, node),
    }),
  };
  parts.power.onChange((node, down) => {
    if (!down) armReport(room, node);
  });
  return {
    mount(podUid, node, volumes, onMounted) {
      const mount = { node, volumes, left: volumes.length, onMounted };
      room.mounts.set(podUid, mount);
      if (volumes.length === 0) onMounted();
      else {
        const { inUseDelayUs } = lab.parameters.kubelet;
        lab.clock.schedule(inUseDelayUs, () => {
          if (room.mounts.get(podUid) === mount) want(room, mount);
        });
      }
    },
    adopt(podUid, node, volumes) {
      const mount = { node, volumes, left: 0, onMounted: () => {} };
      room.mounts.set(podUid, mount);
      for (const volume of volumes) makeWork(room, mount, volume).state = 'mapped';
    },
    unmount: (podUid) => unmount(room, podUid),
  };
}

interface VolumeRoom extends KubeletVolumeParts {
  readonly client: KubeClient;
  readonly nodes: Informer<Node>;
  readonly perNode: Map<string, NodeVolumes>;
  readonly mounts: Map<string, Mount>;
  readonly reports: Controller;
}

interface NodeVolumes {
  readonly works: Map<string, VolumeWork>;
  /** The next status report is on the clock. */
  armed: boolean;
}

interface VolumeWork {
  readonly node: string;
  readonly name: string;
  state: 'wanted' | 'verifying' | 'mapped';
  /** Pods of this node that use the volume. */
  users: number;
  /** Failed looks at the node's attached volumes. */
  attempts: number;
  waiting: Mount[];
}

interface Mount {
  readonly node: string;
  readonly volumes: readonly PodVolume[];
  /** Volumes that are not mapped yet. */
  left: number;
  readonly onMounted: () => void;
}

function makeWork(room: VolumeRoom, mount: Mount, volume: PodVolume): VolumeWork {
  let node = room.perNode.get(mount.node);
  if (!node) room.perNode.set(mount.node, (node = { works: new Map(), armed: false }));
  let work = node.works.get(volume.uniqueName);
  if (!work) {
    work = {
      node: mount.node,
      name: volume.uniqueName,
      state: 'wanted',
      users: 0,
      attempts: 0,
      waiting: [],
    };
    node.works.set(volume.uniqueName, work);
  }
  work.users += 1;
  return work;
}

function want(room: VolumeRoom, mount: Mount): void {
  for (const volume of mount.volumes) {
    const work = makeWork(room, mount, volume);
    if (work.state === 'mapped') mapped(mount);
    else work.waiting.push(mount);
  }
  armReport(room, mount.node);
}

function mapped(mount: Mount): void {
  mount.left -= 1;
  if (mount.left === 0) mount.onMounted();
}

/** Sends the node's status at its next turn, unless that is planned already. */
function armReport(room: VolumeRoom, node: string): void {
  const volumes = room.perNode.get(node);
  if (!volumes || volumes.armed) return;
  volumes.armed = true;
  const nowUs = room.lab.clock.nowUs();
  room.lab.clock.schedule(room.phases.nextReportUs(node, nowUs) - nowUs, () => {
    volumes.armed = false;
    room.reports.enqueue(node);
  });
}

async function report(room: VolumeRoom, node: string): Promise<ReconcileResult> {
  const volumes = room.perNode.get(node);
  if (!volumes || room.power.isDown(node)) return undefined;
  const reported = [...volumes.works.values()];
  const volumesInUse = reported.map(({ name }) => name);
  const patch = { status: { volumesInUse } };
  await room.client.patch(NODES, { name: node }, patch, { subresource: 'status' });
  for (const work of reported) {
    if (work.state !== 'wanted') continue;
    work.state = 'verifying';
    verify(room, work);
  }
  return undefined;
}

/** VerifyControllerAttachedVolume: maps the volume once the node's status says it is attached. */
function verify(room: VolumeRoom, work: VolumeWork): void {
  if (room.lab.stopped || work.users === 0) return;
  const { clock, parameters } = room.lab;
  const { verifyBackoffStartUs, verifyBackoffMaxUs, reconcilerLoopUs } = parameters.kubelet;
  if (isAttached(room.nodes.get(undefined, work.node), work.name)) {
    clock.schedule(reconcilerLoopUs + room.times.map(), () => finish(work));
    return;
  }
  const policy = { firstUs: verifyBackoffStartUs, maxUs: verifyBackoffMaxUs, factor: 2 };
  const waitUs = backoffUs(policy, work.attempts);
  work.attempts += 1;
  clock.schedule(waitUs, () => verify(room, work));
}

/** The newest entries are at the end. */
function isAttached(node: Node | undefined, name: string): boolean {
  const attached = node?.status?.volumesAttached ?? [];
  for (let i = attached.length - 1; i >= 0; i--) if (attached[i]?.name === name) return true;
  return false;
}

function finish(work: VolumeWork): void {
  if (work.users === 0) return;
  work.state = 'mapped';
  const { waiting } = work;
  work.waiting = [];
  for (const mount of waiting) mapped(mount);
}

function unmount(room: VolumeRoom, podUid: string): void {
  const mount = room.mounts.get(podUid);
  if (!mount) return;
  room.mounts.delete(podUid);
  const works = room.perNode.get(mount.node)?.works;
  let changed = false;
  for (const { uniqueName } of mount.volumes) {
    const work = works?.get(uniqueName);
    if (!work) continue;
    work.users -= 1;
    work.waiting = work.waiting.filter((waiting) => waiting !== mount);
    if (work.users > 0) continue;
    works?.delete(uniqueName);
    changed = true;
  }
  if (changed) armReport(room, mount.node);
}
