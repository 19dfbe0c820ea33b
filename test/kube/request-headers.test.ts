/**
 * Every request that the client makes, as bytes on a wire, against what client-go sends
 * (client-go v0.34 rest/request.go, tools/cache/reflector.go).
 */

import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { CONFIG_MAPS, VIRTUAL_MACHINES } from '../../src/api/resources.ts';
import { SECOND } from '../../src/core/duration.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { createRng } from '../../src/core/rng.ts';
import { createClient } from '../../src/kube/client.ts';
import { createHttpsTransport } from '../../src/kube/https-transport.ts';
import { startListWatch } from '../../src/kube/list-watch.ts';
import { subresourcePath } from '../../src/kube/paths.ts';
import { watchQuery } from '../../src/kube/watch-stream.ts';

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function recorder() {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      sent.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      response.setHeader('content-type', 'application/json');
      if (url.includes('watch=')) response.flushHeaders();
      else response.end('{"items":[],"metadata":{"resourceVersion":"7"}}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = systemClock();
  const transport = await createHttpsTransport({
    clock,
    userAgent: 'bench/1.2.3 (linux/amd64) kubernetes/client',
    connection: {
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      context: 'test',
      namespace: undefined,
      headers: async () => ({}),
      renew: () => false,
      agent: async (maxSockets) => new Agent({ keepAlive: true, maxSockets }),
    },
  });
  closing.push(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });
  return { sent, clock, client: createClient(transport) };
}

const ref = { namespace: 'ns', name: 'map' };
const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref };

test('every request takes JSON or anything, and names its program and the type of its body', async () => {
  const { sent, client } = await recorder();
  await client.get(CONFIG_MAPS, ref);
  await client.list(CONFIG_MAPS, { namespace: 'ns', limit: 500, labelSelector: 'a=b' });
  await client.create(CONFIG_MAPS, map);
  await client.update(CONFIG_MAPS, map);
  await client.patch(CONFIG_MAPS, ref, {});
  await client.patch(CONFIG_MAPS, ref, [], { type: 'json' });
  await client.remove(CONFIG_MAPS, ref, { uid: 'u', propagation: 'Background' });
  for (const action of ['start', 'stop', 'restart'] as const) {
    await client.raw({
      method: 'PUT',
      path: subresourcePath(VIRTUAL_MACHINES, ref, action),
      body: {},
    });
  }
  expect(sent).toHaveLength(10);
  for (const { headers } of sent) {
    expect(headers['accept']).toBe('application/json, */*');
    expect(headers['accept-encoding']).toBe('gzip');
    expect(headers['user-agent']).toBe('bench/1.2.3 (linux/amd64) kubernetes/client');
  }
  expect(sent.map(({ headers }) => headers['content-type'])).toEqual([
    undefined,
    undefined,
    'application/json',
    'application/json',
    'application/merge-patch+json',
    'application/json-patch+json',
    'application/json',
    'application/json',
    'application/json',
    'application/json',
  ]);
  for (const { headers, body } of sent) {
    if (body !== '') expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
  }
  expect(JSON.parse(sent[6]?.body ?? '')).toEqual({
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { uid: 'u' },
    propagationPolicy: 'Background',
  });
  expect(sent[1]?.url).toBe('/api/v1/namespaces/ns/configmaps?labelSelector=a%3Db&limit=500');
});

test('a watch asks as a reflector does, and takes what every other request takes', async () => {
  const { sent, clock, client } = await recorder();
  const watching = startListWatch({
    client,
    clock,
    rng: createRng('watch'),
    resource: CONFIG_MAPS,
    onItem: () => {},
  });
  await watching.synced;
  while (sent.length < 2) await clock.sleep(1_000);
  watching.stop();
  const [, watch] = sent;
  expect(watch?.headers['accept']).toBe('application/json, */*');
  const query = new URL(watch?.url ?? '', 'http://server').searchParams;
  expect(query.get('watch')).toBe('true');
  expect(query.get('allowWatchBookmarks')).toBe('true');
  expect(query.get('resourceVersion')).toBe('7');
  expect(Number(query.get('timeoutSeconds'))).toBeGreaterThan(0);
  expect([...query.keys()].sort()).toEqual([
    'allowWatchBookmarks',
    'resourceVersion',
    'timeoutSeconds',
    'watch',
  ]);
});

test('watches end at times of their own, between half of the longest and all of it', () => {
  const rng = createRng('timeouts');
  const asked = Array.from({ length: 200 }, () =>
    Number(watchQuery({ rng, watchTimeoutUs: 600 * SECOND }, '7')['timeoutSeconds']),
  );
  expect(Math.min(...asked)).toBeGreaterThanOrEqual(300);
  expect(Math.max(...asked)).toBeLessThanOrEqual(600);
  expect(new Set(asked).size).toBeGreaterThan(100);
});
