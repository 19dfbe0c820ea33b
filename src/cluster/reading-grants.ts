/**
 * Rights to read what explains the figures. Without any of them the figures are the same, and
 * whoever withholds one is told what is lost.
 */

import type { Grant, Use } from './grant.ts';

const CDI = 'cdi.kubevirt.io';
const KUBEVIRT = 'kubevirt.io';
const SNAPSHOT = 'snapshot.storage.k8s.io';
const STORAGE = 'storage.k8s.io';

const RUN: readonly Use[] = ['run'];
const LOOKING: readonly Use[] = ['run', 'observe'];

/** What a clone may be taken from, and who may be using it. */
const ORIGINS: readonly (readonly [group: string, resource: string])[] = [
  ['', 'persistentvolumeclaims'],
  ['', 'pods'],
  [SNAPSHOT, 'volumesnapshots'],
  [CDI, 'datasources'],
];

export const READING: readonly Grant[] = [
  read({
    resource: 'resourcequotas',
    reach: 'namespaces',
    reason: 'preflight',
    lost: 'quotas that will refuse VMs are not found beforehand',
  }),
  read({
    resource: 'limitranges',
    reach: 'namespaces',
    reason: 'preflight',
    lost: 'limit ranges that will change VMs are not found beforehand',
  }),
  {
    ...read({
      resource: 'namespaces',
      reason: 'the UID of kube-system tells clusters apart',
      lost: 'the cluster is known by the name of its context alone',
    }),
    verbs: ['get'],
    reach: 'kubeSystem',
    uses: LOOKING,
  },
  read({
    resource: 'nodes',
    uses: LOOKING,
    reason: 'preflight, and what is recorded of the environment',
    lost: 'nobody checks whether the VMs fit, and nodes are not recorded',
  }),
  read({
    resource: 'persistentvolumes',
    uses: ['run', 'cleanup'],
    reason: 'storage drivers go on deleting when claims are gone',
    lost: 'the next step and the end of clean-up do not wait until storage is free again',
  }),
  {
    ...read({
      group: STORAGE,
      resource: 'storageclasses',
      reason: 'preflight (a wrong name is told with the right ones), environment',
      lost: 'the storage class is not checked beforehand, and not recorded',
    }),
    verbs: ['get', 'list'],
  },
  {
    ...read({
      group: SNAPSHOT,
      resource: 'volumesnapshotclasses',
      act: 'snapshots',
      reason: 'preflight: of the same driver as the storage class?',
      lost: 'the snapshot class is not checked beforehand',
    }),
    verbs: ['get'],
  },
  {
    ...read({
      group: CDI,
      resource: 'storageprofiles',
      reason: 'preflight, environment',
      lost: 'the path of a PVC clone is not known beforehand (it is recorded for each clone)',
    }),
    verbs: ['get'],
  },
  read({
    group: CDI,
    resource: 'cdis',
    uses: LOOKING,
    reason: 'preflight, environment',
    lost: 'version and health of CDI are not recorded',
  }),
  read({
    group: KUBEVIRT,
    resource: 'kubevirts',
    uses: LOOKING,
    reason: 'preflight, environment',
    lost: 'version, health and rate limits of KubeVirt are not recorded',
  }),
  read({
    group: 'hco.kubevirt.io',
    resource: 'hyperconvergeds',
    uses: LOOKING,
    reason: 'preflight, environment',
    lost: 'version and tuning policy of OpenShift Virtualization are not recorded',
  }),
  read({
    group: 'operators.coreos.com',
    resource: 'clusterserviceversions',
    act: 'openshift',
    uses: LOOKING,
    reason: 'environment',
    lost: 'versions of operators are not recorded',
  }),
  {
    ...read({
      group: 'route.openshift.io',
      resource: 'routes',
      reach: 'thanos',
      act: 'openshift',
      reason: 'where what the cluster feels is asked for',
      lost: "OpenShift's Prometheus is not found by itself: name it with --prometheus URL",
    }),
    verbs: ['get'],
  },
  {
    ...read({
      resource: 'configmaps',
      reach: 'routerCertificate',
      act: 'openshift',
      reason: 'the certificate of that route is verified',
      lost: "OpenShift's Prometheus is asked only where its certificate is trusted without",
    }),
    verbs: ['get'],
  },
  {
    ...read({
      group: 'coordination.k8s.io',
      resource: 'leases',
      uses: LOOKING,
      reason: 'who renews a lease writes its own time into it',
      lost: 'clocks of nodes and controllers are not bounded: stamps of the server are doubtful',
    }),
    verbs: ['list', 'watch'],
  },
  {
    ...read({
      group: CDI,
      resource: 'datasources',
      reason: 'DataVolumes of others may name one: does it stand for a PVC or a snapshot?',
      lost: 'clones of a DataSource are not told apart by what it stands for',
    }),
    verbs: ['get'],
    uses: ['observe'],
  },
  ...ORIGINS.map(([group, resource]) =>
    read({
      group,
      resource,
      reach: 'origins',
      reason: 'preflight: is what disks are cloned from there, ready, small enough and unused?',
      lost: 'sources of clones are not looked at beforehand',
    }),
  ),
  read({
    resource: 'events',
    reach: 'namespaces',
    reason: 'at a deadline: what the cluster told of the object and of what it waits for',
    lost: 'misses that the object itself does not explain are called slow',
  }),
  read({
    group: 'ceph.rook.io',
    resource: 'cephclusters',
    reason: 'storage used, after each wave',
    lost: 'storage used is not recorded',
  }),
];

type Reading = Pick<Grant, 'resource' | 'reason' | 'act'> &
  Partial<Pick<Grant, 'group' | 'reach' | 'uses'>> & { readonly lost: string };

function read({ group = '', reach = 'cluster', uses = RUN, ...rest }: Reading): Grant {
  return { group, reach, uses, verbs: ['list'], ...rest };
}
