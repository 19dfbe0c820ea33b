/** KubeVirt's aggregated routes before any object is looked at: method, content type, Accept. */

import { expect, test } from 'vitest';
import { ACCEPT } from '../../../../src/api/transport.ts';
import { VIRTUAL_MACHINES } from '../../../../src/api/resources.ts';
import { subresourcePath } from '../../../../src/kube/paths.ts';
import { type Asked, unrouted } from '../../../../src/sim/controllers/compute/virt-api-routes.ts';
import { createServicePaths } from '../../../../src/sim/apiserver/wire/service-paths.ts';
import { createWire } from '../../../../src/sim/apiserver/wire/wire.ts';
import { startComputeCluster } from '../../../support/compute-cluster.ts';

const ACTIONS = ['start', 'stop', 'restart'] as const;
const BASE = '/apis/subresources.kubevirt.io/v1';
const ref = { namespace: 'ns', name: 'vm' };

const put = (path: string, rest: Partial<Asked> = {}): Asked => ({
  method: 'PUT',
  path,
  accept: ACCEPT,
  contentType: 'application/json',
  body: {},
  ...rest,
});

test.each(ACTIONS)('%s meets only clients that take anything', (action) => {
  const path = subresourcePath(VIRTUAL_MACHINES, ref, action);
  for (const accept of [ACCEPT, '*/*', undefined, '', 'text/html, */*;q=0.1']) {
    expect(unrouted(put(path, { accept }))).toBeUndefined();
  }
  for (const accept of ['application/json', 'application/*', 'application/json;q=0.9,text/*']) {
    expect(unrouted(put(path, { accept }))).toEqual({
      status: 406,
      body: '406: Not Acceptable\n\nAvailable representations: ',
    });
  }
});

test('the method is looked at first, and the answer says which one there is', () => {
  const path = subresourcePath(VIRTUAL_MACHINES, ref, 'start');
  const refused = { status: 405, body: '405: Method Not Allowed', headers: { allow: 'PUT' } };
  for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
    expect(unrouted(put(path, { method, accept: 'application/json' }))).toEqual(refused);
  }
  const vnc = `${BASE}/namespaces/ns/virtualmachineinstances/vm/vnc`;
  expect(unrouted(put(vnc))).toMatchObject({ status: 405, headers: { allow: 'GET' } });
});

test('a body of any type is taken where the route says so, and one of JSON alone elsewhere', () => {
  const start = subresourcePath(VIRTUAL_MACHINES, ref, 'start');
  for (const contentType of ['text/plain', 'application/yaml', undefined]) {
    expect(unrouted(put(start, { contentType }))).toBeUndefined();
  }
  const expand = `${BASE}/namespaces/ns/expand-vm-spec`;
  expect(unrouted(put(expand, { accept: 'application/json' }))).toBeUndefined();
  expect(unrouted(put(expand, { contentType: 'text/plain' }))).toEqual({
    status: 415,
    body: '415: Unsupported Media Type',
  });
  expect(unrouted(put(expand, { accept: 'text/html' }))).toMatchObject({
    status: 406,
    body: '406: Not Acceptable\n\nAvailable representations: application/json',
  });
});

test('a path that is no route: 404 in plain text', () => {
  const lost = { status: 404, body: '404: Page Not Found' };
  expect(unrouted(put(`${BASE}/namespaces/ns/virtualmachines/vm/nonsense`))).toEqual(lost);
  expect(unrouted(put(`${BASE}/namespaces/ns/virtualmachineinstances/vm/start`))).toEqual(lost);
  expect(unrouted(put(`${BASE}/nonsense`))).toEqual(lost);
});

test('on the wire the negotiation is KubeVirt’s, not that of the API server before it', async () => {
  const target = startComputeCluster();
  const now = () => target.clock.wallUs();
  const { registry } = target.server;
  const options = { registry, serverAddress: '127.0.0.1:1', speed: 1, nowUnixUs: now };
  const wire = createWire(target.server, createServicePaths(options), now);
  target.server.addAggregated('subresources.kubevirt.io', target.controllers.subresources);
  const user = { username: 'me', groups: [] };
  const request = { query: {}, contentType: undefined, userAgent: 'curl', user, body: undefined };
  const path = subresourcePath(VIRTUAL_MACHINES, ref, 'start');
  await target.clock.run(async () => {
    await target.controllers.ready;
    const ask = (method: string, accept: string) =>
      Promise.resolve(wire.respond({ ...request, method, path, accept }));
    expect(await ask('PUT', 'application/json')).toMatchObject({ status: 406 });
    expect(await ask('PUT', ACCEPT)).toMatchObject({ status: 404 });
    expect(await ask('GET', 'application/json')).toMatchObject({
      status: 405,
      body: '405: Method Not Allowed',
      contentType: 'text/plain; charset=utf-8',
      headers: { allow: 'PUT' },
    });
  });
});

test('what virt-api serves is listed without verbs: null, as it writes them', () => {
  const target = startComputeCluster();
  const { registry } = target.server;
  const nowUnixUs = () => target.clock.wallUs();
  const options = { registry, serverAddress: '127.0.0.1:1', speed: 1, nowUnixUs };
  const paths = createServicePaths(options);
  const list = paths.document(BASE, { kind: 'plain' }) as Listed;
  expect(list.resources.map(({ name }) => name)).toContain('virtualmachines/start');
  expect(new Set(list.resources.map(({ verbs }) => verbs))).toEqual(new Set([null]));
});

interface Listed {
  readonly resources: readonly { readonly name: string; readonly verbs: unknown }[];
}
