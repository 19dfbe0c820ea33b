/**
 * What one object counts for in a ResourceQuota (kubernetes pkg/quota/v1/evaluator/core): itself,
 * what the containers of a pod request and may use at most, the storage that a claim asks for.
 */

import type { Pod } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { CLAIMS, PODS, type Resource } from '../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import { parseBytes, parseCpu } from '../../../core/bytes.ts';

/** Amounts by the name of a quota's resource: millicores, bytes, or numbers. */
export type Amounts = ReadonlyMap<string, number>;

export function quotaAmounts(resource: Resource, object: KubeObject): Amounts {
  const amounts = new Map<string, number>();
  for (const name of countNames(resource)) amounts.set(name, 1);
  if (resource === PODS) addPod(amounts, object as Pod);
  if (resource === CLAIMS) addClaim(amounts, object as PersistentVolumeClaim);
  return amounts;
}

/** Names under which a quota limits the number of objects of a kind. */
function countNames({ plural, group }: Resource): readonly string[] {
  if (group !== '') return [`count/${plural}.${group}`];
  return SHORT_NAMES.has(plural) ? [`count/${plural}`, plural] : [`count/${plural}`];
}

/** Kinds that quotas have known since before `count/` (k8s.io/api core/v1 ResourceName). */
const SHORT_NAMES: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

/** Amounts of a pod's spec, which never change once it is there. */
const sums = new WeakMap<object, Amounts>();

function addPod(amounts: Map<string, number>, { spec, status }: Pod): void {
  // A pod that has ended uses nothing any longer.
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') {
    amounts.delete('pods');
    return;
  }
  let sum = sums.get(spec);
  if (!sum) {
    sum = sumContainers(spec);
    sums.set(spec, sum);
  }
  for (const [name, amount] of sum) amounts.set(name, amount);
}

/** Requests that have a name without `requests.` as well. */
const PLAIN: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

function sumContainers({ containers }: Pod['spec']): Amounts {
  const sum = new Map<string, number>();
  const add = (name: string, amount: number) => sum.set(name, (sum.get(name) ?? 0) + amount);
  for (const { resources } of containers ?? []) {
    for (const [name, text] of Object.entries({ ...resources?.limits, ...resources?.requests })) {
      const amount = readAmount(name, text);
      add(`requests.${name}`, amount);
      if (PLAIN.has(name)) add(name, amount);
    }
    for (const [name, text] of Object.entries(resources?.limits ?? {})) {
      add(`limits.${name}`, readAmount(name, text));
    }
  }
  return sum;
}

/** Of cpu in millicores, of all else in bytes or as a number. */
export function readAmount(name: string, text: string): number {
  const isCpu = name === 'cpu' || name.endsWith('.cpu');
  return isCpu ? Math.ceil((parseCpu(text) ?? 0) * 1000) : (parseBytes(text) ?? 0);
}

function addClaim(amounts: Map<string, number>, { spec }: PersistentVolumeClaim): void {
  const bytes = parseBytes(spec.resources?.requests?.['storage'] ?? '') ?? 0;
  amounts.set('requests.storage', bytes);
  const ofClass = `${spec.storageClassName ?? ''}.storageclass.storage.k8s.io`;
  amounts.set(`${ofClass}/requests.storage`, bytes);
  amounts.set(`${ofClass}/persistentvolumeclaims`, 1);
}

/** What a quota of this resource wants every container to say. */
export function unsaid(resource: Resource, object: KubeObject, limited: string): string[] {
  if (resource !== PODS || !MUST_SAY.has(limited)) return [];
  const [part, name = ''] = limited.includes('.') ? limited.split('.') : ['requests', limited];
  return ((object as Pod).spec.containers ?? [])
    .filter(({ resources }) => {
      const limit = resources?.limits?.[name];
      return part === 'limits' ? limit === undefined : !(resources?.requests?.[name] ?? limit);
    })
    .map((container) => container.name);
}

const MUST_SAY: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);
