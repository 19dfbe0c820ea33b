/**
 * Each verb on each resource that bench uses, and why. This is the only list: the preflight asks
 * about it, and tests hold it against the roles of deploy/ and against recorded runs.
 */

import type { Grant, Use } from './grant.ts';
import { READING } from './reading-grants.ts';

const CDI = 'cdi.kubevirt.io';
const KUBEVIRT = 'kubevirt.io';
const SNAPSHOT = 'snapshot.storage.k8s.io';

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
  { ...MADE, group: KUBEVIRT, resource: 'virtualmachines', act: 'vms', reason: 'the VMs' },
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
    act: 'vms',
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
    reason: 'clean-up of VMIs whose VM is gone',
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
  [KUBEVIRT, 'virtualmachineinstances', 'how far VMIs are; what is left of them'],
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
    verbs: ['list'],
    reach: 'ownHome',
    uses: REMOVING,
    reason: 'a namespace goes only where nothing of others is in it',
    lost: 'ConfigMaps of others in the namespace of the run go with it unseen',
  },
  {
    group: '',
    resource: 'configmaps',
    verbs: ['create'],
    reach: 'namespaces',
    uses: LOOKING,
    reason: 'a dry run a minute, of which nothing stays, tells the API server’s time',
    lost: 'the clock of the API server is not checked against ours',
  },
];

export const GRANTS: readonly Grant[] = [
  ...CREATING,
  ...DELETING,
  ...SEEN.map(([group, resource, reason]) => ({ ...LISTED, group, resource, reason })),
  ...SEEN.map(([group, resource, reason]) => ({ ...WATCHED, group, resource, reason })),
  ...NAMESPACE,
  ...READING,
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
