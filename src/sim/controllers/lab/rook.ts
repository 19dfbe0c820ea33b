/**
 * Rook: monitors one after the other, then each device is prepared on its node, and an OSD is made
 * of it. Preparing goes on in parallel, but the operator makes OSDs one at a time, so that a large
 * cluster takes long however fast its nodes are.
 */

import type { Node, Pod } from '../../../api/compute.ts';
import { CLAIMS, NODES, PODS, VOLUMES } from '../../../api/resources.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/storage.ts';
import { parseBytes } from '../../../core/bytes.ts';
import type { ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, objectKey, splitKey } from '../../../kube/informer.ts';
import { controllerReference, isControlledBy } from '../chassis/ownership.ts';
import { matches, OPERAND_IMAGE } from './daemon-sets.ts';
import { groupVersion, BLOCK_POOLS, CEPH_CLUSTERS, type Loose } from './kinds.ts';
import { conditions, ensure, isReady, type LabRoom, writeStatus } from './room.ts';

interface Rook extends LabRoom {
  readonly clusters: Informer<Loose>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
}

const MONITORS = 3;

export function startRook(room: LabRoom): void {
  const { lab } = room;
  const rook: Rook = {
    ...room,
    clusters: lab.informer(CEPH_CLUSTERS),
    pods: lab.informer(PODS),
    nodes: lab.informer(NODES),
    claims: lab.informer(CLAIMS),
    volumes: lab.informer(VOLUMES),
  };
  const controller = lab.controller({
    name: 'rook',
    workers: 1,
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const cluster = rook.clusters.get(namespace, name);
      return cluster && sync(rook, cluster);
    },
  });
  const wake = (of: { readonly metadata: { readonly labels?: Labels } } | undefined) => {
    if (of?.metadata.labels?.['rook'] === undefined) return;
    for (const each of rook.clusters.values()) controller.enqueue(makeObjectKey(each));
  };
  rook.clusters.onChange((now) => now && controller.enqueue(makeObjectKey(now)));
  rook.pods.onChange((now, before) => wake(now ?? before));
  rook.claims.onChange((now) => wake(now));
  rook.volumes.onChange((now, before) => {
    if (now && !before)
      for (const each of rook.clusters.values()) controller.enqueue(makeObjectKey(each));
  });
}

type Labels = Readonly<Record<string, string>>;

/** A device that is to become an OSD. */
interface Place {
  readonly id: string;
  /** Undefined as long as its claim has no volume. */
  readonly node: string | undefined;
}

async function sync(rook: Rook, cluster: Loose): Promise<ReconcileResult> {
  const { parameters, left } = rook;
  const { uid } = cluster.metadata;
  if (cluster.status?.['phase'] === 'Ready') return undefined;
  await tell(rook, cluster, 'Progressing', 'Configuring the Ceph cluster');
  const nodes = [...rook.nodes.values()].filter((node) => matches(node, selectorOf(cluster)));
  const afterUs = await syncMonitors(rook, cluster, nodes);
  if (afterUs > 0) return { afterUs };
  const places = await findPlaces(rook, cluster, nodes);
  const waitUs = await makeOsds(rook, cluster, places);
  const osds = podsOf(rook, cluster, OSD);
  const isWhole = osds.filter(isReady).length === places.length && places.length > 0;
  if (!isWhole) return waitUs === undefined ? undefined : { afterUs: waitUs };
  const settleUs = left(`settle ${uid}`, parameters.rook.settleTimeUs);
  if (settleUs > 0) return { afterUs: settleUs };
  await tell(rook, cluster, 'Ready', 'Cluster created successfully');
  return undefined;
}

const OSD = 'rook-ceph-osd';

async function tell(rook: Rook, cluster: Loose, phase: string, message: string): Promise<void> {
  const isReadyNow = phase === 'Ready';
  await writeStatus(rook, CEPH_CLUSTERS, cluster, {
    phase,
    message,
    ceph: { health: isReadyNow ? 'HEALTH_OK' : 'HEALTH_WARN' },
    conditions: conditions(rook, cluster, [
      { type: 'Ready', status: isReadyNow ? 'True' : 'False', reason: 'ClusterCreated', message },
    ]),
  });
}

interface ClusterSpec {
  readonly nodeSelector?: Labels;
  readonly storage?: {
    readonly useAllDevices?: boolean;
    readonly storageClassDeviceSets?: readonly DeviceSet[];
  };
}

