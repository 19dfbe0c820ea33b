/** What a cluster has for VMs: its nodes with what runs there, and KubeVirt's rules of asking. */

import { type Pod, SIMULATED_NODE } from '../api/compute.ts';
import { CEPH_CLUSTERS, NODES, PODS } from '../api/resources.ts';
import { type KubeVirtConfiguration, launcherRules } from '../capacity/kubevirt-rules.ts';
import type { LauncherRules } from '../capacity/launcher-request.ts';
import type { NodeRoom } from '../capacity/node-room.ts';
import { type Asked, makeRooms } from '../capacity/packing.ts';
import { launcherDemand } from '../capacity/pod-demand.ts';
import { isForbidden } from '../kube/api-error.ts';
import { type CheckLab, findAll } from './check.ts';
import type { SizedVm } from './check-instancetypes.ts';
import { KUBEVIRTS } from './operators.ts';

export interface NodeSurvey {
  /** Nodes that take VMs. */
  readonly rooms: readonly NodeRoom[];
  /** False where what runs there is hidden from us: the rooms are then taken to be empty. */
  readonly isShown: boolean;
}

export async function surveyNodes(lab: CheckLab): Promise<NodeSurvey> {
  const nodes = await findAll(lab.client, NODES);
  const pods = await listPods(lab);
  const rooms = makeRooms(nodes, pods ?? [], SIMULATED_NODE).filter(({ open }) => open);
  return { rooms, isShown: pods !== undefined };
}

/** All pods of the cluster; undefined where we may not see them. */
async function listPods({ client }: CheckLab): Promise<readonly Pod[] | undefined> {
  try {
    return await findAll(client, PODS);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

export async function readRules({ client }: CheckLab): Promise<LauncherRules> {
  const [kubevirt] = await findAll(client, KUBEVIRTS);
  const { configuration } = (kubevirt?.spec ?? {}) as {
    readonly configuration?: KubeVirtConfiguration;
  };
  return launcherRules(kubevirt?.status?.observedKubeVirtVersion, configuration);
}

/** What the VMs ask of nodes, by template. */
export function askedOfNodes(vms: readonly SizedVm[], rules: LauncherRules): readonly Asked[] {
  return vms.map(({ template, count, spec }) => ({
    name: template,
    count,
    demand: launcherDemand(spec, rules),
  }));
}

export interface PoolSurvey {
  readonly totalBytes: number;
  readonly usedBytes: number;
}

/** The Ceph pool in raw bytes; undefined where there is none, or none that we may see. */
export async function surveyPool({ client }: CheckLab): Promise<PoolSurvey | undefined> {
  try {
    const [ceph] = await findAll(client, CEPH_CLUSTERS);
    const { bytesTotal, bytesUsed = 0 } = ceph?.status?.ceph?.capacity ?? {};
    return bytesTotal === undefined ? undefined : { totalBytes: bytesTotal, usedBytes: bytesUsed };
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
