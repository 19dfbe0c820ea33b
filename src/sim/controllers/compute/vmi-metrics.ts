/** What virt-controller tells of VMIs (kubevirt pkg/monitoring/metrics/virt-controller). */

import type { VirtualMachineInstance } from '../../../api/compute.ts';
import type { MetricFamily } from '../../monitoring/family.ts';

/** Phases and nodes without a VMI have no sample, as there. */
export function vmiFamilies(instances: Iterable<VirtualMachineInstance>): readonly MetricFamily[] {
  const counts = new Map<string, { labels: { node: string; phase: string }; value: number }>();
  for (const { status } of instances) {
    const { nodeName: node = '', phase = '' } = status ?? {};
    const key = `${node} ${phase}`;
    const count = counts.get(key) ?? { labels: { node, phase: phase.toLowerCase() }, value: 0 };
    count.value += 1;
    counts.set(key, count);
  }
  return [
    {
      name: 'kubevirt_vmi_phase_count',
      help: 'VMIs by phase and node.',
      type: 'gauge',
      samples: [...counts.values()],
    },
  ];
}
