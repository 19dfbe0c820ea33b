/** The rights of a run as roles that can be applied: `bench plan --rbac`. */

import { stringify } from 'yaml';
import { guessPlural, knownKind } from '../kube/find-kind.ts';
import { type KindRight, rightNeeds } from './kind-rights.ts';
import { listNeeds, type Permission, type Places } from './permissions.ts';

export interface RoleSubject extends Places {
  /** Of the scenario: names the roles. */
  readonly name: string;
  readonly kinds: readonly KindRight[];
}

/**
 * A ClusterRole for what is of the cluster, and a Role for each namespace that is there before the
 * run; of a namespace that the run makes itself nobody can have a role before.
 */
export function roleText(subject: RoleSubject): string {
  return roles(subject)
    .map(({ comment, role }) => `${comment}${stringify(role)}`)
    .join('---\n');
}

/** Of a pod. */
interface Account {
  readonly name: string;
  readonly namespace: string;
}

/** The same roles, each bound to the service account. */
export function rolesFor(subject: RoleSubject, account: Account): readonly object[] {
  return roles(subject).flatMap(({ role }) => {
    const { kind, metadata } = role;
    const { name } = metadata;
    const roleRef = { apiGroup: RBAC, kind, name };
    const binding = { apiVersion: `${RBAC}/v1`, kind: `${kind}Binding`, metadata };
    return [role, { ...binding, roleRef, subjects: [{ kind: 'ServiceAccount', ...account }] }];
  });
}

const RBAC = 'rbac.authorization.k8s.io';

function roles(subject: RoleSubject) {
  const { kinds, makesNamespace, namespace: home } = subject;
  const guessed = new Set<string>();
  const permissions = [
    ...listNeeds('run', subject).map(({ permission }) => permission),
    ...kinds.flatMap((right) => {
      const resource = knownKind(right) ?? guess(right);
      if (knownKind(right) === undefined) guessed.add(resource.plural);
      return rightNeeds(right, resource).map(({ permission }) => permission);
    }),
  ];
  const byPlace = new Map<string, Permission[]>();
  for (const permission of permissions) {
    const { namespace, resource } = permission;
    const isCluster = namespace === undefined || (makesNamespace && namespace === home);
    // The server takes a namespace to be an object of the cluster where roles are concerned.
    const place = isCluster || resource === 'namespaces' ? '' : namespace;
    byPlace.set(place, [...(byPlace.get(place) ?? []), permission]);
  }
  return [...byPlace]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([place, own]) => ({
      comment: comment(guessed, own),
      role: role(subject.name, place, own),
    }));
}

function guess({ apiVersion = '', kind }: KindRight) {
  const [, group = ''] = apiVersion.split('/').reverse();
  return { group, plural: guessPlural(kind), namespaced: true };
}

function comment(guessed: ReadonlySet<string>, permissions: readonly Permission[]): string {
  const here = new Set(permissions.map(({ resource }) => resource).filter((it) => guessed.has(it)));
  if (here.size === 0) return '';
  return `# Plurals made up from the kind, as the cluster was not asked: ${[...here].join(', ')}\n`;
}

function role(name: string, namespace: string, permissions: readonly Permission[]) {
  const isCluster = namespace === '';
  return {
    apiVersion: `${RBAC}/v1`,
    kind: isCluster ? 'ClusterRole' : 'Role',
    metadata: { name: `bench-${name}`, ...(isCluster ? {} : { namespace }) },
    rules: rules(permissions),
  };
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: string[];
  readonly verbs: readonly string[];
}

/** Resources of a group with the same verbs share a rule. */
function rules(permissions: readonly Permission[]): readonly Rule[] {
  const verbs = new Map<string, Set<string>>();
  for (const { verb, group, resource, subresource } of permissions) {
    const key = `${group} ${subresource === undefined ? resource : `${resource}/${subresource}`}`;
    verbs.set(key, (verbs.get(key) ?? new Set()).add(verb));
  }
  const found = new Map<string, Rule>();
  for (const [key, own] of verbs) {
    const [group = '', resource = ''] = key.split(' ');
    const list = [...own].sort();
    const alike = `${group} ${list.join()}`;
    const rule = found.get(alike) ?? { apiGroups: [group], resources: [], verbs: list };
    rule.resources.push(resource);
    found.set(alike, rule);
  }
  return [...found.values()];
}
