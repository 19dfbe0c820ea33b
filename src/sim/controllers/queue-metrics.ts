/** Work queues, under the names that the real components give theirs. */

import type { MetricFamily } from '../monitoring/family.ts';
import type { QueueDepths } from './chassis/chassis.ts';

/** Where the real queue is called otherwise than the controller is here. */
const REAL_NAMES: Readonly<Record<string, string>> = {
  'external-attacher': 'csi-attacher-va',
};

/** KubeVirt names its own metrics, by queue (pkg/virt-controller/watch, pkg/virt-handler). */
const KUBEVIRT_NAMES: Readonly<Record<string, string>> = {
  virtualmachine: 'virt-controller-vm',
  virtualmachineinstance: 'virt-controller-vmi',
  virtualmachineinstancemigration: 'virt-controller-migration',
  evacuation: 'virt-controller-evacuation',
  'disruption budget': 'virt-controller-disruption-budget',
  'virt-handler': 'virt-handler-vm',
};

export function queueFamilies(depths: QueueDepths): readonly MetricFamily[] {
  const all = [...depths].map(([name, value]) => ({ name, value }));
  const others = all.filter(({ name }) => KUBEVIRT_NAMES[name] === undefined);
  const ofKubevirt = all.filter(({ name }) => KUBEVIRT_NAMES[name] !== undefined);
  return [
    family('workqueue_depth', others, REAL_NAMES),
    family('kubevirt_workqueue_depth', ofKubevirt, KUBEVIRT_NAMES),
  ];
}

function family(
  name: string,
  queues: readonly { readonly name: string; readonly value: number }[],
  names: Readonly<Record<string, string>>,
): MetricFamily {
  const help = 'Keys that wait for a worker, by work queue.';
  const samples = queues.map((queue) => ({
    labels: { name: names[queue.name] ?? queue.name },
    value: queue.value,
  }));
  return { name, help, type: 'gauge', samples };
}
