/** OpenShift's Thanos, found by its route: two servers with authorities of their own, over TLS. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/core/system-clock.ts';
import { createClient } from '../../src/kube/client.ts';
import { createHttpsTransport } from '../../src/kube/https-transport.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import type { ClusterAccess } from '../../src/run/cluster-handle.ts';
import { lazyThanos } from '../../src/run/thanos.ts';
import {
  type Credentials,
  createCredentials,
  kubeconfigText,
} from '../../src/sim/apiserver/https/credentials.ts';

const ROUTE = '/apis/route.openshift.io/v1/namespaces/openshift-monitoring/routes/thanos-querier';
const AUTHORITY = '/api/v1/namespaces/openshift-config-managed/configmaps/default-ingress-cert';
const WINDOW = { fromUs: 1.7e15, untilUs: 1.7e15 + 30e6, everyUs: 15e6 };

const clock = systemClock();
const api = createCredentials(['127.0.0.1'], clock.wallUs());
const router = createCredentials(['127.0.0.1'], clock.wallUs());
const asked: (string | undefined)[] = [];
let objects: Record<string, object> = {};
let servers: readonly Server[] = [];
let kubeconfig = '';
let host = '';

async function serve({ server }: Credentials, answer: RequestListener): Promise<Server> {
  const listener = createServer({ key: server.key, cert: server.certificate }, answer);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return listener;
}

const addressOf = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  const apiServer = await serve(api, (request, response) => {
    const found = objects[request.url ?? ''];
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? { kind: 'Status', code: 404, reason: 'NotFound' }));
  });
  const thanos = await serve(router, (request, response) => {
    asked.push(request.headers.authorization);
    const result = [{ metric: { verb: 'GET' }, values: [[1.7e9, '0.25']] }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
  servers = [apiServer, thanos];
  host = addressOf(thanos);
  kubeconfig = join(mkdtempSync(join(tmpdir(), 'bench-')), 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigText(`https://${addressOf(apiServer)}`, api, 'ocp'));
});

afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

beforeEach(() => {
  asked.length = 0;
  objects = {
    [ROUTE]: { status: { ingress: [{ host }] } },
    [AUTHORITY]: { data: { 'ca-bundle.crt': router.authority } },
  };
});

async function ask(context = 'ocp-token') {
  const connection = await loadConnection({ kubeconfig, context });
  const transport = await createHttpsTransport({ connection, clock, userAgent: 'test' });
  const client = createClient(transport);
  const access = { client, connection, clock, userAgent: 'test' } as unknown as ClusterAccess;
  try {
    return await lazyThanos(access).read('up', WINDOW);
  } finally {
    transport.close();
  }
}

test('is asked with the token, its certificate verified by the authority of the router', async () => {
  expect(await ask()).toEqual([{ labels: { verb: 'GET' }, values: [[1.7e15, 0.25]] }]);
  expect(asked).toEqual([`Bearer ${api.token}`]);
});

test('gets no token where its certificate is not to be verified', async () => {
  delete objects[AUTHORITY];
  await expect(ask()).rejects.toThrow(/certificate/);
  expect(asked).toEqual([]);
});

test.each([
  ['there is no route', () => delete objects[ROUTE], 'ocp-token', 'is not to be seen (404)'],
  ['the route has no host', () => (objects[ROUTE] = {}), 'ocp-token', 'has no host'],
  ['there is no token', () => undefined, 'ocp', 'takes tokens alone'],
])('where %s, the remedy is told', async (_, spoil, context, said) => {
  spoil();
  await expect(ask(context)).rejects.toThrow(said);
  await expect(ask(context)).rejects.toThrow('--prometheus URL');
  expect(asked).toEqual([]);
});
