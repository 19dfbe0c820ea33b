/**
 * Nodes that a pod must not go to because of the pods there: of the scheduler's InterPodAffinity
 * filter what KubeVirt asks of it, required terms by labels on the topology of hosts.
 */

import type { Pod } from '../../../api/compute.ts';

interface Term {
  readonly topologyKey?: string;
  readonly labelSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
}

interface Affinity {
  readonly podAntiAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly Term[];
  };
}

export function refusedNodes(pod: Pod, pods: Iterable<Pod>): ReadonlySet<string> {
  const { podAntiAffinity } = (pod.spec.affinity ?? {}) as Affinity;
  const terms = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const nodes = new Set<string>();
  if (terms.length === 0) return nodes;
  for (const { metadata, spec } of pods) {
    if (spec.nodeName === undefined || metadata.namespace !== pod.metadata.namespace) continue;
    const isMeant = ({ topologyKey, labelSelector }: Term) =>
      topologyKey === HOST &&
      Object.entries(labelSelector?.matchLabels ?? {}).every(
        ([key, value]) => metadata.labels?.[key] === value,
      );
    if (terms.some(isMeant)) nodes.add(spec.nodeName);
  }
  return nodes;
}

const HOST = 'kubernetes.io/hostname';
