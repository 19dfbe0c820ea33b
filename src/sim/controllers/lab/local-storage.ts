/**
 * The Local Storage Operator: discovery writes down the disks of each node, and a LocalVolumeSet
 * makes a volume of each that fits. A disk is claimed only when it has been seen for a minute, and
 * looked at every thirty seconds until then: that floor is the operator's, not the hardware's.
 */

import type { Pod } from '../../../api/compute.ts';
import { PODS, STORAGE_CLASSES, VOLUMES } from '../../../api/resources.ts';
import type { PersistentVolume, StorageClass } from '../../../api/storage.ts';
import { formatQuantity, parseBytes } from '../../../core/bytes.ts';
import type { Rng } from '../../../core/rng.ts';
import type { ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { findController } from '../chassis/ownership.ts';
import { daemonCounts, ensureDaemon, isComplete } from './daemon-sets.ts';
import {
  groupVersion,
  DAEMON_SETS,
  DISCOVERIES,
  type Loose,
  RESULTS,
  VOLUME_SETS,
} from './kinds.ts';
import {
  conditions,
  ensure,
  isReady,
  type LabRoom,
  type Said,
  suffix,
  writeStatus,
} from './room.ts';

interface LocalStorage extends LabRoom {
  readonly discoveries: Informer<Loose>;
  readonly sets: Informer<Loose>;
  readonly daemons: Informer<Loose>;
  readonly volumes: Informer<PersistentVolume>;
  /** When the disk of a node was seen first, by the UID of the pod that saw it. */
  readonly firstSeen: Map<string, number>;
  /** How long each look at a disk takes. */
  readonly looks: Rng;
}

const DISCOVERY_DAEMON = 'diskmaker-discovery';
const MANAGER_DAEMON = 'diskmaker-manager';
const DISK = '/dev/nvme0n1';

export function startLocalStorage(room: LabRoom): void {
  const { lab } = room;
  const local: LocalStorage = {
    ...room,
    discoveries: lab.informer(DISCOVERIES),
    sets: lab.informer(VOLUME_SETS),
    daemons: lab.informer(DAEMON_SETS),
    volumes: lab.informer(VOLUMES),
    firstSeen: new Map(),
    looks: room.rng.fork('looks'),
  };
  const { discoveries, sets, daemons, volumes } = local;
  const sync = (of: Informer<Loose>, step: (local: LocalStorage, object: Loose) => Promise<void>) =>
    lab.controller({
      name: `local storage ${step.name}`,
      workers: 1,
      reconcile: async (key) => {
        const { namespace, name } = splitKey(key);
        const object = of.get(namespace, name);
        if (object) await step(local, object);
        return undefined;
      },
    });
  const discovery = sync(discoveries, syncDiscovery);
  const set = sync(sets, syncSet);
  const wake = () => {
    for (const each of discoveries.values()) discovery.enqueue(makeObjectKey(each));
    for (const each of sets.values()) set.enqueue(makeObjectKey(each));
  };
  discoveries.onChange((now) => now && discovery.enqueue(makeObjectKey(now)));
  sets.onChange((now) => now && set.enqueue(makeObjectKey(now)));
  daemons.onChange(wake);
  volumes.onChange((now, before) => {
    if (!now || !before) wake();
  });
  startDiskMakers(local, lab.informer(PODS));
}

/** What runs on each node. */
function startDiskMakers(local: LocalStorage, pods: Informer<Pod>): void {
  const controller = local.lab.controller({
    name: 'diskmaker',
    workers: Number.POSITIVE_INFINITY,
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = pods.get(namespace, name);
      const node = pod?.spec.nodeName;
      if (pod === undefined || node === undefined || !isReady(pod)) return undefined;
      const owner = findController(pod, DAEMON_SETS.kind)?.name;
      return owner === DISCOVERY_DAEMON ? probe(local, pod, node) : claim(local, pod, node);
    },
  });
  pods.onChange((now) => {
    const owner = now && findController(now, DAEMON_SETS.kind)?.name;
    if (owner === DISCOVERY_DAEMON || owner === MANAGER_DAEMON) {
      controller.enqueue(makeObjectKey(now as Pod));
    }
  });
}

/** `key In [value]` of a node selector, as labels. */
function selectorOf({ spec }: Loose): Readonly<Record<string, string>> {
  const { nodeSelector } = spec as { readonly nodeSelector?: NodeSelector };
  const terms = nodeSelector?.nodeSelectorTerms?.[0]?.matchExpressions ?? [];
  return Object.fromEntries(terms.map(({ key, values = [''] }) => [key, values[0] ?? '']));
}

interface NodeSelector {
  readonly nodeSelectorTerms?: readonly {
    readonly matchExpressions?: readonly {
      readonly key: string;
      readonly values?: readonly string[];
    }[];
  }[];
}

async function syncDiscovery(local: LocalStorage, discovery: Loose): Promise<void> {
  const { namespace = '', generation } = discovery.metadata;
  const counts = await ensureCounted(local, discovery, DISCOVERY_DAEMON);
  const { desired = 0, ready = 0 } = counts ?? {};
  const isThere = isComplete(counts);
  const message = `successfully running ${ready} out of ${desired} discovery daemons`;
  const none = counts !== undefined && desired === 0;
  await writeStatus(local, DISCOVERIES, discovery, {
    phase: none ? 'DiscoveryFailed' : 'Discovering',
    observedGeneration: generation,
    conditions: conditions(local, discovery, [
      said('Available', isThere, message),
      said('Degraded', none, none ? `no discovery daemons are scheduled in ${namespace}` : ''),
    ]),
  });
}

