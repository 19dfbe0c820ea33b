import { expect, test } from 'vitest';
import { takeCensus } from '../../src/cluster/occupants.ts';
import { scripted, type Script } from './script.ts';

const REVIEW = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const allowed = { status: 201, body: { status: { allowed: true } } };
const ok = (body: unknown) => ({ status: 200, body });
const group = (groupVersion: string) => ({ preferredVersion: { groupVersion } });
const kinds = (...names: readonly (readonly [string, string])[]) =>
  ok({
    resources: names.map(([name, kind]) => ({
      name,
      kind,
      namespaced: true,
      verbs: ['list', 'delete'],
    })),
  });
const down = {
  status: 503,
  body: { kind: 'Status', code: 503, message: 'the server is currently unable to handle it' },
};

const CLUSTER: Script = {
  [REVIEW]: allowed,
  'GET /apis': ok({ groups: [group('apps/v1'), group('metrics.k8s.io/v1beta1')] }),
  'GET /api/v1': kinds(['secrets', 'Secret']),
  'GET /apis/apps/v1': kinds(['deployments', 'Deployment']),
  'GET /apis/metrics.k8s.io/v1beta1': kinds(),
  'GET /api/v1/namespaces/ns/secrets': ok({
    items: [{ metadata: { name: 'key', namespace: 'ns', uid: 'theirs' } }],
    metadata: {},
  }),
  'GET /apis/apps/v1/namespaces/ns/deployments': ok({ items: [], metadata: {} }),
};

function census(more: Script = {}) {
  const cluster = scripted({ ...CLUSTER, ...more });
  return cluster.play(() => takeCensus(cluster.client, 'ns', () => false));
}

test('all kinds that are served are looked at', async () => {
  expect(await census()).toEqual({ foreign: ['Secret ns/key'], orphans: [], unseen: [] });
});

test.each([
  [
    'is down',
    { 'GET /apis/metrics.k8s.io/v1beta1': down },
    'everything of metrics.k8s.io/v1beta1 (the server is currently unable to handle it)',
  ],
  [
    'talks nonsense',
    { 'GET /apis/metrics.k8s.io/v1beta1': ok('<html>') },
    'everything of metrics.k8s.io/v1beta1 ' +
      '(GET /apis/metrics.k8s.io/v1beta1: the answer is no object of an API server)',
  ],
  [
    'lists nameless kinds',
    { 'GET /apis/apps/v1': ok({ resources: [null, { verbs: 3 }] }) },
    'everything of apps/v1 (its answer is no list of kinds)',
  ],
  [
    'lists a kind that it does not give',
    { 'GET /apis/apps/v1/namespaces/ns/deployments': down },
    'Deployment (the server is currently unable to handle it)',
  ],
  [
    'answers a list with something else',
    { 'GET /apis/apps/v1/namespaces/ns/deployments': ok({}) },
    'Deployment (the list of deployments is none)',
  ],
])('a program behind the server that %s hides its own kinds only', async (_what, more, unseen) => {
  expect(await census(more)).toEqual({
    foreign: ['Secret ns/key'],
    orphans: [],
    unseen: [unseen],
  });
});

test('a server that cannot list its groups is told of, and nothing crashes', async () => {
  const { unseen } = await census({ 'GET /apis': ok({ groups: [{}] }) });
  expect(unseen).toEqual(['everything (its answer is no list of kinds)']);
});
