/**
 * Each verb on each resource that bench uses, and why. This is the only list: the preflight asks
 * about it, and tests hold it against the roles of deploy/ and against recorded runs.
 */

export interface Grant {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verbs: readonly string[];
  readonly reach: Reach;
  readonly uses: readonly Use[];
  /** Only where the plan has such work; always where undefined. */
  readonly act?: Act;
  /** What it is for. */
  readonly reason: string;
  /** What is lost without it; undefined: nothing works without it. */
  readonly lost?: string;
}

/** What bench is about: a run with its clean-up, looking at others' load, or a clean-up alone. */
export type Use = 'run' | 'observe' | 'cleanup';

/** Kinds of work in a plan, as far as rights depend on it. */
export type Act =
  /** Creates DataVolumes, VolumeSnapshots, VMs. */
  | 'volumes'
  | 'snapshots'
  | 'machines'
  /** Through KubeVirt's subresources. */
  | 'start'
  | 'stop'
  /** Starts or stops by a patch of the VM's spec. */
  | 'patch';

/** Where a right is needed. */
export type Reach =
  /** In each namespace that objects are created in. */
  | 'namespaces'
  /** In the run's namespace, or in all where it creates objects in several: one stream a kind. */
  | 'watched'
  /** On the Namespace of the run. */
  | 'home'
  /** To create that Namespace, and to delete it: not where it is there before the run. */
  | 'ownHome'
  /** In namespaces of others that disks are cloned from. */
  | 'sources'
  /** On the namespace kube-system. */
  | 'kubeSystem'
  /** On the whole cluster. */
  | 'cluster';

const CDI = 'cdi.kubevirt.io';
const KUBEVIRT = 'kubevirt.io';
const SNAPSHOT = 'snapshot.storage.k8s.io';
const STORAGE = 'storage.k8s.io';

const RUN: readonly Use[] = ['run'];
const REMOVING: readonly Use[] = ['run', 'cleanup'];
const LOOKING: readonly Use[] = ['run', 'observe'];
const ALL: readonly Use[] = ['run', 'observe', 'cleanup'];

const MADE = { verbs: ['create', 'get'], reach: 'namespaces', uses: RUN } as const;
const REMOVED = { verbs: ['delete'], reach: 'namespaces', uses: REMOVING } as const;
const LISTED = { verbs: ['list'], reach: 'watched', uses: ALL } as const;
const WATCHED = { verbs: ['watch'], reach: 'watched', uses: LOOKING } as const;

/** `get` is for what a creation left behind whose answer was lost: is it ours? */
const CREATING: readonly Grant[] = [
  {
    ...MADE,
    group: CDI,
    resource: 'datavolumes',
    act: 'volumes',
    reason: 'images are imported, disks cloned',
  },
  {
    ...MADE,
    group: SNAPSHOT,
    resource: 'volumesnapshots',
    act: 'snapshots',
    reason: 'an image is snapshotted to clone from',
  },
  { ...MADE, group: KUBEVIRT, resource: 'virtualmachines', act: 'machines', reason: 'the VMs' },
  {
    group: KUBEVIRT,
    resource: 'virtualmachines',
    verbs: ['patch'],
    reach: 'namespaces',
    uses: RUN,
    act: 'patch',
    reason: 'VMs are started and stopped with `via: patch`',
  },
  subresource('start', 'VMs are booted'),
  subresource('stop', 'VMs are stopped'),
  {
    group: CDI,
    resource: 'datavolumes',
    subresource: 'source',
    verbs: ['create'],
    reach: 'sources',
    uses: RUN,
    reason: 'CDI asks whether we may clone from a namespace that is not the clone’s',
  },
];

const DELETING: readonly Grant[] = [
  {
    ...REMOVED,
    group: KUBEVIRT,
    resource: 'virtualmachines',
    act: 'machines',
    reason: 'delete steps and clean-up, by UID',
  },
  {
    ...REMOVED,
    group: CDI,
    resource: 'datavolumes',
    act: 'volumes',
    reason: 'delete steps and clean-up, by UID',
  },
  {
    ...REMOVED,
    group: SNAPSHOT,
    resource: 'volumesnapshots',
    act: 'snapshots',
    reason: 'delete steps and clean-up, by UID',
  },
  {
    ...REMOVED,
    group: KUBEVIRT,
    resource: 'virtualmachineinstances',
    reason: 'clean-up of instances whose VM is gone',
    lost: 'an instance of ours whose VM is gone already stays behind',
  },
  {
    ...REMOVED,
    group: '',
    resource: 'persistentvolumeclaims',
    reason: 'clean-up of claims whose DataVolume CDI has collected',
    lost: 'a claim of ours whose DataVolume CDI has collected stays behind',
  },
];

