/**
 * What an administrator has set up before anybody measures: storage and snapshot classes of the RBD
 * driver, the operators' own objects, Rook's Ceph cluster. Names and versions are the article's.
 */

import type { KubeObject } from '../../api/object.ts';
import { CEPH_CLUSTERS, SNAPSHOT_CLASSES, STORAGE_CLASSES } from '../../api/resources.ts';
import { instancetypeObjects } from './instancetypes.ts';
import { namespaceObject } from './server.ts';

const RBD_DRIVER = 'openshift-storage.rbd.csi.ceph.com';

export interface FirstObjects {
  readonly storageClasses: readonly string[];
  readonly snapshotClasses: readonly string[];
  readonly namespaces: readonly string[];
}

/** Namespaces come first: the other objects live in them. */
export function firstObjects(asked: FirstObjects): readonly KubeObject[] {
  const namespaces = new Set(['openshift-storage', 'openshift-cnv', ...asked.namespaces]);
  namespaces.delete('default');
  return [
    ...[...namespaces].map(namespaceObject),
    ...asked.storageClasses.map(storageClass),
    ...asked.snapshotClasses.map(snapshotClass),
    cephCluster(),
    ...instancetypeObjects(),
    ...operators(),
  ];
}

/** ocs-operator release-4.15 storageclasses.go: Immediate, expandable, krbd:rxbounce. */
function storageClass(name: string): KubeObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: STORAGE_CLASSES.kind,
    metadata: { name },
    provisioner: RBD_DRIVER,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
    parameters: {
      clusterID: 'openshift-storage',
      pool: 'ocs-storagecluster-cephblockpool',
      imageFeatures: 'layering,deep-flatten,exclusive-lock,object-map,fast-diff',
      mapOptions: 'krbd:rxbounce',
    },
  } as KubeObject;
}

function snapshotClass(name: string): KubeObject {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: SNAPSHOT_CLASSES.kind,
    metadata: { name },
    driver: RBD_DRIVER,
    deletionPolicy: 'Delete',
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
