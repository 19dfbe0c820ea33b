/**
 * Requests that are answered and not stored: who am I, and what may I do. Whoever is let in may do
 * everything.
 */

import type { VirtualResource } from './discovery.ts';

export interface User {
  readonly username: string;
  readonly groups: readonly string[];
}

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
export function answerReview(path: string, body: unknown, user: User): unknown {
  const found = REVIEWS.find((each) => reviewPath(each).test(path));
  if (!found) return undefined;
  const sent = (body ?? {}) as Readonly<Record<string, unknown>>;
  return {
    kind: found.kind,
    apiVersion: `${found.group}/${found.version}`,
    metadata: { creationTimestamp: null },
    ...(sent['spec'] === undefined ? {} : { spec: sent['spec'] }),
    status: reviewSelf(found.kind, user),
  };
}

const ALLOWED = { allowed: true, reason: 'whoever is let in may do everything' };

function reviewSelf(kind: string, { username, groups }: User): unknown {
  const userInfo = { username, groups };
  switch (kind) {
    case 'SelfSubjectRulesReview':
      return {
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        incomplete: false,
      };
    case 'SelfSubjectReview':
      return { userInfo };
    case 'TokenReview':
      return { authenticated: true, user: userInfo };
    default:
      return ALLOWED;
  }
}

function review(group: string, name: string, kind: string, namespaced = false): VirtualResource {
  return { group, version: 'v1', name, kind, namespaced, verbs: ['create'] };
}

function reviewPath({ group, version, name, namespaced }: VirtualResource): RegExp {
  const scope = namespaced ? '/namespaces/[^/]+' : '';
  return new RegExp(`^/apis/${group}/${version}${scope}/${name}$`);
}
