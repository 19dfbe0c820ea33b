/**
 * Who may do what, by the roles and bindings that the server holds (kubernetes
 * plugin/pkg/auth/authorizer/rbac). What everybody may that the server knows, discovery and
 * questions about oneself, is built in; whoever is of system:masters may do everything.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import type { User } from './user.ts';
import type { Attributes } from './attributes.ts';

export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

export interface Authorizer {
  decide(user: User, attributes: Attributes): Decision;
  /** The rules that hold for the user in the namespace, those of the cluster among them. */
  rulesFor(user: User, namespace: string): readonly Rule[];
}

export interface Rule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** All objects of a kind. */
type List = (resource: Resource) => readonly KubeObject[];

const RBAC = 'rbac.authorization.k8s.io';

function kind(plural: string, name: string, namespaced: boolean): Resource {
  return { group: RBAC, version: 'v1', plural, kind: name, namespaced };
}

const ROLES = kind('roles', 'Role', true);
const CLUSTER_ROLES = kind('clusterroles', 'ClusterRole', false);
const BINDINGS = kind('rolebindings', 'RoleBinding', true);
const CLUSTER_BINDINGS = kind('clusterrolebindings', 'ClusterRoleBinding', false);

/** Lets everyone do everything. */
export const ALWAYS_ALLOW: Authorizer = {
  decide: () => ({ allowed: true, reason: 'whoever is let in may do everything' }),
  rulesFor: () => [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ],
};

export function createRbac(list: List): Authorizer {
  return {
    decide(user, attributes) {
      if (user.groups.includes('system:masters')) {
        return { allowed: true, reason: 'system:masters may do everything' };
      }
      for (const { rules, reason } of grants(list, user, attributes.namespace)) {
        if (rules.some((rule) => covers(rule, attributes))) return { allowed: true, reason };
      }
      return { allowed: false, reason: '' };
    },
    rulesFor: (user, namespace) => {
      if (user.groups.includes('system:masters')) return ALWAYS_ALLOW.rulesFor(user, namespace);
      return [...grants(list, user, namespace)].flatMap(({ rules }) => rules);
    },
  };
}

interface Grant {
  readonly rules: readonly Rule[];
  /** As the server words it in a review. */
  readonly reason: string;
}

function* grants(list: List, user: User, namespace: string): Generator<Grant> {
  if (user.groups.includes('system:authenticated')) yield DISCOVERY;
  yield PUBLIC;
  for (const object of list(CLUSTER_BINDINGS)) {
    const binding = object as Binding;
    if (!binds(binding, user)) continue;
    yield {
      rules: rulesOf(list, binding, ''),
      reason:
        `RBAC: allowed by ClusterRoleBinding "${binding.metadata.name}" of ClusterRole ` +
        `"${binding.roleRef?.name ?? ''}" to ${describe(user)}`,
    };
  }
  if (namespace === '') return;
  for (const object of list(BINDINGS)) {
    const binding = object as Binding;
    if (binding.metadata.namespace !== namespace || !binds(binding, user)) continue;
    const { kind: role = '', name = '' } = binding.roleRef ?? {};
    yield {
      rules: rulesOf(list, binding, namespace),
      reason:
        `RBAC: allowed by RoleBinding "${binding.metadata.name}/${namespace}" of ${role} ` +
        `"${name}" to ${describe(user)}`,
    };
  }
}

const DISCOVERY: Grant = {
  reason:
    'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole ' +
    '"system:discovery" to Group "system:authenticated"',
  rules: [
    {
      verbs: ['get'],
      nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'],
    },
    {
      verbs: ['create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    },
    {
      verbs: ['create'],
      apiGroups: ['authentication.k8s.io'],
      resources: ['selfsubjectreviews'],
    },
  ],
};

const PUBLIC: Grant = {
  reason:
    'RBAC: allowed by ClusterRoleBinding "system:public-info-viewer" of ClusterRole ' +
    '"system:public-info-viewer" to Group "system:unauthenticated"',
  rules: [
    {
      verbs: ['get'],
      nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'],
    },
  ],
};

interface Binding extends KubeObject {
  readonly roleRef?: { readonly kind?: string; readonly name?: string };
  readonly subjects?: readonly {
    readonly kind?: string;
    readonly name?: string;
    readonly namespace?: string;
  }[];
}

function binds({ subjects = [], metadata }: Binding, { username, groups }: User): boolean {
  return subjects.some(({ kind: what, name = '', namespace = metadata.namespace ?? '' }) => {
    if (what === 'User') return name === username;
    if (what === 'Group') return groups.includes(name);
    return what === 'ServiceAccount' && username === `system:serviceaccount:${namespace}:${name}`;
  });
}

function rulesOf(list: List, { roleRef }: Binding, namespace: string): readonly Rule[] {
  const isRole = roleRef?.kind === 'Role';
  const role = list(isRole ? ROLES : CLUSTER_ROLES).find(
    ({ metadata }) =>
      metadata.name === roleRef?.name && (!isRole || metadata.namespace === namespace),
  );
  return (role as { readonly rules?: readonly Rule[] } | undefined)?.rules ?? [];
}

function describe({ username }: User): string {
  const [, , namespace, name] = username.split(':');
  const isAccount = username.startsWith('system:serviceaccount:');
  return isAccount ? `ServiceAccount "${name}/${namespace}"` : `User "${username}"`;
}

function covers(rule: Rule, attributes: Attributes): boolean {
  const { verb, group, resource, subresource, name, path } = attributes;
  if (!matches(rule.verbs, verb)) return false;
  if (path !== undefined) {
    return (rule.nonResourceURLs ?? []).some((url) =>
      url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : path === url,
    );
  }
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const named = matches(rule.resources, full) || matchesSubresource(rule.resources, subresource);
  if (!named || !matches(rule.apiGroups, group)) return false;
  return !rule.resourceNames?.length || rule.resourceNames.includes(name);
}

function matches(list: readonly string[] | undefined, value: string): boolean {
  return list?.some((each) => each === '*' || each === value) ?? false;
}

function matchesSubresource(list: readonly string[] | undefined, subresource: string): boolean {
  return subresource !== '' && (list?.includes(`*/${subresource}`) ?? false);
}
