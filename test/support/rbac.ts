/**
 * Role-based access control as Kubernetes does it, over the roles and bindings of YAML files, put
 * in front of a served cluster: what is not granted is answered 403, and reviews by what is.
 */

import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Grant } from '../../src/cluster/grant.ts';
import type { HttpsOptions } from '../../src/sim/apiserver/https/endpoint.ts';
import type { User } from '../../src/sim/apiserver/authorization/user.ts';
import { attributesOf, type RequestAttributes } from './request-attributes.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface RbacObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  }[];
}

type Answer = ReturnType<NonNullable<HttpsOptions['extension']>>;
type Request = Parameters<NonNullable<HttpsOptions['extension']>>[0];

export interface RbacFront {
  /** For the options of a served cluster. */
  readonly extension: (request: Request) => Answer;
  /** What was asked and allowed, and what was not; once each, as `verb group/resource`. */
  readonly used: Set<string>;
  readonly refused: Set<string>;
}

/** Objects of a file with one or more documents. */
export function rbacFile(path: string): readonly RbacObject[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((it) => it.toJS() as RbacObject);
}

/** `verb group/resource` of all rules. */
export function grantedBy(objects: readonly RbacObject[]): readonly string[] {
  const rules = objects.flatMap((object) => object.rules ?? []);
  const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
    ),
  );
  return [...new Set(granted)].sort();
}

/** The same of rows of the table. */
export function textsOf(grants: readonly Grant[]): readonly string[] {
  const texts = grants.flatMap(({ verbs, group, resource, subresource }) =>
    verbs.map((verb) => `${verb} ${group}/${[resource, subresource].filter(Boolean).join('/')}`),
  );
  return [...new Set(texts)].sort();
}

/** The same objects without one verb on one resource. */
export function without(objects: readonly RbacObject[], refused: string): readonly RbacObject[] {
  return objects.map((object) =>
    object.rules === undefined
      ? object
      : {
          ...object,
          rules: object.rules.flatMap(({ apiGroups, resources, verbs }) =>
            apiGroups.flatMap((group) =>
              resources.map((resource) => ({
                apiGroups: [group],
                resources: [resource],
                verbs: verbs.filter((verb) => `${verb} ${group}/${resource}` !== refused),
              })),
            ),
          ),
        },
  );
}

/** Admins are let through unseen; all others need a role. */
export function rbacFront(objects: () => readonly RbacObject[]): RbacFront {
  const used = new Set<string>();
  const refused = new Set<string>();
  const extension = (request: Request): Answer => {
    const { user } = request;
    if (user.groups.includes('system:masters')) return undefined;
    const asked = attributesOf(request);
    if (asked === undefined || isEverybodys(asked)) return review(request, objects());
    const text = `${asked.verb} ${asked.group}/${asked.resource}`;
    if (isGranted(objects(), user, asked)) {
      used.add(text);
      return undefined;
    }
    refused.add(`${text} in ${asked.namespace ?? 'the cluster'}`);
    return forbidden(user, asked);
  };
  return { extension, used, refused };
}

function isGranted(objects: readonly RbacObject[], user: User, asked: RequestAttributes): boolean {
  return objects.some((binding) => {
    const { kind, metadata, roleRef, subjects = [] } = binding;
    const reaches =
      kind === 'ClusterRoleBinding' ||
      (kind === 'RoleBinding' && metadata.namespace === asked.namespace);
    if (!reaches || roleRef === undefined || !subjects.some((it) => isUser(it, user))) return false;
    const role = objects.find(
      (it) =>
        it.kind === roleRef.kind &&
        it.metadata.name === roleRef.name &&
        (it.kind === 'ClusterRole' || it.metadata.namespace === metadata.namespace),
    );
    return role?.rules?.some((rule) => covers(rule, asked)) ?? false;
  });
}

type Subject = NonNullable<RbacObject['subjects']>[number];

function isUser({ kind, name, namespace }: Subject, { username, groups }: User): boolean {
  if (kind === 'Group') return groups.includes(name);
  return username === (kind === 'User' ? name : `system:serviceaccount:${namespace}:${name}`);
}

function covers({ apiGroups, resources, verbs, resourceNames }: Rule, asked: RequestAttributes) {
  const named = resourceNames === undefined || resourceNames.includes(asked.name ?? '');
  const has = (list: readonly string[], value: string) =>
    list.includes(value) || list.includes('*');
  return (
    named && has(apiGroups, asked.group) && has(resources, asked.resource) && has(verbs, asked.verb)
  );
}

/** Bound to all who are known to a cluster: system:basic-user. */
function isEverybodys({ verb, group, resource }: RequestAttributes): boolean {
  return (
    verb === 'create' &&
    group === 'authorization.k8s.io' &&
    ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'].includes(resource)
  );
}

interface ReviewedAttributes extends Omit<RequestAttributes, 'resource'> {
  readonly resource: string;
  readonly subresource?: string;
}

function review({ path, body, user }: Request, objects: readonly RbacObject[]): Answer {
  if (!path.endsWith('/selfsubjectaccessreviews')) return undefined;
  const { resource, subresource, ...rest } = (
    body as { spec: { resourceAttributes: ReviewedAttributes } }
  ).spec.resourceAttributes;
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  return answer(201, {
    status: { allowed: isGranted(objects, user, { ...rest, resource: full }) },
  });
}

function forbidden({ username }: User, { verb, group, resource, namespace }: RequestAttributes) {
  const where =
    namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return answer(403, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'Forbidden',
    message:
      `${resource}${group === '' ? '' : `.${group}`} is forbidden: User "${username}" cannot ` +
      `${verb} resource "${resource}" in API group "${group}" ${where}`,
    code: 403,
  });
}

function answer(status: number, body: unknown): NonNullable<Answer> {
  return { status, body, contentType: 'application/json', headers: {}, warnings: [] };
}
