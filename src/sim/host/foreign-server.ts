/**
 * Whether simulated controllers may work on a server: never where real ones do the same, since both
 * would act on the same objects. What is left out to real ones is told by name.
 */

import type { KubeObject } from '../../api/object.ts';
import { type Lease, SIMULATED_NODE } from '../../api/compute.ts';
import { LEASES } from '../../api/resources.ts';
import { parseRfc3339 } from '../../core/time-text.ts';
import { ignoreNotFound } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { listAll } from '../../kube/list-all.ts';

export interface Survey {
  /** Reasons to stay away, with what to do about each. */
  readonly refusals: readonly string[];
  /** Names of leases in kube-system that somebody holds. */
  readonly held: readonly string[];
}

/** What a product consists of, and the name by which ours is left out. */
interface Product {
  readonly name: 'virt-controller' | 'cdi';
  readonly kind: string;
  readonly path: string;
  readonly deployments: readonly string[];
  readonly leases: readonly string[];
}

const PRODUCTS: readonly Product[] = [
  {
    name: 'virt-controller',
    kind: 'KubeVirt',
    path: '/apis/kubevirt.io/v1/kubevirts',
    deployments: ['virt-operator', 'virt-controller', 'virt-api'],
    leases: ['virt-operator', 'virt-controller'],
  },
  {
    name: 'cdi',
    kind: 'CDI',
    path: '/apis/cdi.kubevirt.io/v1beta1/cdis',
    deployments: ['cdi-operator', 'cdi-deployment'],
    leases: ['cdi-controller-leader', 'cdi-controller-leader-election-helper', 'cdi-operator'],
  },
];

const DRIVER_PATH = '/apis/storage.k8s.io/v1/csidrivers/openshift-storage.rbd.csi.ceph.com';
const NEEDED = [
  '/apis/kubevirt.io/v1',
  '/apis/cdi.kubevirt.io/v1beta1',
  '/apis/snapshot.storage.k8s.io/v1',
];

/**
 * `nowUnixUs`: leases that were not renewed in their time are held by nobody. `without`: what the
 * server is said to have itself, which is no reason to stay away. `hasFace`: the driver is to be
 * called by real sidecars, whose administrator has registered it.
 */
export async function surveyServer(
  client: KubeClient,
  nowUnixUs: number,
  without: readonly string[] = [],
  hasFace = false,
): Promise<Survey> {
  const refusals: string[] = [];
  const products = PRODUCTS.filter(({ name }) => !without.includes(name));
  for (const path of NEEDED) {
    if ((await read(client, path)) === undefined) {
      refusals.push(`the server has no ${path.slice(6)}: bench cluster crds | kubectl apply -f -`);
    }
  }
  for (const { path, kind, name } of products) {
    const found = (await read<{ items: KubeObject[] }>(client, path))?.items ?? [];
    if (found.length === 0) continue;
    const beside = `--controllers '*,-${name}' plays the rest beside it`;
    refusals.push(`${kind} is installed (${formatName(found[0])}): ${beside}`);
  }
  const workloads = await read<{ items: KubeObject[] }>(client, '/apis/apps/v1/deployments');
  for (const workload of workloads?.items ?? []) {
    if (!products.some(({ deployments }) => deployments.includes(workload.metadata.name))) continue;
    refusals.push(`an operator is deployed (${formatName(workload)})`);
  }
  const driver = await read<KubeObject>(client, DRIVER_PATH);
  const isForeign = driver !== undefined && driver.metadata.labels?.[SIMULATED_NODE] === undefined;
  if (!hasFace && isForeign) {
    refusals.push('the CSI driver of the simulated storage is installed for real');
  }
  const held = await heldLeases(client, nowUnixUs);
  for (const lease of held) {
    if (!products.some(({ leases }) => leases.includes(lease.metadata.name))) continue;
    refusals.push(`${formatName(lease)} is held by ${lease.spec.holderIdentity ?? 'somebody'}`);
  }
  const ofSystem = held.filter(({ metadata }) => metadata.namespace === 'kube-system');
  return { refusals, held: ofSystem.map(({ metadata }) => metadata.name) };
}

/** Names of leases in kube-system that somebody holds. */
export async function heldInSystem(
  client: KubeClient,
  nowUnixUs: number,
): Promise<readonly string[]> {
  const held = await heldLeases(client, nowUnixUs, 'kube-system');
  return held.map(({ metadata }) => metadata.name);
}

/** Whether its holder has renewed it in time. */
export function isHeld({ spec }: Lease, nowUnixUs: number): boolean {
  if (!spec?.holderIdentity || spec.renewTime === undefined) return false;
  const renewedUs = parseRfc3339(spec.renewTime) ?? 0;
  return renewedUs + (spec.leaseDurationSeconds ?? 0) * 1e6 > nowUnixUs;
}

/** In all namespaces where none is named. */
async function heldLeases(
  client: KubeClient,
  nowUnixUs: number,
  namespace?: string,
): Promise<readonly Lease[]> {
  const leases = await listAll(client, LEASES, { namespace });
  return leases.filter((lease) => isHeld(lease, nowUnixUs));
}

/** Undefined where the path is not served. */
async function read<T>(client: KubeClient, path: string): Promise<T | undefined> {
  return (await ignoreNotFound(client.raw({ method: 'GET', path })))?.body as T | undefined;
}

function formatName(object: KubeObject | undefined): string {
  const { namespace, name } = object?.metadata ?? {};
  return namespace === undefined ? `${name}` : `${namespace}/${name}`;
}
