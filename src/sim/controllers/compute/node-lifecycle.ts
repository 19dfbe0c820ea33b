/**
 * What the cluster does about a silent node: kube-controller-manager calls it Unknown after 40 s
 * and evicts its pods 300 s later; virt-controller gives up its VMIs after five minutes
 * without a heartbeat (kubevirt v1.1.1 pkg/virt-controller/watch/node.go). The silence itself is
 * not polled for: who goes down is known, and only the waiting is simulated.
 */

import type { Node } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { VMIS, NODES, PODS } from '../../../api/resources.ts';
import { MINUTE, SECOND } from '../../../core/duration.ts';
import { isConflict, isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { withCondition } from './conditions.ts';
import { enterPhase } from './vmi-status.ts';
import type { ComputeLab } from './lab.ts';
import type { NodePower } from './node-power.ts';
import { isDeleting } from '../chassis/ownership.ts';
import { isFinal } from './run-strategy.ts';

/** --node-monitor-grace-period of kubernetes 1.28. */
const GRACE_US = 40 * SECOND;
/** tolerationSeconds that every pod gets for an unreachable node. */
const TOLERATION_US = 300 * SECOND;
/** virt-handler's heartbeat is missed for so long before its VMIs are given up. */
const HANDLER_TIMEOUT_US = 5 * MINUTE;

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const TAINTS = [
  { key: UNREACHABLE, effect: 'NoSchedule' },
  { key: UNREACHABLE, effect: 'NoExecute' },
];

const NOT_READY = 'node.kubernetes.io/not-ready';

/** Each new node is kept out at first, as by the admission plugin TaintNodesByCondition. */
export const NODE_ADMISSION = {
  resource: NODES,
  mutate(object: KubeObject, old?: KubeObject): KubeObject {
    const { spec } = object as Node;
    if (old || spec?.taints?.some(({ key }) => key === NOT_READY)) return object;
    const taints = [...(spec?.taints ?? []), { key: NOT_READY, effect: 'NoSchedule' }];
    return { ...object, spec: { ...spec, taints } };
  },
} as const;

/** The second of these others may have put, where these controllers were away. */
const KEPT_OUT = [NOT_READY, UNREACHABLE];

export function startNodeLifecycle(lab: ComputeLab, power: NodePower): void {
  const client = lab.client({ component: 'kube-controller-manager' });
  const nodes = lab.informer(NODES);
  const vmis = lab.informer(VMIS);
  const pods = lab.informer(PODS);
  const later = (node: string, delayUs: number, act: () => Promise<unknown>) =>
    lab.clock.schedule(delayUs, () => {
      if (power.isDown(node) && !lab.stopped) lab.launch(act());
    });
  const evict = async (node: string) => {
    for (const pod of pods.values()) {
      if (pod.spec.nodeName !== node || isDeleting(pod)) continue;
      await forgiving(client.remove(PODS, pod.metadata));
    }
  };
  const giveUp = async (node: string) => {
    for (const vmi of vmis.values()) {
      if (vmi.status?.nodeName !== node || isFinal(vmi)) continue;
      const status = {
        ...enterPhase(vmi.status, 'Failed', lab.stamp()),
        reason: 'NodeUnresponsive',
      };
      await forgiving(client.update(VMIS, { ...vmi, status }));
    }
  };
  const admissions = lab.controller({
    name: 'node lifecycle',
    workers: 8,
    reconcile: async (name) => {
      await letIn(client, nodes.get(undefined, name));
      return undefined;
    },
  });
  nodes.onChange((now) => {
    if (now && isKeptOut(now)) admissions.enqueue(now.metadata.name);
  });
  power.onChange((node, down) => {
    if (!down) {
      lab.launch(setReady(lab, client, nodes.get(undefined, node), true));
      return;
    }
    later(node, GRACE_US, () => setReady(lab, client, nodes.get(undefined, node), false));
    later(node, GRACE_US + TOLERATION_US, () => evict(node));
    later(node, HANDLER_TIMEOUT_US, () => giveUp(node));
  });
}

function isKeptOut({ spec, status }: Node): boolean {
  const ready = status?.conditions?.some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  );
  return Boolean(ready) && Boolean(spec.taints?.some(({ key }) => KEPT_OUT.includes(key)));
}

/** A node that is ready takes pods. The version keeps taints that others add meanwhile. */
async function letIn(client: KubeClient, node: Node | undefined): Promise<void> {
  if (!node || !isKeptOut(node)) return;
  const { name, resourceVersion } = node.metadata;
  const taints = node.spec.taints?.filter(({ key }) => !KEPT_OUT.includes(key));
  await client.patch(NODES, { name }, { metadata: { resourceVersion }, spec: { taints } });
}

async function setReady(
  lab: ComputeLab,
  client: KubeClient,
  node: Node | undefined,
  ready: boolean,
): Promise<void> {
  if (!node) return;
  const value = ready
    ? ({
        status: 'True',
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
      } as const)
    : ({
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      } as const);
  const conditions = withCondition(
    node.status?.conditions,
    { type: 'Ready', ...value },
    lab.stamp(),
  );
  const { name } = node.metadata;
  await client.patch(NODES, { name }, { status: { conditions } }, { subresource: 'status' });
  await client.patch(NODES, { name }, { spec: { taints: ready ? null : TAINTS } });
}

/** What was changed or deleted meanwhile is somebody else's business. */
async function forgiving(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
