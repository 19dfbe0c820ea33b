/**
 * Where a pod may go, or would rather be, because of the pods there: of the scheduler's plugin
 * InterPodAffinity what KubeVirt and CDI ask of it, terms by labels on the topology of hosts.
 */

import type { Pod } from '../../../api/compute.ts';

interface Term {
  readonly topologyKey?: string;
  readonly namespaces?: readonly string[];
  readonly labelSelector?: {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly Expression[];
  };
}

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Affinity {
  readonly podAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly Term[];
    readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
      readonly podAffinityTerm: Term;
    }[];
  };
  readonly podAntiAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly Term[];
  };
}

export interface Neighbours {
  readonly refused: ReadonlySet<string>;
  /** Only these will do; any where undefined. */
  readonly required: ReadonlySet<string> | undefined;
  readonly preferred: ReadonlySet<string>;
}

export function findNeighbours(pod: Pod, pods: Iterable<Pod>): Neighbours {
  if (pod.spec.affinity === undefined) return ANYWHERE;
  const { podAffinity, podAntiAffinity } = pod.spec.affinity as Affinity;
  const refusing = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const requiring = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferring = podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const wished = preferring.map(({ podAffinityTerm }) => podAffinityTerm);
  if (refusing.length + requiring.length + wished.length === 0) return ANYWHERE;
  const refused = new Set<string>();
  const required = new Set<string>();
  const preferred = new Set<string>();
  for (const other of pods) {
    const { nodeName } = other.spec;
    if (nodeName === undefined) continue;
    const isMeant = (term: Term) => matches(term, pod, other);
    if (refusing.some(isMeant)) refused.add(nodeName);
    if (requiring.some(isMeant)) required.add(nodeName);
    if (wished.some(isMeant)) preferred.add(nodeName);
  }
  // The first of those that must be together may be anywhere.
  const isFirst = required.size === 0 && requiring.every((term) => matches(term, pod, pod));
  return { refused, required: isFirst ? undefined : required, preferred };
}

const NONE: ReadonlySet<string> = new Set();

const ANYWHERE: Neighbours = { refused: NONE, required: undefined, preferred: NONE };

function matches(term: Term, { metadata }: Pod, other: Pod): boolean {
  const { topologyKey, namespaces = [metadata.namespace], labelSelector = {} } = term;
  const { matchLabels = {}, matchExpressions = [] } = labelSelector;
  const { labels = {}, namespace } = other.metadata;
  return (
    topologyKey === HOST &&
    namespaces.some((each) => each === namespace) &&
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(
      ({ key, operator, values = [] }) => operator === 'In' && values.includes(labels[key] ?? ''),
    )
  );
}

const HOST = 'kubernetes.io/hostname';