interface DeviceSet {
  readonly name: string;
  readonly count: number;
  readonly volumeClaimTemplates: readonly { readonly spec: PersistentVolumeClaim['spec'] }[];
}

function selectorOf({ spec }: Loose): Labels {
  return (spec as ClusterSpec).nodeSelector ?? { 'node-role.kubernetes.io/worker': '' };
}

function podsOf({ pods }: Rook, cluster: Loose, app: string): readonly Pod[] {
  return [...pods.values()].filter(
    (pod) => pod.metadata.labels?.['app'] === app && isControlledBy(pod, cluster),
  );
}

async function syncMonitors(rook: Rook, cluster: Loose, nodes: readonly Node[]): Promise<number> {
  const { uid } = cluster.metadata;
  for (const [i, node] of nodes.slice(0, MONITORS).entries()) {
    const leftUs = rook.left(`monitor ${i} ${uid}`, rook.parameters.rook.monitorTimeUs);
    if (leftUs > 0) return leftUs;
    const letter = 'abc'.charAt(i);
    const name = `rook-ceph-mon-${letter}`;
    await ensurePod(rook, cluster, { app: 'rook-ceph-mon', name, node: node.metadata.name });
  }
  return 0;
}

interface Made {
  readonly app: string;
  readonly name: string;
  readonly node: string;
}

async function ensurePod(rook: Rook, cluster: Loose, { app, name, node }: Made): Promise<void> {
  const { namespace = '' } = cluster.metadata;
  if (rook.pods.get(namespace, name) !== undefined) return;
  await ensure(rook, PODS, {
    apiVersion: 'v1',
    kind: PODS.kind,
    metadata: {
      name,
      namespace,
      labels: { app, rook: cluster.metadata.name },
      ownerReferences: [controllerReference(cluster)],
    },
    spec: { nodeName: node, containers: [{ name: app, image: OPERAND_IMAGE }] },
  });
}

/** Claims of device sets, or the empty disk of each node. */
async function findPlaces(
  rook: Rook,
  cluster: Loose,
  nodes: readonly Node[],
): Promise<readonly Place[]> {
  const { storage = {} } = cluster.spec as ClusterSpec;
  if (storage.storageClassDeviceSets === undefined) {
    const dirty = rook.faults()?.dirtyDisks ?? [];
    const names = nodes.map(({ metadata }) => metadata.name);
    return names.filter((name) => !dirty.includes(name)).map((node) => ({ id: node, node }));
  }
  const stock = takeStock(rook);
  const places: Place[] = [];
  for (const set of storage.storageClassDeviceSets) {
    for (let i = 0; i < set.count; i++)
      places.push(await syncClaim(rook, cluster, { set, i, stock }));
  }
  return places;
}

interface Stock {
  /** By the key of the claim that they are given to. */
  readonly taken: ReadonlyMap<string, PersistentVolume>;
  readonly free: PersistentVolume[];
}

function takeStock({ volumes }: Rook): Stock {
  const all = [...volumes.values()];
  const taken = all.flatMap((volume) => {
    const { claimRef } = volume.spec;
    return claimRef ? [[objectKey(claimRef.namespace, claimRef.name), volume] as const] : [];
  });
  return { taken: new Map(taken), free: all.filter(({ spec }) => spec.claimRef === undefined) };
}

async function syncClaim(
  rook: Rook,
  cluster: Loose,
  { set, i, stock }: { readonly set: DeviceSet; readonly i: number; readonly stock: Stock },
): Promise<Place> {
  const { namespace = '', name: owner } = cluster.metadata;
  const name = `${set.name}-data-${i}`;
  const claim = rook.claims.get(namespace, name);
  if (claim === undefined) {
    await ensure(rook, CLAIMS, {
      apiVersion: 'v1',
      kind: CLAIMS.kind,
      metadata: {
        name,
        namespace,
        labels: { rook: owner },
        ownerReferences: [controllerReference(cluster)],
      },
      spec: set.volumeClaimTemplates[0]?.spec ?? {},
    });
    return { id: name, node: undefined };
  }
  const own = stock.taken.get(objectKey(namespace, name));
  if (own === undefined) await bind(rook, claim, takeFree(stock, claim));
  const isBound = claim.status?.phase === 'Bound';
  return { id: name, node: isBound ? own?.metadata.labels?.[HOST] : undefined };
}

