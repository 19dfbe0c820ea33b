/** The server on a real socket: who is let in, what is too much, how bytes come out. */

import { createConnection } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { configMap, dataVolume, MAPS, VOLUMES } from '../lab.ts';
import { withHttps } from './https-lab.ts';

const JSON_BODY = { 'content-type': 'application/json' };

test('certificate and token open the door; nothing else does', () =>
  withHttps(async ({ ask, credentials }) => {
    expect((await ask('/api/v1/namespaces')).status).toBe(200);
    expect((await ask('/api/v1/namespaces', { as: 'token' })).status).toBe(200);
    const nobody = await ask('/api/v1/namespaces', { as: 'nobody' });
    expect(nobody.status).toBe(401);
    expect(nobody.body).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 });
    for (const authorization of [
      'Bearer wrong',
      'Bearer',
      'Basic YTpi',
      `Bearer ${credentials.token}x`,
    ]) {
      const wrong = await ask('/api/v1/namespaces', { as: 'nobody', headers: { authorization } });
      expect(wrong.status).toBe(401);
    }
    expect((await ask('/version', { as: 'nobody' })).body).toMatchObject({ minor: '28' });
  }));

test('plain HTTP, where it is asked for, lets everyone in', () =>
  withHttps(
    async ({ ask, endpoint }) => {
      expect(endpoint.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect((await ask('/api/v1/namespaces')).status).toBe(200);
    },
    { plain: true },
  ));

test('every answer says that the cluster is simulated, and its pace', () =>
  withHttps(async ({ ask }) => {
    expect((await ask('/healthz')).headers['simulated-cluster']).toBe('speed=60');
    expect((await ask('/nowhere')).headers['simulated-cluster']).toBe('speed=60');
  }));

test('every answer is dated by the clock that stamps objects', () =>
  withHttps(async ({ ask, server }) => {
    server.stepClock(-3600e6);
    const { headers, body } = await ask(MAPS, {
      method: 'POST',
      body: JSON.stringify(configMap('m')),
      headers: JSON_BODY,
    });
    const { creationTimestamp } = (body as { metadata: { creationTimestamp: string } }).metadata;
    const afterMs = Date.parse(headers.date ?? '') - Date.parse(creationTimestamp);
    expect(afterMs).toBeGreaterThanOrEqual(0);
    expect(afterMs).toBeLessThan(3_600_000);
  }));

test('bodies that are too long or make no sense are refused, and the server lives on', () =>
  withHttps(async ({ ask }) => {
    const post = (body: string | Buffer, headers: Record<string, string> = JSON_BODY) =>
      ask(MAPS, { method: 'POST', body, headers });
    expect((await post('{"metadata":')).status).toBe(400);
    expect((await post('[1,2]')).status).toBe(400);
    expect((await post('"text"')).status).toBe(400);
    expect((await post('null')).status).toBe(400);
    expect((await post('{"__proto__":{"polluted":true}}')).status).toBe(400);
    expect((await post('{"metadata":{"name":7}}')).status).toBe(400);
    expect((await post('{"metadata":{"name":"m","labels":[]}}')).status).toBe(400);
    expect((await post('x', { 'content-type': 'text/plain' })).status).toBe(415);
    const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' };
    expect((await post(Buffer.from('k8s\0\xff\xff'), protobuf)).status).toBeGreaterThanOrEqual(400);
    const long = await post(`{"metadata":{"name":"m"},"data":{"a":"${'x'.repeat(4e6)}"}}`);
    expect(long.status).toBe(413);
    expect(long.body).toMatchObject({ reason: 'RequestEntityTooLarge' });
    // The sender of a header without end may not stay to read the answer.
    const headers = { 'x-long': 'x'.repeat(100_000) };
    const status = await ask('/version', { headers }).then(
      (reply) => reply.status,
      () => 431,
    );
    expect(status).toBe(431);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((await ask('/healthz')).status).toBe(200);
  }));

test('bytes that are no HTTP do not end the server', () =>
  withHttps(async ({ ask, endpoint }) => {
    await new Promise<void>((resolve) => {
      const socket = createConnection(endpoint.port, '127.0.0.1', () =>
        socket.write('nonsense\r\n\r\n'),
      );
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
    });
    expect((await ask('/healthz')).status).toBe(200);
  }));

test('YAML is taken where the type says so', () =>
  withHttps(async ({ ask }) => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  a: "1"\n';
    const apply = { 'content-type': 'application/apply-patch+yaml' };
    const path = `${MAPS}/m?fieldManager=test`;
    const made = await ask(path, { method: 'PATCH', body, headers: apply });
    expect(made).toMatchObject({ status: 201, body: { data: { a: '1' } } });
  }));

