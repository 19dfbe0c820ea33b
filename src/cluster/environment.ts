/**
 * Which cluster a run was made on: what comparisons go by, and what may explain a change of level.
 * No secrets, and no names of hosts: nodes are counted by what they are.
 */

import type { Node } from '../api/compute.ts';
import type { KubeObject } from '../api/object.ts';
import { NAMESPACES, NODES, STORAGE_CLASSES, STORAGE_PROFILES } from '../api/resources.ts';
import { formatQuantity, parseBytes, parseCpu } from '../core/bytes.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { EnvironmentFact } from '../record/manifest.ts';
import { find, findAll } from './check.ts';
import { sidecarFacts } from './sidecars.ts';
import {
  CDIS,
  CLUSTER_SERVICE_VERSIONS,
  findHyperConverged,
  KUBEVIRTS,
  readTuningPolicy,
} from './operators.ts';

export interface EnvironmentOptions {
  /** What people call the cluster. */
  readonly name: string;
  /** Where it is known which one will be used. */
  readonly storageClass: string | undefined;
  /** Parameters of the storage class, which may name hosts. */
  readonly withParameters: boolean;
  /** Of bench itself: limits that it keeps. */
  readonly client: Readonly<Record<string, string>>;
}

type Facts = Record<string, string>;

/** What may be read of it; what may not is left out. Rejects with TransportError. */
export async function clusterEnvironment(
  client: KubeClient,
  options: EnvironmentOptions,
): Promise<EnvironmentFact> {
  const [cluster, ...parts] = await Promise.all([
    clusterUid(client),
    readable(() => serverFacts(client)),
    readable(() => kubeVirtFacts(client)),
    readable(() => cdiFacts(client)),
    readable(() => hyperConvergedFacts(client)),
    readable(() => operatorFacts(client)),
    readable(() => nodeFacts(client)),
    Promise.resolve(present({ 'storage.class': options.storageClass })),
    readable(() => storageClassFacts(client, options)),
    readable(() => profileFacts(client, options)),
    readable(() => driverFacts(client, options)),
  ]);
  return {
    name: options.name,
    identity: { cluster: cluster ?? options.name },
    facts: Object.assign({}, ...parts, prefixed('client', options.client)),
  };
}

/** The UID of kube-system, by which clusters are known: it lives as long as the cluster. */
export async function clusterUid(client: KubeClient): Promise<string | undefined> {
  const found = await readable(async () => {
    const namespace = await client.get(NAMESPACES, { name: 'kube-system' });
    return { uid: namespace.metadata.uid ?? '' };
  });
  return found['uid'];
}

async function readable(read: () => Promise<Facts>): Promise<Facts> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ApiError) return {};
    throw error;
  }
}

async function serverFacts(client: KubeClient): Promise<Facts> {
  const { body } = await client.raw({ method: 'GET', path: '/version' });
  return { kubernetes: (body as { gitVersion?: string }).gitVersion ?? 'unknown' };
}

async function kubeVirtFacts(client: KubeClient): Promise<Facts> {
  const [kubeVirt] = await findAll(client, KUBEVIRTS);
  return present({
    kubevirt: kubeVirt?.status?.observedKubeVirtVersion,
    'kubevirt.limits': readLimits(kubeVirt),
  });
}

async function cdiFacts(client: KubeClient): Promise<Facts> {
  const [cdi] = await findAll(client, CDIS);
  return present({ cdi: cdi?.status?.observedVersion });
}

async function hyperConvergedFacts(client: KubeClient): Promise<Facts> {
  const found = await findHyperConverged(client);
  return present({
    hyperconverged: found?.status?.versions?.find(({ name }) => name === 'operator')?.version,
    tuningPolicy: found && (readTuningPolicy(found) ?? 'unset'),
  });
}

