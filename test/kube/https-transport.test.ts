import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import type { ApiRequest, WatchEnd, WatchEvent } from '../../src/api/transport.ts';
import { TransportError } from '../../src/api/transport.ts';
import { createDeferred } from '../../src/core/deferred.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { createHttpsTransport } from '../../src/kube/https-transport.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | undefined;

const clock = systemClock();

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function transportTo(
  handler: Handler,
  timeoutUs = 5_000_000,
  socketsMax = 32,
  headers = async (): Promise<Record<string, string>> => ({ Authorization: 'Bearer secret' }),
) {
  server = createServer(handler);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return createHttpsTransport({
    clock,
    userAgent: 'bench/test',
    timeoutUs,
    socketsMax,
    connection: {
      server: `http://127.0.0.1:${port}`,
      context: 'test',
      namespace: undefined,
      headers,
      renew: () => false,
      agent: async (maxSockets) => new Agent({ keepAlive: true, maxSockets }),
    },
  });
}

const get: ApiRequest = { method: 'GET', path: '/api/v1/nodes', query: { limit: '1' } };

test('sends method, path, query, credentials and body, and reads JSON', async () => {
  const transport = await transportTo((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      const { method, url, headers } = request;
      response.setHeader('X-Served', 'yes');
      response.end(
        JSON.stringify({
          method,
          url,
          auth: headers.authorization,
          type: headers['content-type'],
          text,
        }),
      );
    });
  });
  const response = await transport.request({
    method: 'PATCH',
    path: '/apis/x/y',
    query: { fieldManager: 'b&c' },
    body: { a: 1 },
    contentType: 'application/merge-patch+json',
  });
  expect(response).toMatchObject({
    status: 200,
    headers: { 'x-served': 'yes' },
    body: {
      method: 'PATCH',
      url: '/apis/x/y?fieldManager=b%26c',
      auth: 'Bearer secret',
      type: 'application/merge-patch+json',
      text: '{"a":1}',
    },
  });
});

test('a gzipped answer and an answer that is no JSON are both read', async () => {
  const transport = await transportTo((request, response) => {
    if (request.url?.includes('zip')) {
      response.setHeader('Content-Encoding', 'gzip');
      response.end(gzipSync('{"big":true}'));
    } else response.end('ok');
  });
  expect((await transport.request({ ...get, path: '/zip' })).body).toEqual({ big: true });
  expect((await transport.request({ ...get, path: '/livez' })).body).toBe('ok');
});

test('connections are reused', async () => {
  const transport = await transportTo((_, response) => response.end('{}'));
  for (let i = 0; i < 20; i++) await transport.request(get);
  expect(transport.counts).toEqual({ requests: 20, connections: 1 });
});

test('a server that is not there certainly got nothing', async () => {
  const transport = await transportTo((_, response) => response.end('{}'));
  await new Promise((resolve) => server?.close(resolve));
  const error = await transport.request(get).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TransportError);
  expect((error as TransportError).maybeSent).toBe(false);
});

test.each([
  ['hangs up', (request: IncomingMessage) => request.socket.destroy()],
  ['never answers', () => undefined],
  [
    'breaks off half-way',
    (request: IncomingMessage, response: ServerResponse) => {
      response.setHeader('Content-Length', '1000');
      response.write('{"half":');
      setImmediate(() => request.socket.destroy());
    },
  ],
])('a server that %s may have got the request', async (_, handler) => {
  const transport = await transportTo(handler, 200_000);
  const error = await transport.request(get).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TransportError);
  expect((error as TransportError).maybeSent).toBe(true);
});

test('requests that wait for a socket share few, each counted and listened to once', async () => {
  const warnings: string[] = [];
  const warn = ({ name }: Error) => void warnings.push(name);
  process.on('warning', warn);
  const transport = await transportTo((_, response) => response.end('{}'), 5_000_000, 2);
  await Promise.all(Array.from({ length: 60 }, () => transport.request(get)));
  await Promise.all(Array.from({ length: 60 }, () => transport.request(get)));
  await clock.sleep(0);
  process.off('warning', warn);
  expect(transport.counts).toEqual({ requests: 120, connections: 2 });
  expect(warnings).toEqual([]);
});

test('a request that waited for its socket may have been got like any other', async () => {
  let served = 0;
  const handler: Handler = (request, response) => {
    served += 1;
    if (served === 1) response.end('{}');
    else request.socket.destroy();
  };
  const transport = await transportTo(handler, 5_000_000, 1);
  const [first, second] = await Promise.allSettled([1, 2].map(() => transport.request(get)));
  expect(first?.status).toBe('fulfilled');
  expect(second).toMatchObject({ status: 'rejected', reason: { maybeSent: true } });
});

