/**
 * What an administrator has set up before anybody measures: storage and snapshot classes of the RBD
 * driver, the operators' own objects, Rook's Ceph cluster. Names and versions are the article's.
 */

import type { KubeObject } from '../../api/object.ts';
import { CEPH_CLUSTERS, SNAPSHOT_CLASSES, STORAGE_CLASSES } from '../../api/resources.ts';
import { instancetypeObjects } from './instancetypes.ts';
import { namespaceObject } from './server/seed.ts';

export interface FirstObjects {
  readonly storageClasses: readonly string[];
  readonly snapshotClasses: readonly string[];
  readonly namespaces: readonly string[];
  readonly driver: KnownDriver;
}

/** What an administrator knows of the driver that the classes are for. */
interface KnownDriver {
  readonly name: string;
  readonly bindingMode: 'Immediate' | 'WaitForFirstConsumer';
  readonly expands: boolean;
  readonly takesSnapshots: boolean;
  readonly classParameters: Readonly<Record<string, string>>;
  readonly snapshotParameters?: Readonly<Record<string, string>>;
}

/** Namespaces come first: the other objects live in them. */
export function firstObjects(asked: FirstObjects): readonly KubeObject[] {
  const { driver } = asked;
  return [
    ...namespacesOf(['openshift-storage', 'openshift-cnv', ...asked.namespaces]),
    ...classObjects(asked),
    ...(driver.name.endsWith('.ceph.com') ? [cephCluster()] : []),
    ...instancetypeObjects(),
    ...operators(),
  ];
}

/** What a bare cluster has: a catalogue of operators, and not one of them. */
export function bareObjects({ namespaces }: Pick<FirstObjects, 'namespaces'>) {
  return [...namespacesOf([MARKETPLACE, ...namespaces]), ...instancetypeObjects()];
}

const MARKETPLACE = 'openshift-marketplace';

function namespacesOf(names: readonly string[]): readonly KubeObject[] {
  return [...new Set(names)].filter((name) => name !== 'default').map(namespaceObject);
}

/** Storage and snapshot classes, whoever makes them. */
export function classObjects(asked: Omit<FirstObjects, 'namespaces'>): readonly KubeObject[] {
  const { driver, storageClasses, snapshotClasses } = asked;
  return [
    ...storageClasses.map((name) => storageClass(name, driver)),
    ...(driver.takesSnapshots ? snapshotClasses.map((name) => snapshotClass(name, driver)) : []),
  ];
}

function storageClass(name: string, driver: KnownDriver): KubeObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: STORAGE_CLASSES.kind,
    metadata: { name },
    provisioner: driver.name,
    reclaimPolicy: 'Delete',
    volumeBindingMode: driver.bindingMode,
    allowVolumeExpansion: driver.expands,
    parameters: driver.classParameters,
  } as KubeObject;
}

function snapshotClass(name: string, driver: KnownDriver): KubeObject {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: SNAPSHOT_CLASSES.kind,
    metadata: { name },
    driver: driver.name,
    deletionPolicy: 'Delete',
    ...(driver.snapshotParameters && { parameters: driver.snapshotParameters }),
  } as KubeObject;
}

function cephCluster(): KubeObject {
  return {
    apiVersion: 'ceph.rook.io/v1',
    kind: CEPH_CLUSTERS.kind,
    metadata: { name: 'ocs-storagecluster-cephcluster', namespace: 'openshift-storage' },
    spec: {},
    status: { phase: 'Ready', ceph: { health: 'HEALTH_OK' } },
  };
}

function operators(): readonly KubeObject[] {
  return [
    {
      apiVersion: 'kubevirt.io/v1',
      kind: 'KubeVirt',
      metadata: { name: 'kubevirt-kubevirt-hyperconverged', namespace: 'openshift-cnv' },
      spec: {},
      status: { phase: 'Deployed', observedKubeVirtVersion: 'v1.1.1' },
    },
    {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'CDI',
      metadata: { name: 'cdi-kubevirt-hyperconverged' },
      spec: {},
      status: { phase: 'Deployed', observedVersion: 'v1.58.4' },
    },
    {
      apiVersion: 'hco.kubevirt.io/v1beta1',
      kind: 'HyperConverged',
      metadata: { name: 'kubevirt-hyperconverged', namespace: 'openshift-cnv' },
      spec: {},
      status: { versions: [{ name: 'operator', version: '4.15.2' }] },
    },
  ];
}
