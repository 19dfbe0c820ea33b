/**
 * virt-controller's node controller: a node whose virt-handler has not been heard of for five
 * minutes takes no more VMs, and VMIs on it that have no living launcher pod have failed (kubevirt
 * v1.1.1 pkg/virt-controller/watch/node.go). A launcher on a dead node counts as living, so a VMI
 * stays Running until somebody takes its pod away.
 */

import type { Pod, VirtualMachineInstance } from '../../../api/compute.ts';
import { NODES, VMIS } from '../../../api/resources.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { forgiving } from '../chassis/forgiving.ts';
import type { ComputeLab } from './lab.ts';
import type { LauncherPods } from './launcher-pods.ts';
import type { NodePower } from './node-power.ts';
import { isFinal } from './run-strategy.ts';
import { enterPhase, isPodDown } from './vmi-status.ts';

const SCHEDULABLE = 'kubevirt.io/schedulable';

export function startUnresponsiveNodes(
  lab: ComputeLab,
  client: KubeClient,
  launchers: LauncherPods,
  power: NodePower,
): void {
  const nodes = lab.informer(NODES);
  const vmis = lab.informer(VMIS);
  const { heartbeatUs, heartbeatTimeoutUs, nodeRecheckUs } = lab.parameters.virtController;
  const beats = lab.rng.fork('virt-handler heartbeat');
  const checks = new Map<string, () => void>();
  const mark = async (node: string, value: 'true' | 'false') => {
    if (nodes.get(undefined, node)?.metadata.labels?.[SCHEDULABLE] === value) return;
    const patch = { metadata: { labels: { [SCHEDULABLE]: value } } };
    await forgiving(client.patch(NODES, { name: node }, patch));
  };
  const check = async (node: string) => {
    await mark(node, 'false');
    // One after the other: a storm of updates is the last thing that such a cluster needs.
    for (const vmi of vmis.values()) {
      if (vmi.status?.nodeName !== node || isFinal(vmi)) continue;
      if (isAlive(launchers.of(vmi.metadata.uid ?? ''))) continue;
      await forgiving(client.update(VMIS, givenUp(vmi, lab.stamp())));
    }
  };
  const later = (node: string, delayUs: number, kind: 'foreground' | 'background') => {
    const act = () => {
      if (lab.stopped) return;
      lab.launch(check(node));
      later(node, nodeRecheckUs, 'background');
    };
    checks.set(node, lab.clock.schedule(delayUs, act, { kind }));
  };
  power.onChange((node, down) => {
    checks.get(node)?.();
    checks.delete(node);
    if (!down) return lab.launch(mark(node, 'true'));
    const sinceUs = beats.fork(node).integer(Math.max(1, heartbeatUs));
    later(node, heartbeatTimeoutUs - sinceUs, 'foreground');
  });
}

function isAlive(pod: Pod | undefined): boolean {
  if (pod === undefined || isPodDown(pod)) return false;
  const { containerStatuses = [] } = pod.status ?? {};
  const ended = containerStatuses.filter(({ state }) => state?.['terminated'] !== undefined);
  return containerStatuses.length === 0 || ended.length < containerStatuses.length;
}

function givenUp(vmi: VirtualMachineInstance, stamp: string): VirtualMachineInstance {
  const status = { ...enterPhase(vmi.status ?? {}, 'Failed', stamp), reason: 'NodeUnresponsive' };
  return { ...vmi, status };
}