interface Watched {
  readonly events: WatchEvent[];
  readonly end: WatchEnd;
}

async function watchOnce(handler: Handler): Promise<Watched> {
  const transport = await transportTo(handler);
  const events: WatchEvent[] = [];
  const end = await new Promise<WatchEnd>((resolve) => {
    transport.watch(
      { path: '/api/v1/pods', query: { watch: '1' } },
      {
        opened: () => {},
        event: (event) => {
          events.push(event);
        },
        ended: resolve,
      },
    );
  });
  return { events, end };
}

test('a watch splits lines however they arrive', async () => {
  const object = { metadata: { name: 'ä'.repeat(50) } };
  const line = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n`);
  const { events, end } = await watchOnce((_, response) => {
    const bytes = Buffer.concat([line, line, line]);
    let at = 0;
    const push = () => {
      if (at >= bytes.length) {
        response.end();
        return;
      }
      response.write(bytes.subarray(at, at + 37));
      at += 37;
      setImmediate(push);
    };
    push();
  });
  expect(events).toEqual([
    { type: 'ADDED', object },
    { type: 'ADDED', object },
    { type: 'ADDED', object },
  ]);
  expect(end).toEqual({ kind: 'closed' });
});

test('who waits for credentials can be told to end, and later waits as for an answer', async () => {
  const hang = createDeferred<Record<string, string>>();
  let given: Promise<Record<string, string>> = hang.promise;
  const end = new AbortController();
  const headers = () => given;
  const transport = await transportTo((_, response) => response.end('{}'), 200_000, 32, headers);
  const aborted = transport.request({ ...get, signal: end.signal });
  // The first time somebody may have to log in.
  const patient = transport.request(get);
  await clock.sleep(400_000);
  end.abort();
  await expect(aborted).rejects.toMatchObject({ code: 'EABORTED' });
  hang.resolve({});
  expect((await patient).status).toBe(200);
  given = createDeferred<Record<string, string>>().promise;
  await expect(transport.request(get)).rejects.toThrow('no credentials for the cluster');
});

test('a refused watch gives the status', async () => {
  const { end } = await watchOnce((_, response) => {
    response.statusCode = 410;
    response.end('{"kind":"Status","code":410,"reason":"Expired"}');
  });
  expect(end).toMatchObject({ kind: 'refused', code: 410, status: { reason: 'Expired' } });
});

test.each([
  ['breaks off', (response: ServerResponse) => response.socket?.destroy()],
  ['sends no JSON', (response: ServerResponse) => response.write('<html>\n')],
])('a stream that %s is broken', async (_, trouble) => {
  const { events, end } = await watchOnce((_request, response) => {
    response.write('{"type":"BOOKMARK","object":{}}\n');
    setImmediate(() => trouble(response));
  });
  expect(events).toHaveLength(1);
  expect(end.kind).toBe('broken');
});

const PAIRS = 20;

test('what arrives on one stream is stamped before what came on another is read', async () => {
  const streams: ServerResponse[] = [];
  const transport = await transportTo((_, response) => {
    response.flushHeaders();
    streams.push(response);
  });
  const bothOpen = createDeferred<void>();
  const bothSeen = createDeferred<void>();
  /** When the first of a pair began to be read, and when the last was stamped. */
  const pairs: { readUs: number; stampUs: number; seen: number }[] = [];
  let opened = 0;
  const sink = {
    opened: () => {
      opened += 1;
      if (opened === 2) bothOpen.resolve(undefined);
    },
    event: ({ object }: WatchEvent, seenUs: number) => {
      const { index } = object as unknown as { readonly index: number };
      const pair = (pairs[index] ??= { readUs: clock.nowUs(), stampUs: 0, seen: 0 });
      pair.stampUs = Math.max(pair.stampUs, seenUs);
      pair.seen += 1;
      if (pair.seen < 2) return;
      if (index === PAIRS - 1) bothSeen.resolve(undefined);
      else send(index + 1);
    },
    ended: () => {},
  };
  const send = (index: number) => {
    for (const stream of streams) {
      stream.write(`${JSON.stringify({ type: 'ADDED', object: { index } })}\n`);
    }
  };
  for (const path of ['/a', '/b']) transport.watch({ path, query: {} }, sink);
  await bothOpen.promise;
  send(0);
  await bothSeen.promise;
  // Now and then the second comes a turn later than the first.
  const stampedFirst = pairs.filter(({ readUs, stampUs }) => stampUs <= readUs);
  expect(stampedFirst.length).toBeGreaterThan(PAIRS / 4);
});
