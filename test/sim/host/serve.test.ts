/** `bench cluster` from outside: what it prints, whom it lets in, how it ends and goes on. */

import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/system-clock.ts';
import { createHttpsTransport } from '../../../src/kube/https-transport.ts';
import { loadConnection } from '../../../src/kube/kubeconfig.ts';
import { rawRequest, serverOf } from '../../support/kubeconfig-client.ts';
import { type ServedProcess, startBench, startCluster } from '../../support/served-cluster.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'bench-'));
}

describe('a served cluster', () => {
  const served: { cluster?: ServedProcess } = {};
  const cluster = () => served.cluster as ServedProcess;
  beforeAll(async () => {
    const set = ['simulation.nodes.count=3', 'simulation.twin={runs: [night], cluster: prod}'];
    const asked = set.flatMap((each) => ['--set', each]);
    served.cluster = await startCluster(['--speed', '60', ...asked]);
  });
  afterAll(async () => {
    expect(await cluster().stop('SIGTERM')).toBe(143);
  });

  test('prints the two lines that a user needs, and nothing else on stdout', () => {
    expect(cluster().out()).toBe(`export KUBECONFIG=${cluster().kubeconfig}\nkubectl get nodes\n`);
  });

  test('says whose twin it is', () => {
    expect(cluster().err()).toContain('calibrated on run night of cluster prod');
  });

  test('keeps its credentials to their owner', () => {
    expect(statSync(cluster().kubeconfig).mode & 0o777).toBe(0o600);
  });

  test('listens on loopback', () => {
    expect(serverOf(cluster().kubeconfig)).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  });

  test('has the nodes of its simulation section', async () => {
    const { text } = await rawRequest(cluster().kubeconfig, { path: '/api/v1/nodes' });
    expect((JSON.parse(text) as { items: unknown[] }).items).toHaveLength(3);
  });

  test('announces that it is simulated, and its pace', async () => {
    const { text, headers } = await rawRequest(cluster().kubeconfig, { path: '/version' });
    const twin = { runs: ['night'], cluster: 'prod', within: {} };
    expect(JSON.parse(text)).toMatchObject({ simulation: { simulated: true, speed: 60, twin } });
    expect(headers['simulated-cluster']).toBe('speed=60');
  });

  test.each([
    ['no credentials', null],
    ['a wrong token', 'wrong'],
  ])('%s: 401', async (_, token) => {
    for (const path of [MAPS, '/bench/faults']) {
      const { status } = await rawRequest(cluster().kubeconfig, { path, token });
      expect(status).toBe(401);
    }
  });

  test('a malformed or an endless body is refused, and the server goes on', async () => {
    const { kubeconfig } = cluster();
    const malformed = await rawRequest(kubeconfig, { method: 'POST', path: MAPS, body: '{"a":' });
    expect(malformed.status).toBe(400);
    const body = `{"a":"${'x'.repeat(4 * 1024 * 1024)}"}`;
    const long = rawRequest(kubeconfig, { method: 'POST', path: MAPS, body });
    // The answer may be overtaken by the end of the connection.
    const outcome = await long.then(({ status }) => status).catch(() => 413);
    expect(outcome).toBe(413);
    const headers = { 'x-long': 'x'.repeat(100_000) };
    const wide = rawRequest(kubeconfig, { path: MAPS, headers });
    expect(await wide.then(({ status }) => status).catch(() => 431)).toBe(431);
    expect((await rawRequest(kubeconfig, { path: MAPS })).status).toBe(200);
  });
});

describe('faults while it runs', () => {
  test('are ordered, happen, are told, and end', async () => {
    const { kubeconfig, stop } = await startCluster(['--speed', '60']);
    const order = (body: unknown) =>
      rawRequest(kubeconfig, { method: 'POST', path: '/bench/faults', body: JSON.stringify(body) });
    const create = (name: string) => {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
      return rawRequest(kubeconfig, { method: 'POST', path: MAPS, body: JSON.stringify(object) });
    };
    expect((await order({ requests: { throttle: { share: 1 } } })).status).toBe(200);
    expect(await create('a')).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    const told = await rawRequest(kubeconfig, { path: '/bench/faults' });
    expect(JSON.parse(told.text)).toMatchObject({
      ordered: { requests: { throttle: { share: 1, retryAfter: 1 } } },
      count: { throttle: 1 },
    });
    expect((await order({})).status).toBe(200);
    expect((await create('a')).status).toBe(201);
    // Who runs beside others on the cluster orders nothing that befalls them.
    const account = '/api/v1/namespaces/default/serviceaccounts';
    const guest = JSON.stringify({ metadata: { name: 'guest' } });
    await rawRequest(kubeconfig, { method: 'POST', path: account, body: guest });
    const path = `${account}/guest/token`;
    const asked = await rawRequest(kubeconfig, { method: 'POST', path, body: '{}' });
    const { token } = (JSON.parse(asked.text) as { status: { token: string } }).status;
    const faults = { method: 'POST', path: '/bench/faults', body: '{}', token };
    expect((await rawRequest(kubeconfig, faults)).status).toBe(403);
    const { token: _, ...ours } = faults;
    const asAlice = { ...ours, headers: { 'impersonate-user': 'alice' } };
    expect((await rawRequest(kubeconfig, asAlice)).status).toBe(403);
    const wrong = await order({ requests: { throttle: { share: 7 } } });
    expect(wrong.status).toBe(400);
    expect((await order({ now: 'explode' })).status).toBe(400);
    expect((await order({ now: ['cutWatches', 'nodeDown worker-000'] })).status).toBe(200);
    await stop();
  });

  test('flags order them from the start', async () => {
    const { kubeconfig, stop } = await startCluster(['--fault', 'requests.errors=100%']);
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    const { status } = await rawRequest(kubeconfig, { method: 'POST', path: MAPS, body });
    expect([500, 503, 504]).toContain(status);
    await stop();
  });
});

