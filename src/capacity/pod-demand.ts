/**
 * What a pod takes of a node, as the scheduler counts it: the sum over its containers, or more
 * where an init container asks for more (kubernetes component-helpers resource/helpers.go).
 */

import type { VmiSpec, Pod } from '../api/compute.ts';
import type { ResourceRequests } from '../api/storage.ts';
import { parseBytes, parseCpu } from '../core/bytes.ts';
import { computeResources, consoleLogResources, type LauncherRules } from './launcher-request.ts';

export interface PodDemand {
  /** Millicores. */
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  /** Devices, huge pages, ephemeral storage: by resource name, nothing that is 0. */
  readonly others: readonly (readonly [resource: string, amount: number])[];
  readonly nodeSelector: Readonly<Record<string, string>> | undefined;
}

/** Of a pod as it stands in the cluster. */
export function podDemand({ spec }: Pod): PodDemand {
  const amounts = sum(spec.containers.map(({ resources }) => resources));
  for (const { resources } of spec.initContainers ?? []) {
    for (const [name, amount] of sum([resources])) {
      amounts.set(name, Math.max(amount, amounts.get(name) ?? 0));
    }
  }
  return makeDemand(amounts, spec.nodeSelector);
}

/** Of the launcher pod that a VM of this spec gets. */
export function launcherDemand(spec: VmiSpec, rules: LauncherRules): PodDemand {
  const containers = [computeResources(spec, rules), consoleLogResources(spec, rules)];
  return makeDemand(sum(containers), { ...spec.nodeSelector, ...SCHEDULABLE });
}

/** KubeVirt's label of nodes that take VMs. */
export const SCHEDULABLE: Readonly<Record<string, string>> = Object.freeze({
  'kubevirt.io/schedulable': 'true',
});

function makeDemand(
  amounts: ReadonlyMap<string, number>,
  nodeSelector: PodDemand['nodeSelector'],
): PodDemand {
  const others = [...amounts].filter(([name, n]) => name !== 'cpu' && name !== 'memory' && n > 0);
  return {
    cpuMillis: amounts.get('cpu') ?? 0,
    memoryBytes: amounts.get('memory') ?? 0,
    others,
    nodeSelector,
  };
}

function sum(containers: readonly (ResourceRequests | undefined)[]): Map<string, number> {
  const amounts = new Map<string, number>();
  for (const { requests, limits } of containers.filter((each) => each !== undefined)) {
    // A limit without a request is a request as well.
    for (const [name, text] of Object.entries({ ...limits, ...requests })) {
      amounts.set(name, (amounts.get(name) ?? 0) + readAmount(name, text));
    }
  }
  return amounts;
}

/** Millicores of cpu; bytes, or a number, of everything else. */
function readAmount(resource: string, text: string): number {
  if (resource === 'cpu') return Math.ceil(Number(((parseCpu(text) ?? 0) * 1000).toFixed(6)));
  return parseBytes(text) ?? 0;
}
