/**
 * The roles for people that a cluster comes with, with what KubeVirt, CDI and the snapshot
 * controller add to them (kubernetes bootstrappolicy/policy.go; kubevirt rbac/cluster.go, CDI
 * rbac.go): shorter than the real ones, which name each resource.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { Rule } from './rbac.ts';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const ALL = [...READ, ...WRITE];

const WORKLOADS = [
  'configmaps',
  'endpoints',
  'events',
  'persistentvolumeclaims',
  'pods',
  'pods/log',
  'serviceaccounts',
  'services',
];
const OPERATED = ['cdi.kubevirt.io', 'kubevirt.io', 'snapshot.storage.k8s.io'];
const VIEWED = ['apps', 'batch', 'policy', 'networking.k8s.io', ...OPERATED];

const VIEW: readonly Rule[] = [
  rule(READ, [''], [...WORKLOADS, 'limitranges', 'namespaces', 'resourcequotas']),
  rule(READ, VIEWED, ['*']),
  rule(READ, ['instancetype.kubevirt.io'], ['*']),
];

const EDIT: readonly Rule[] = [
  ...VIEW,
  rule(ALL, [''], [...WORKLOADS, 'secrets']),
  rule(WRITE, VIEWED, ['*']),
  rule(['update'], ['subresources.kubevirt.io'], ['*']),
  rule(['create'], ['cdi.kubevirt.io'], ['datavolumes/source']),
];

const ADMIN: readonly Rule[] = [
  ...EDIT,
  rule(ALL, ['rbac.authorization.k8s.io'], ['rolebindings', 'roles']),
];

const EVERYTHING: readonly Rule[] = [
  rule(['*'], ['*'], ['*']),
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export function defaultRoles(): readonly KubeObject[] {
  const roles = { 'cluster-admin': EVERYTHING, admin: ADMIN, edit: EDIT, view: VIEW };
  return [
    ...Object.entries(roles).map(([name, rules]) => object('ClusterRole', name, { rules })),
    object('ClusterRoleBinding', 'cluster-admin', {
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: GROUP, kind: 'Group', name: 'system:masters' }],
    }),
  ];
}

const GROUP = 'rbac.authorization.k8s.io';

function object(kind: string, name: string, more: object): KubeObject {
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  return { apiVersion: `${GROUP}/v1`, kind, metadata: { name, labels }, ...more };
}

function rule(
  verbs: readonly string[],
  apiGroups: readonly string[],
  resources: readonly string[],
): Rule {
  return { verbs, apiGroups, resources };
}
