/** Requests that are answered and not stored: who am I, and what may I or somebody else do. */

import type { Attributes } from '../authorization/attributes.ts';
import { ALWAYS_ALLOW, type Authorizer, type Rule } from '../authorization/rbac.ts';
import type { User } from '../authorization/user.ts';
import type { VirtualResource } from './discovery.ts';

const AUTHORIZATION = 'authorization.k8s.io';
const AUTHENTICATION = 'authentication.k8s.io';

export const REVIEWS: readonly VirtualResource[] = [
  review(AUTHORIZATION, 'selfsubjectaccessreviews', 'SelfSubjectAccessReview'),
  review(AUTHORIZATION, 'selfsubjectrulesreviews', 'SelfSubjectRulesReview'),
  review(AUTHORIZATION, 'subjectaccessreviews', 'SubjectAccessReview'),
  review(AUTHORIZATION, 'localsubjectaccessreviews', 'LocalSubjectAccessReview', true),
  review(AUTHENTICATION, 'selfsubjectreviews', 'SelfSubjectReview'),
  review(AUTHENTICATION, 'tokenreviews', 'TokenReview'),
];

/** The reviewed body, or undefined where the path names no review. */
export function answerReview(
  path: string,
  body: unknown,
  user: User,
  authorizer: Authorizer = ALWAYS_ALLOW,
): unknown {
  const found = REVIEWS.find((each) => reviewPath(each).test(path));
  if (!found) return undefined;
  const spec = ((body ?? {}) as { readonly spec?: ReviewSpec }).spec;
  return {
    kind: found.kind,
    apiVersion: `${found.group}/${found.version}`,
    metadata: { creationTimestamp: null },
    ...(spec === undefined ? {} : { spec }),
    status: reviewStatus(found.kind, spec ?? {}, user, authorizer),
  };
}

interface ReviewSpec {
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly namespace?: string;
  readonly resourceAttributes?: Partial<Attributes>;
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
}

function reviewStatus(kind: string, spec: ReviewSpec, user: User, authorizer: Authorizer): unknown {
  const { username, groups } = user;
  const userInfo = { username, groups };
  switch (kind) {
    case 'SelfSubjectRulesReview':
      return rulesStatus(authorizer.rulesFor(user, spec.namespace ?? ''));
    case 'SelfSubjectReview':
      return { userInfo };
    case 'TokenReview':
      return { authenticated: true, user: userInfo };
    case 'SelfSubjectAccessReview':
      return accessStatus(authorizer, user, spec);
    default:
      return accessStatus(
        authorizer,
        { username: spec.user ?? '', groups: spec.groups ?? [] },
        spec,
      );
  }
}

function accessStatus(authorizer: Authorizer, user: User, spec: ReviewSpec): unknown {
  const empty = { group: '', resource: '', subresource: '', namespace: '', name: '', verb: '' };
  const { path, verb = '' } = spec.nonResourceAttributes ?? {};
  const attributes =
    path === undefined ? { ...empty, ...spec.resourceAttributes } : { ...empty, path, verb };
  const { allowed, reason } = authorizer.decide(user, attributes);
  return { allowed, ...(reason ? { reason } : {}) };
}

function rulesStatus(rules: readonly Rule[]): unknown {
  return {
    resourceRules: rules
      .filter((rule) => rule.resources)
      .map(({ verbs = [], apiGroups = [], resources = [], resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames ? { resourceNames } : {}),
      })),
    nonResourceRules: rules
      .filter((rule) => rule.nonResourceURLs)
      .map(({ verbs = [], nonResourceURLs = [] }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  };
}

function review(group: string, name: string, kind: string, namespaced = false): VirtualResource {
  return { group, version: 'v1', name, kind, namespaced, verbs: ['create'] };
}

function reviewPath({ group, version, name, namespaced }: VirtualResource): RegExp {
  const scope = namespaced ? '/namespaces/[^/]+' : '';
  return new RegExp(`^/apis/${group}/${version}${scope}/${name}$`);
}