test('warnings are headers, and a refusal for a while says for how long', () =>
  withHttps(
    async ({ ask }) => {
      const body = JSON.stringify({ ...dataVolume('v'), spec: { 'no"sense': 1 } });
      const made = await ask(VOLUMES, { method: 'POST', body, headers: JSON_BODY });
      expect(made.status).toBe(429);
      expect(made.headers['retry-after']).toBe('7');
      expect(made.body).toMatchObject({ reason: 'TooManyRequests' });
    },
    { faults: { throttle: { rate: 1, retryAfterSeconds: 7 } } },
  ));

test('unknown fields come back as Warning headers', () =>
  withHttps(async ({ ask }) => {
    const body = JSON.stringify({ ...dataVolume('v'), spec: { 'no"sense': 1 } });
    const made = await ask(VOLUMES, { method: 'POST', body, headers: JSON_BODY });
    expect(made.headers['warning']).toBe(String.raw`299 - "unknown field \"spec.no\"sense\""`);
  }));

test('long answers are compressed for those who can read that', () =>
  withHttps(async ({ ask, server }) => {
    for (let i = 0; i < 900; i++) {
      server.seed({
        ...configMap(`m-${i}`),
        metadata: { name: `m-${i}`, namespace: 'default' },
        data: { text: 'x'.repeat(300) },
      } as never);
    }
    const plain = await ask(MAPS);
    const zipped = await ask(MAPS, { headers: { 'accept-encoding': 'gzip' } });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 5);
    expect(JSON.parse(gunzipSync(zipped.bytes).toString())).toEqual(plain.body);
    expect((plain.body as { items: unknown[] }).items).toHaveLength(900);
  }));

test('a watch is lines of JSON, written once however many read them', () =>
  withHttps(async ({ ask, watch, endpoint, until }) => {
    const path = `${MAPS}?watch=1`;
    const watches = [watch(path), watch(path), watch(path)];
    await until(() => endpoint.watches === 3);
    const body = JSON.stringify(configMap('m'));
    await ask(MAPS, { method: 'POST', body, headers: JSON_BODY });
    await ask(`${MAPS}/m`, { method: 'DELETE' });
    await until(() => watches.every(({ lines }) => lines.length === 2));
    for (const { lines } of watches) {
      expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
        'ADDED',
        'DELETED',
      ]);
    }
    for (const { stop } of watches) stop();
    await until(() => endpoint.watches === 0);
  }));

test('a watch ends at its time-out, and a cut one breaks', () =>
  withHttps(async ({ watch }) => {
    const { ended, lines } = watch(`${MAPS}?watch=1&timeoutSeconds=5&allowWatchBookmarks=true`);
    await ended;
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['BOOKMARK']);
  }));

test('faults on the wire: lost answers, dropped requests, a server that is down', () =>
  withHttps(
    async ({ ask, server }) => {
      const body = JSON.stringify(configMap('m'));
      const lost = ask(MAPS, { method: 'POST', body, headers: JSON_BODY });
      await expect(lost).rejects.toThrow(/socket hang up|ECONNRESET/);
      const resource = server.registry.find('', 'v1', 'configmaps')?.resource;
      expect(resource && server.peek(resource, 'default', 'm')).toBeDefined();
    },
    { faults: { loseCreateRate: 1 } },
  ));
