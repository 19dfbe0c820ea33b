/**
 * Signs of life: node leases and node status every 10 s at each node's own phase, and leader leases
 * of the controllers every 2 s. Background work that only a served cluster needs: in a run nobody
 * looks at it. Leases carry MicroTimes of whoever writes them, which tells clocks apart.
 */

import type { Lease, Node } from '../../../api/compute.ts';
import { LEASES, NODES } from '../../../api/resources.ts';
import { SECOND } from '../../../core/duration.ts';
import { rfc3339Micro } from '../../../core/time-text.ts';
import { isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { kubeletConditions } from '../../hardware/node/node-objects.ts';
import type { StatusPhases } from '../../hardware/node/status-phase.ts';
import type { ComputeLab } from './lab.ts';
import type { NodeClocks } from './node-clocks.ts';
import type { NodePower } from './node-power.ts';

export interface HeartbeatParts {
  readonly lab: ComputeLab;
  readonly clocks: NodeClocks;
  readonly phases: StatusPhases;
  readonly power: NodePower;
  /** Of the control plane, besides those of the nodes. */
  readonly leaderLeases: boolean;
}

const NODE_LEASES = 'kube-node-lease';
const NODE_LEASE_SECONDS = 40;
const LEADER_LEASE_SECONDS = 15;
const LEADER_RENEWAL_US = 2 * SECOND;

const LEADERS = [
  ['kube-system', 'kube-controller-manager'],
  ['kube-system', 'kube-scheduler'],
  ['openshift-cnv', 'virt-controller'],
  ['openshift-cnv', 'cdi-controller-leader'],
  ['openshift-storage', 'openshift-storage-rbd-csi-ceph-com'],
  ['openshift-storage', 'external-attacher-leader-openshift-storage-rbd-csi-ceph-com'],
  ['openshift-storage', 'external-snapshotter-leader-openshift-storage-rbd-csi-ceph-com'],
] as const;

export function startHeartbeats(parts: HeartbeatParts): void {
  const { lab, clocks } = parts;
  const client = lab.client();
  const nodes = lab.informer(NODES);
  lab.whenSynced(() => {
    for (const { metadata } of nodes.values()) beatNode(parts, client, metadata.name);
    for (const [namespace, name] of parts.leaderLeases ? LEADERS : []) {
      const renew = () => renewLease(client, leaderLease(lab, namespace, name));
      repeat(lab, () => LEADER_RENEWAL_US, renew);
    }
  });
  nodes.onChange((now, before) => {
    if (lab.synced && now && !before) beatNode(parts, client, now.metadata.name);
  });

  function beatNode({ phases, power }: HeartbeatParts, to: KubeClient, name: string): void {
    const untilNextUs = () => {
      const nowUs = lab.clock.nowUs();
      return phases.nextReportUs(name, nowUs + 1) - nowUs;
    };
    repeat(lab, untilNextUs, async () => {
      const node = nodes.get(undefined, name);
      if (!node) return 'over';
      if (power.isDown(name)) return undefined;
      await renewLease(to, nodeLease(clocks, name));
      await to.patch(NODES, { name }, heartbeat(node, clocks.stamp(name)), {
        subresource: 'status',
      });
      return undefined;
    });
  }
}

/** Again and again in the background, until the lab stops or the task says it is over. */
function repeat(
  lab: ComputeLab,
  delayUs: () => number,
  task: () => Promise<'over' | undefined>,
): void {
  lab.clock.schedule(
    delayUs(),
    () => {
      if (lab.stopped) return;
      const again = () => repeat(lab, delayUs, task);
      lab.launch(
        task().then(
          (outcome) => {
            if (outcome !== 'over') again();
          },
          (error: unknown) => {
            again();
            throw error;
          },
        ),
      );
    },
    { kind: 'background' },
  );
}

function nodeLease(clocks: NodeClocks, name: string): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: NODE_LEASES },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds: NODE_LEASE_SECONDS,
      renewTime: rfc3339Micro(clocks.wallUs(name)),
    },
  };
}

function leaderLease(lab: ComputeLab, namespace: string, name: string): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace },
    spec: {
      holderIdentity: `${name}-0`,
      leaseDurationSeconds: LEADER_LEASE_SECONDS,
      renewTime: rfc3339Micro(lab.clock.wallUs()),
    },
  };
}

/** Renews it, or creates it where it does not exist; a missing namespace leaves it out. */
async function renewLease(client: KubeClient, lease: Lease): Promise<'over' | undefined> {
  try {
    await client.patch(LEASES, lease.metadata, { spec: lease.spec });
    return undefined;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    await client.create(LEASES, lease);
    return undefined;
  } catch (error) {
    if (isNotFound(error)) return 'over';
    throw error;
  }
}

/** The kubelet says anew how the node is, whatever others have made of its silence. */
export function heartbeat(node: Node, stamp: string): unknown {
  const before = node.status?.conditions ?? [];
  const now = kubeletConditions(stamp);
  const others = before.filter(({ type }) => now.every((each) => each.type !== type));
  const own = now.map((condition) => {
    const { type, status } = condition;
    const same = before.find((each) => each.type === type && each.status === status);
    return same ? { ...same, lastHeartbeatTime: stamp } : condition;
  });
  return { status: { conditions: [...own, ...others] } };
}
