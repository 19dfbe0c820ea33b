/** Each verb on each resource that a run uses, for the preflight to ask about. */

import type { Demand } from './check.ts';

export interface Permission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespaced: boolean;
}

export function permissionsOf(demand: Pick<Demand, 'snapshotClass' | 'startsBySubresource'>) {
  const snapshots = demand.snapshotClass === undefined ? [] : [SNAPSHOTS];
  const start = demand.startsBySubresource ? [START] : [];
  return [...ALWAYS, ...snapshots, ...start].flatMap(({ verbs, ...rest }) =>
    verbs.map((verb): Permission => ({ verb, ...rest })),
  );
}

type Grant = Omit<Permission, 'verb'> & { readonly verbs: readonly string[] };

const OWNED = ['create', 'delete', 'get', 'list', 'watch'];
const SEEN = ['list', 'watch'];

const ALWAYS: readonly Grant[] = [
  { group: '', resource: 'namespaces', namespaced: false, verbs: ['create', 'delete', 'get'] },
  { group: '', resource: 'nodes', namespaced: false, verbs: ['list'] },
  { group: '', resource: 'pods', namespaced: true, verbs: SEEN },
  { group: '', resource: 'persistentvolumeclaims', namespaced: true, verbs: SEEN },
  { group: 'storage.k8s.io', resource: 'storageclasses', namespaced: false, verbs: ['get'] },
  { group: 'cdi.kubevirt.io', resource: 'datavolumes', namespaced: true, verbs: OWNED },
  {
    group: 'kubevirt.io',
    resource: 'virtualmachines',
    namespaced: true,
    verbs: [...OWNED, 'patch'],
  },
  { group: 'kubevirt.io', resource: 'virtualmachineinstances', namespaced: true, verbs: SEEN },
];

const SNAPSHOTS: Grant = {
  group: 'snapshot.storage.k8s.io',
  resource: 'volumesnapshots',
  namespaced: true,
  verbs: OWNED,
};

const START: Grant = {
  group: 'subresources.kubevirt.io',
  resource: 'virtualmachines',
  subresource: 'start',
  namespaced: true,
  verbs: ['update'],
};