const SEEN: readonly (readonly [group: string, resource: string, reason: string])[] = [
  [KUBEVIRT, 'virtualmachines', 'how far VMs are; what is left of them'],
  [KUBEVIRT, 'virtualmachineinstances', 'how far instances are; what is left of them'],
  [CDI, 'datavolumes', 'how far disks are; what is left of them'],
  [SNAPSHOT, 'volumesnapshots', 'when snapshots are ready; what is left of them'],
  ['', 'persistentvolumeclaims', 'when claims are bound; what is left of them'],
  ['', 'pods', 'how far virt-launcher is; who else lives in a namespace'],
];

const NAMESPACE: readonly Grant[] = [
  {
    group: '',
    resource: 'namespaces',
    verbs: ['get'],
    reach: 'home',
    uses: REMOVING,
    reason: 'is it there, ours, or on its way out?',
  },
  {
    group: '',
    resource: 'namespaces',
    verbs: ['create'],
    reach: 'ownHome',
    uses: RUN,
    reason: 'a run lives in a namespace of its own, unless the scenario lends it one',
  },
  {
    group: '',
    resource: 'namespaces',
    verbs: ['delete'],
    reach: 'ownHome',
    uses: REMOVING,
    reason: 'and takes it away with itself',
  },
  {
    group: '',
    resource: 'namespaces',
    verbs: ['list'],
    reach: 'cluster',
    uses: REMOVING,
    reason: 'namespaces that runs left behind',
    lost: 'leftovers are looked for in the namespace of the run alone',
  },
  {
    group: '',
    resource: 'configmaps',
    verbs: ['create'],
    reach: 'namespaces',
    uses: RUN,
    reason: 'a dry run a minute, of which nothing stays, tells the API server’s time',
    lost: 'the clock of the API server is not checked against ours',
  },
];

/** What explains the figures; without any of it they are the same. */
const EXPLAINING: readonly Grant[] = [
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
    uses: REMOVING,
    reason: 'storage drivers go on deleting when claims are gone',
    lost: 'the next step and the end of clean-up do not wait until storage is free again',
  }),
  {
    ...read({
      group: STORAGE,
      resource: 'storageclasses',
      uses: LOOKING,
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
      uses: LOOKING,
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
  {
    ...read({
      group: 'coordination.k8s.io',
      resource: 'leases',
      reason: 'who renews a lease writes its own time into it',
      lost: 'clocks of nodes and controllers are not bounded: stamps of the server are doubtful',
    }),
    verbs: ['list', 'watch'],
  },
  read({
    group: 'ceph.rook.io',
    resource: 'cephclusters',
    reason: 'storage used, after each wave',
    lost: 'storage used is not recorded',
  }),
];

export const GRANTS: readonly Grant[] = [
  ...CREATING,
  ...DELETING,
  ...SEEN.map(([group, resource, reason]) => ({ ...LISTED, group, resource, reason })),
  ...SEEN.map(([group, resource, reason]) => ({ ...WATCHED, group, resource, reason })),
  ...NAMESPACE,
  ...EXPLAINING,
];

function subresource(name: 'start' | 'stop', reason: string): Grant {
  return {
    group: 'subresources.kubevirt.io',
    resource: 'virtualmachines',
    subresource: name,
    verbs: ['update'],
    reach: 'namespaces',
    uses: RUN,
    act: name,
    reason,
  };
}

type Reading = Pick<Grant, 'resource' | 'reason' | 'act'> &
  Partial<Pick<Grant, 'group' | 'reach' | 'uses'>> & { readonly lost: string };

function read({ group = '', reach = 'cluster', uses = RUN, ...rest }: Reading): Grant {
  return { group, reach, uses, verbs: ['list'], ...rest };
}