/** Which operators OLM has installed; it copies each version into every namespace. */
async function operatorFacts(client: KubeClient): Promise<Facts> {
  const labelSelector = '!olm.copiedFrom';
  const versions = await findAll(client, CLUSTER_SERVICE_VERSIONS, { labelSelector });
  const named = versions.map(({ metadata: { name }, spec }) => {
    // `kubevirt-hyperconverged-operator.v4.15.3`
    const at = name.search(/\.v?\d/);
    return [`csv.${at < 0 ? name : name.slice(0, at)}`, spec?.version] as const;
  });
  return present(Object.fromEntries(named.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** Rate limits of KubeVirt's own clients, where they are not the defaults. */
function readLimits(kubeVirt: KubeObject | undefined): string | undefined {
  const spec = kubeVirt?.spec as { configuration?: Readonly<Record<string, unknown>> } | undefined;
  const names = ['apiConfiguration', 'controllerConfiguration', 'handlerConfiguration'];
  const set = names.filter((name) => spec?.configuration?.[name] !== undefined);
  if (set.length === 0) return undefined;
  return JSON.stringify(Object.fromEntries(set.map((name) => [name, spec?.configuration?.[name]])));
}

async function nodeFacts(client: KubeClient): Promise<Facts> {
  const nodes = await findAll(client, NODES);
  const of = (field: string) => census(nodes.map(({ status }) => status?.nodeInfo?.[field]));
  return present({
    nodes: String(nodes.length),
    'nodes.cpus': String(sum(nodes, (amount) => parseCpu(amount['cpu'] ?? ''))),
    'nodes.memory': formatQuantity(sum(nodes, (amount) => parseBytes(amount['memory'] ?? ''))),
    'nodes.pods': String(sum(nodes, (amount) => Number(amount['pods'] ?? 0))),
    'nodes.kernel': of('kernelVersion'),
    'nodes.os': of('osImage'),
    'nodes.runtime': of('containerRuntimeVersion'),
    'nodes.kubelet': of('kubeletVersion'),
  });
}

function sum(
  nodes: readonly Node[],
  read: (allocatable: Readonly<Record<string, string>>) => number | undefined,
): number {
  return nodes.reduce((total, { status }) => total + (read(status?.allocatable ?? {}) ?? 0), 0);
}

/** `5.14 (3), 5.15`: how many nodes have which. */
function census(values: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  const parts = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, n]) => (n === 1 ? value : `${value} (${n})`));
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** What serves the class; a lease that may not be read tells nothing. */
async function driverFacts(
  client: KubeClient,
  { storageClass: name }: EnvironmentOptions,
): Promise<Facts> {
  if (name === undefined) return {};
  const storageClass = await find(client, STORAGE_CLASSES, { name });
  const driver = storageClass?.provisioner;
  return driver === undefined ? {} : sidecarFacts(client, driver);
}

async function storageClassFacts(
  client: KubeClient,
  { storageClass: name, withParameters }: EnvironmentOptions,
): Promise<Facts> {
  if (name === undefined) return {};
  const storageClass = await find(client, STORAGE_CLASSES, { name });
  const parameters = Object.entries(storageClass?.parameters ?? {}).filter(
    ([key]) => withParameters && !/secret/i.test(key),
  );
  return present({
    'storage.provisioner': storageClass?.provisioner,
    'storage.binding': storageClass?.volumeBindingMode,
    'storage.reclaim': storageClass?.reclaimPolicy,
    ...Object.fromEntries(parameters.map(([key, value]) => [`storage.parameters.${key}`, value])),
  });
}

async function profileFacts(
  client: KubeClient,
  { storageClass: name }: EnvironmentOptions,
): Promise<Facts> {
  if (name === undefined) return {};
  const profile = await find(client, STORAGE_PROFILES, { name });
  return present({ 'storage.cloneStrategy': profile?.status?.cloneStrategy });
}

function prefixed(prefix: string, facts: Readonly<Record<string, string>>): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [`${prefix}.${key}`, value]),
  );
}

function present(facts: Readonly<Record<string, string | undefined>>): Facts {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