function said(type: string, is: boolean, message: string): Said {
  return { type, status: is ? 'True' : 'False', reason: 'Reconciled', message };
}

async function ensureCounted(local: LocalStorage, owner: Loose, name: string) {
  const { namespace = '' } = owner.metadata;
  const labels = { app: name };
  const nodeSelector = selectorOf(owner);
  await ensureDaemon(local, { name, namespace, labels, nodeSelector, owner });
  return daemonCounts(local.daemons, namespace, name);
}

async function probe(local: LocalStorage, pod: Pod, node: string): Promise<ReconcileResult> {
  const { parameters, faults } = local;
  const { namespace = '', uid } = pod.metadata;
  const afterUs = local.left(`probe ${uid}`, parameters.diskMaker.probeTimeUs);
  if (afterUs > 0) return { afterUs };
  const isDirty = faults()?.dirtyDisks.includes(node) ?? false;
  const size = parameters.diskMaker.diskSizeBytes;
  const name = `discovery-result-${node}`;
  await ensure(local, RESULTS, {
    apiVersion: groupVersion(RESULTS),
    kind: RESULTS.kind,
    metadata: { name, namespace, labels: { 'kubernetes.io/hostname': node } },
    spec: { nodeName: node },
  });
  const disk = {
    path: DISK,
    type: 'disk',
    size,
    property: 'NonRotational',
    fstype: isDirty ? 'ceph_bluestore' : '',
    status: { state: isDirty ? 'NotAvailable' : 'Available' },
  };
  const status = { discoveredDevices: [disk] };
  await local.client.patch(RESULTS, { namespace, name }, { status }, { subresource: 'status' });
  return undefined;
}

async function syncSet(local: LocalStorage, set: Loose): Promise<void> {
  const { generation } = set.metadata;
  const counts = await ensureCounted(local, set, MANAGER_DAEMON);
  const { storageClassName = '' } = set.spec as { readonly storageClassName?: string };
  const storageClass: StorageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: STORAGE_CLASSES.kind,
    metadata: { name: storageClassName },
    provisioner: 'kubernetes.io/no-provisioner',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  await ensure(local, STORAGE_CLASSES, storageClass);
  const made = [...local.volumes.values()].filter(
    ({ spec }) => spec.storageClassName === storageClassName,
  );
  await writeStatus(local, VOLUME_SETS, set, {
    observedGeneration: generation,
    totalProvisionedDeviceCount: made.length,
    conditions: conditions(local, set, [
      said('Available', true, 'Operator reconciled successfully'),
      said('DaemonSetsAvailableAndConfigured', isComplete(counts), ''),
    ]),
  });
}

/** Seen first when the daemon looks first; looked at again until it is old enough. */
async function claim(local: LocalStorage, pod: Pod, node: string): Promise<ReconcileResult> {
  const { parameters, faults, left, lab, firstSeen } = local;
  const { deviceMinAgeUs, youngRequeueUs, probeTimeUs, claimTimeUs } = parameters.diskMaker;
  const { uid = '', namespace } = pod.metadata;
  const set = [...local.sets.values()].find((each) => each.metadata.namespace === namespace);
  if (!set || !fits(set, parameters.diskMaker.diskSizeBytes)) return undefined;
  if (faults()?.dirtyDisks.includes(node)) return undefined;
  const nowUs = lab.clock.nowUs();
  const seenUs = firstSeen.get(uid);
  if (seenUs === undefined) {
    firstSeen.set(uid, nowUs);
    const message = `found possible matching disk ${DISK}, waiting 1m0s to claim`;
    lab.recorder('diskmaker').record(set, 'Normal', 'DiscoveredNewDevice', message);
  }
  const ageUs = nowUs - (seenUs ?? nowUs);
  if (ageUs <= deviceMinAgeUs) {
    return { afterUs: youngRequeueUs + local.looks.gamma(probeTimeUs, parameters.olm.variation) };
  }
  const afterUs = left(`claim ${uid}`, claimTimeUs);
  if (afterUs > 0) return { afterUs };
  await ensure(local, VOLUMES, localVolume(local, set, node));
  return undefined;
}

interface SetSpec {
  readonly storageClassName?: string;
  readonly volumeMode?: string;
  readonly deviceInclusionSpec?: { readonly minSize?: string; readonly maxSize?: string };
}

function fits({ spec }: Loose, bytes: number): boolean {
  const { minSize = '0', maxSize } = (spec as SetSpec).deviceInclusionSpec ?? {};
  const most = maxSize === undefined ? Number.POSITIVE_INFINITY : (parseBytes(maxSize) ?? 0);
  return bytes >= (parseBytes(minSize) ?? 0) && bytes <= most;
}

function localVolume(local: LocalStorage, set: Loose, node: string): PersistentVolume {
  const { storageClassName = '', volumeMode = 'Filesystem' } = set.spec as SetSpec;
  const { name: owner, namespace = '' } = set.metadata;
  const expression = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  const spec = {
    capacity: { storage: formatQuantity(local.parameters.diskMaker.diskSizeBytes) },
    accessModes: ['ReadWriteOnce'],
    volumeMode,
    storageClassName,
    persistentVolumeReclaimPolicy: 'Delete' as const,
    local: { path: `/mnt/local-storage/${storageClassName}/${DISK.slice(5)}` },
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
  };
  return {
    apiVersion: 'v1',
    kind: VOLUMES.kind,
    metadata: {
      name: `local-pv-${suffix(local, `${owner} on ${node}`)}`,
      labels: {
        'kubernetes.io/hostname': node,
        'storage.openshift.com/owner-name': owner,
        'storage.openshift.com/owner-namespace': namespace,
      },
    },
    spec,
  };
}
