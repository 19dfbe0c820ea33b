/** Roles are enforced of clients on the wire; whoever may impersonate can try them for others. */

import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/api/object.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { readAttributes } from '../../../../src/sim/apiserver/authorization/attributes.ts';
import { actingUser, checkAccess } from '../../../../src/sim/apiserver/https/access.ts';
import { createApiServer } from '../../../../src/sim/apiserver/server/server.ts';
import { answerReview } from '../../../../src/sim/apiserver/wire/reviews.ts';
import { createKernel } from '../../../../src/sim/kernel/kernel.ts';

const RBAC = 'rbac.authorization.k8s.io';

function rbac(kind: string, name: string, more: object, namespace?: string): KubeObject {
  const metadata = { name, ...(namespace ? { namespace } : {}) };
  return { apiVersion: `${RBAC}/v1`, kind, metadata, ...more };
}

function cluster(...objects: readonly KubeObject[]) {
  const server = createApiServer({
    clock: createKernel(),
    rng: createRng(1),
    authorization: 'RBAC',
  });
  for (const object of objects) server.seed(object);
  return server;
}

const account = (name: string, namespace = 'default') => ({
  username: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});
const ADMIN = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };
const subject = { kind: 'ServiceAccount', name: 'bench', namespace: 'default' };
const READS = { rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }] };
const toRole = { roleRef: { kind: 'Role', name: 'reads' }, subjects: [subject] };

const ask = (method: string, path: string, user = account('bench')) => ({
  method,
  path,
  query: {},
  accept: undefined,
  contentType: undefined,
  userAgent: 'test',
  user,
  body: undefined,
});

describe('a service account', () => {
  const server = cluster(
    rbac('Role', 'reads', READS, 'default'),
    rbac('RoleBinding', 'reads', toRole, 'default'),
  );
  const access = (method: string, path: string, user = account('bench')) =>
    checkAccess(server.authorizer, ask(method, path, user))?.body;

  test('may do in its namespace what a role grants there, and nothing else', () => {
    expect(access('GET', '/api/v1/namespaces/default/pods')).toBeUndefined();
    expect(access('GET', '/api/v1/namespaces/default/pods/a')).toBeUndefined();
    expect(access('DELETE', '/api/v1/namespaces/default/pods/a')).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'pods "a" is forbidden: User "system:serviceaccount:default:bench" cannot delete ' +
        'resource "pods" in API group "" in the namespace "default"',
    });
    expect(access('GET', '/api/v1/pods')).toMatchObject({
      message: expect.stringContaining(
        'cannot list resource "pods" in API group "" at the cluster',
      ),
    });
    expect(access('GET', '/api/v1/namespaces/default/pods', account('other'))).toBeDefined();
  });

  test('finds its way, and asks about itself', () => {
    for (const path of ['/version', '/apis', '/apis/apps/v1', '/openapi/v3']) {
      expect(access('GET', path)).toBeUndefined();
    }
    const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    expect(access('POST', reviews)).toBeUndefined();
    expect(access('GET', '/metrics')).toMatchObject({
      message: 'forbidden: User "system:serviceaccount:default:bench" cannot get path "/metrics"',
    });
    const allowed = (verb: string) => {
      const resourceAttributes = { namespace: 'default', verb, resource: 'pods' };
      const body = { spec: { resourceAttributes } };
      const answer = answerReview(reviews, body, account('bench'), server.authorizer);
      return (answer as { status: { allowed: boolean } }).status.allowed;
    };
    expect(allowed('list')).toBe(true);
    expect(allowed('create')).toBe(false);
  });

  test('is tried out by whoever may impersonate it', () => {
    const as = { 'impersonate-user': 'system:serviceaccount:default:bench' };
    expect(actingUser(server.authorizer, ADMIN, as)).toEqual(account('bench'));
    expect(actingUser(server.authorizer, account('other'), as)).toMatchObject({ status: 403 });
    expect(actingUser(server.authorizer, ADMIN, {})).toBe(ADMIN);
  });
});

test('subresources have rights of their own', () => {
  const rules = [
    {
      verbs: ['update'],
      apiGroups: ['subresources.kubevirt.io'],
      resources: ['virtualmachines/start'],
    },
  ];
  const server = cluster(
    rbac('ClusterRole', 'starts', { rules }),
    rbac('ClusterRoleBinding', 'starts', {
      roleRef: { kind: 'ClusterRole', name: 'starts' },
      subjects: [subject],
    }),
  );
  const put = (action: string) => {
    const base = '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/vm';
    return checkAccess(server.authorizer, ask('PUT', `${base}/${action}`));
  };
  expect(put('start')).toBeUndefined();
  expect(put('stop')).toMatchObject({ status: 403 });
});

test.each([
  ['GET', '/api/v1/namespaces/a/pods', 'list  pods a '],
  ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection  pods a '],
  ['GET', '/api/v1/namespaces/a', 'get  namespaces a a'],
  ['GET', '/api/v1/nodes/n', 'get  nodes  n'],
  [
    'PUT',
    '/apis/kubevirt.io/v1/namespaces/a/virtualmachines/v/status',
    'update kubevirt.io virtualmachines/status a v',
  ],
])('%s %s is %s', (method, path, expected) => {
  const { verb, group, resource, subresource, namespace, name } = readAttributes({
    method,
    path,
    query: {},
  });
  const full = subresource ? `${resource}/${subresource}` : resource;
  expect([verb, group, full, namespace, name].join(' ')).toBe(expected);
});