const HOST = 'kubernetes.io/hostname';

/** The first that is free and large enough: what the scheduler picks for the claim's pod. */
function takeFree({ free }: Stock, { spec }: PersistentVolumeClaim): PersistentVolume | undefined {
  const asked = parseBytes(spec.resources?.requests?.['storage'] ?? '0') ?? 0;
  const found = free.findIndex(
    (volume) =>
      volume.spec.storageClassName === spec.storageClassName &&
      (parseBytes(volume.spec.capacity?.['storage'] ?? '0') ?? 0) >= asked,
  );
  return found < 0 ? undefined : free.splice(found, 1)[0];
}

async function bind(
  { client }: Rook,
  { metadata }: PersistentVolumeClaim,
  volume: PersistentVolume | undefined,
): Promise<void> {
  if (volume === undefined) return;
  const { namespace = '', name, uid } = metadata;
  const { resourceVersion } = volume.metadata;
  const claimRef = { apiVersion: 'v1', kind: CLAIMS.kind, namespace, name, uid };
  const patch = { metadata: { resourceVersion }, spec: { claimRef } };
  await client.patch(VOLUMES, volume.metadata, patch);
}

/** Microseconds until there is more to do; undefined where something else has to happen first. */
async function makeOsds(
  rook: Rook,
  cluster: Loose,
  places: readonly Place[],
): Promise<number | undefined> {
  const { namespace = '', uid } = cluster.metadata;
  const waits: number[] = [];
  let made = podsOf(rook, cluster, OSD).length;
  let isTurn = true;
  for (const { id, node } of places) {
    const name = `${OSD}-${id}`;
    if (node === undefined || rook.pods.get(namespace, name) !== undefined) continue;
    const preparesUs = await prepare(rook, cluster, { id, node });
    if (preparesUs === undefined || !isTurn) continue;
    const waitUs =
      preparesUs || rook.left(`turn ${made} ${uid}`, rook.parameters.rook.osdIntervalUs);
    if (waitUs > 0) {
      waits.push(waitUs);
      if (preparesUs === 0) isTurn = false;
      continue;
    }
    await ensurePod(rook, cluster, { app: OSD, name, node });
    await rook.client.remove(PODS, { namespace, name: `${OSD}-prepare-${id}` });
    made += 1;
  }
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** What is left of it, 0 once it is done; undefined where its pod does not run yet, or is stuck. */
async function prepare(
  rook: Rook,
  cluster: Loose,
  { id, node }: Place & { readonly node: string },
): Promise<number | undefined> {
  const { namespace = '', uid } = cluster.metadata;
  const name = `${OSD}-prepare-${id}`;
  await ensurePod(rook, cluster, { app: `${OSD}-prepare`, name, node });
  const pod = rook.pods.get(namespace, name);
  const isStuck = rook.faults()?.stuckPrepares.includes(node) ?? false;
  if (pod === undefined || !isReady(pod) || isStuck) return undefined;
  return rook.left(`prepare ${id} ${uid}`, rook.parameters.rook.prepareTimeUs);
}

/** Pools of users: ready as soon as the cluster is. */
export function startPools(room: LabRoom): void {
  const { lab } = room;
  const pools = lab.informer(BLOCK_POOLS);
  const clusters = lab.informer(CEPH_CLUSTERS);
  const controller = lab.controller({
    name: 'rook pools',
    workers: 1,
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pool = pools.get(namespace, name);
      const isUp = [...clusters.values()].some(({ status }) => status?.['phase'] === 'Ready');
      if (pool)
        await writeStatus(room, BLOCK_POOLS, pool, { phase: isUp ? 'Ready' : 'Progressing' });
      return undefined;
    },
  });
  const wake = () => {
    for (const each of pools.values()) controller.enqueue(makeObjectKey(each));
  };
  pools.onChange((now, before) => now && !before && controller.enqueue(makeObjectKey(now)));
  clusters.onChange(wake);
}

export function cephCluster(name: string, owner: Loose, spec: Loose['spec']): Loose {
  const { namespace = '' } = owner.metadata;
  return {
    apiVersion: groupVersion(CEPH_CLUSTERS),
    kind: CEPH_CLUSTERS.kind,
    metadata: { name, namespace, ownerReferences: [controllerReference(owner)] },
    spec,
  };
}
