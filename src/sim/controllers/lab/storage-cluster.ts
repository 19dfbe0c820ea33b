/**
 * ODF: a StorageCluster becomes a CephCluster on the labelled nodes, and its classes once that is
 * Ready; the one for virtual machines only where KubeVirt's kinds are served.
 */

import type { Node } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { NODES, type Resource, SNAPSHOT_CLASSES, STORAGE_CLASSES } from '../../../api/resources.ts';
import type { ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { CEPH_CLUSTERS, type Loose, STORAGE_CLUSTERS } from './kinds.ts';
import { cephCluster } from './rook.ts';
import { conditions, ensure, type LabRoom, type Said, writeStatus } from './room.ts';

/** Of a node on which ODF may put storage (ocs-operator defaults/label.go). */
const STORAGE_LABEL = { 'cluster.ocs.openshift.io/openshift-storage': '' };
const NODES_LEAST = 3;

export interface StorageClusterOptions {
  /** Storage and snapshot classes that it makes. */
  readonly classes: readonly KubeObject[];
}

export function startStorageClusters(room: LabRoom, { classes }: StorageClusterOptions): void {
  const { lab } = room;
  const clusters = lab.informer(STORAGE_CLUSTERS);
  const nodes = lab.informer(NODES);
  const cephs = lab.informer(CEPH_CLUSTERS);
  const controller = lab.controller({
    name: 'ocs',
    workers: 1,
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const cluster = clusters.get(namespace, name);
      return cluster && sync(room, cluster, { nodes, cephs, classes });
    },
  });
  const wake = () => {
    for (const each of clusters.values()) controller.enqueue(makeObjectKey(each));
  };
  clusters.onChange(wake);
  cephs.onChange(wake);
  nodes.onChange((now, before) => {
    if (now?.metadata.labels !== before?.metadata.labels) wake();
  });
}

interface Around extends StorageClusterOptions {
  readonly nodes: Informer<Node>;
  readonly cephs: Informer<Loose>;
}

interface Spec {
  readonly storageDeviceSets?: readonly {
    readonly name: string;
    readonly count: number;
    readonly replica: number;
    readonly dataPVCTemplate: { readonly spec: Readonly<Record<string, unknown>> };
  }[];
}

async function sync(room: LabRoom, cluster: Loose, around: Around): Promise<ReconcileResult> {
  const { name, namespace } = cluster.metadata;
  const found = [...around.nodes.values()].filter(
    ({ metadata }) => metadata.labels?.[LABEL] === STORAGE_LABEL[LABEL],
  ).length;
  if (found < NODES_LEAST) {
    const message = `not enough nodes found: expected ${NODES_LEAST}, found ${found}`;
    await tell(room, cluster, false, { reason: 'ReconcileFailed', message });
    return undefined;
  }
  const { storageDeviceSets = [] } = cluster.spec as Spec;
  const cephName = `${name}-cephcluster`;
  const sets = storageDeviceSets.flatMap(({ name: set, count, replica, dataPVCTemplate }) =>
    Array.from({ length: replica }, (_, i) => ({
      name: `${set}-${i}`,
      count,
      volumeClaimTemplates: [dataPVCTemplate],
    })),
  );
  const spec = { nodeSelector: STORAGE_LABEL, storage: { storageClassDeviceSets: sets } };
  await ensure(room, CEPH_CLUSTERS, cephCluster(cephName, cluster, spec));
  const isUp = around.cephs.get(namespace, cephName)?.status?.['phase'] === 'Ready';
  if (isUp) for (const each of around.classes) await ensureClass(room, each);
  const reason = isUp ? 'ReconcileCompleted' : 'ReconcileInit';
  await tell(room, cluster, isUp, { reason, message: '' });
  return undefined;
}

const LABEL = 'cluster.ocs.openshift.io/openshift-storage' as const;

async function ensureClass(room: LabRoom, object: KubeObject): Promise<void> {
  const isSnapshot = object.kind === SNAPSHOT_CLASSES.kind;
  const resource: Resource = isSnapshot ? SNAPSHOT_CLASSES : STORAGE_CLASSES;
  await ensure(room, resource, object);
}

async function tell(
  room: LabRoom,
  cluster: Loose,
  isUp: boolean,
  { reason, message }: { readonly reason: string; readonly message: string },
): Promise<void> {
  const says = (type: string, is: boolean): Said => ({
    type,
    status: is ? 'True' : 'False',
    reason,
    message,
  });
  await writeStatus(room, STORAGE_CLUSTERS, cluster, {
    phase: isUp ? 'Ready' : 'Progressing',
    observedGeneration: cluster.metadata.generation,
    conditions: conditions(room, cluster, [
      says('ReconcileComplete', isUp),
      says('Available', isUp),
      says('Progressing', !isUp),
      says('Degraded', false),
    ]),
  });
}