test('a saved cluster goes on where it was, with its credentials', async () => {
  const state = join(folder(), 'state');
  const first = await startCluster(['--state', state, '--speed', '60']);
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } };
  const made = await rawRequest(first.kubeconfig, {
    method: 'POST',
    path: MAPS,
    body: JSON.stringify(object),
  });
  const config = readFileSync(first.kubeconfig, 'utf8');
  await first.stop();
  expect(statSync(state).mode & 0o777).toBe(0o600);
  const second = await startCluster(['--state', state, '--speed', '60']);
  const found = await rawRequest(second.kubeconfig, { path: `${MAPS}/kept` });
  const uid = (text: string) => (JSON.parse(text) as { metadata: { uid: string } }).metadata.uid;
  expect(uid(found.text)).toBe(uid(made.text));
  const token = /token: (\S+)/.exec(config)?.[1] ?? '';
  expect((await rawRequest(second.kubeconfig, { path: MAPS, token })).status).toBe(200);
  const old = { path: `${MAPS}?watch=1&resourceVersion=2` };
  expect((await rawRequest(second.kubeconfig, old)).text).toContain('"code":410');
  await second.stop();
});

describe('what cannot be meant', () => {
  test.each([
    [['--insecure-http', '--host', '0.0.0.0'], 'loopback'],
    [['--speed', '0'], 'above 0'],
    [['--port', '70000'], '65535'],
    [['--controllers', '*'], '--controllers-only'],
    [['--controllers-only'], 'needs a server'],
    [['--set', 'simulation.nodes.count=none'], 'simulation.nodes.count'],
    [['--fault', 'requests.errors=2'], 'requests.errors'],
    [['--scenario', 'nowhere.yaml'], 'does not exist'],
  ])('%j: %s', async (options, words) => {
    const started = startBench(['cluster', ...options]);
    expect(await started.exit).toBe(64);
    expect(started.err()).toContain(words);
  });

  test('a file that bench has not written is left alone', async () => {
    const path = join(folder(), 'config');
    writeFileSync(path, 'apiVersion: v1\n');
    const started = startBench(['cluster', '--write-kubeconfig', path]);
    expect(await started.exit).toBe(64);
    expect(readFileSync(path, 'utf8')).toBe('apiVersion: v1\n');
  });

  test('a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const { port } = other.address() as { readonly port: number };
    const started = startBench(['cluster', '--port', String(port)]);
    expect(await started.exit).toBe(64);
    expect(started.err()).toContain('is taken');
    other.close();
  });
});

test('plain HTTP on loopback, where it is asked for, lets everyone in', async () => {
  const { kubeconfig, stop } = await startCluster(['--insecure-http']);
  expect(serverOf(kubeconfig)).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect((await rawRequest(kubeconfig, { path: MAPS, token: null })).status).toBe(200);
  const connection = await loadConnection({ kubeconfig });
  const transport = await createHttpsTransport({
    connection,
    clock: systemClock(),
    userAgent: 'test',
  });
  expect((await transport.request({ method: 'GET', path: MAPS })).status).toBe(200);
  transport.close();
  await stop();
});

test('plain HTTP to anywhere else is refused before anything is sent', async () => {
  const kubeconfig = join(folder(), 'plain.yaml');
  const [clusters, contexts] = [
    [{ name: 'c', cluster: { server: 'http://192.0.2.1:8080' } }],
    [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  ];
  const users = [{ name: 'u', user: { token: 'secret' } }];
  const config = { apiVersion: 'v1', kind: 'Config', clusters, contexts, users };
  writeFileSync(kubeconfig, JSON.stringify({ ...config, 'current-context': 'c' }));
  await expect(loadConnection({ kubeconfig })).rejects.toThrow('plain HTTP');
});
