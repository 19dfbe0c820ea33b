/** Probes over a real network: that of this machine. */

import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { probeUrl } from '../../src/api/probe.ts';
import { isGuestAddress } from '../../src/core/guest-address.ts';
import { MILLISECOND, MINUTE } from '../../src/core/duration.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { networkProbe } from '../../src/run/network-probe.ts';
import { issueCertificate } from '../../src/sim/apiserver/https/certificate.ts';

const OPTIONS = {
  clock: systemClock(),
  userAgent: 'bench/test',
  connectTimeoutUs: MINUTE,
  answerTimeoutUs: MINUTE,
};
const probe = networkProbe(OPTIONS);
const impatient = networkProbe({ ...OPTIONS, answerTimeoutUs: 100 * MILLISECOND });

const never = new AbortController().signal;

const opened: { close(): unknown }[] = [];

afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

async function listening(server: Server | ReturnType<typeof createServer>, host: string) {
  opened.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

describe('a port', () => {
  test.each(['127.0.0.1', '::1'])(
    'that takes connections on %s answers, and is left',
    async (address) => {
      let closed: Promise<unknown> = Promise.resolve();
      const server = createServer((socket: Socket) => {
        socket.on('error', () => {});
        closed = new Promise((resolve) => socket.on('close', resolve));
      });
      const port = await listening(server, address);
      expect(await probe({ by: 'tcp', address, port }, never)).toEqual({ answered: true });
      await closed;
    },
  );

  test('that nobody listens at is refused', async () => {
    const server = createServer();
    const port = await listening(server, '127.0.0.1');
    await new Promise((resolve) => server.close(resolve));
    const answer = await probe({ by: 'tcp', address: '127.0.0.1', port }, never);
    expect(answer).toEqual({ answered: false, why: `port ${port}: connection refused` });
  });

  test('is not asked once nobody waits', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    const port = await listening(server, '127.0.0.1');
    const target = { by: 'tcp', address: '127.0.0.1', port } as const;
    expect(await probe(target, AbortSignal.abort())).toMatchObject({ answered: false });
    expect(connections).toBe(0);
  });
});

describe('a URL', () => {
  async function serving(answer: (request: IncomingMessage) => [number, object?] | undefined) {
    const requests: IncomingMessage[] = [];
    const server = createHttpServer((request, response) => {
      requests.push(request);
      const said = answer(request);
      if (said) response.writeHead(said[0], said[1] as Record<string, string>).end('x');
    });
    const port = await listening(server, '127.0.0.1');
    opened.push({ close: () => server.closeAllConnections() });
    const url = probeUrl(`http://{{ip}}:${port}/healthz?deep=1`, '127.0.0.1');
    return { requests, ask: (by = probe) => by({ by: 'http', url }, never) };
  }

  test.each([200, 204, 302, 399])('that is answered by %i answers', async (status) => {
    const { ask, requests } = await serving(() => [status, { location: '/elsewhere' }]);
    expect(await ask()).toEqual({ answered: true });
    // No redirect is followed, and nothing of ours is told.
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /healthz?deep=1']);
    expect(Object.keys(requests[0]?.headers ?? {}).toSorted()).toEqual([
      'connection',
      'host',
      'user-agent',
    ]);
  });

  test.each([404, 503])('that is answered by %i does not', async (status) => {
    const { ask } = await serving(() => [status]);
    expect(await ask()).toEqual({ answered: false, why: `HTTP ${status}` });
  });

  test('that is taken and never answered is given up', async () => {
    const { ask } = await serving(() => undefined);
    expect(await ask(impatient)).toEqual({
      answered: false,
      why: 'HTTP: connected, and no answer',
    });
  });

  test('with a certificate that nobody vouches for answers', async () => {
    const nowUnixUs = Date.now() * 1000;
    const own = issueCertificate({ commonName: 'guest', role: 'server', nowUnixUs });
    const server = createHttpsServer({ key: own.key, cert: own.certificate }, (_, response) => {
      response.end();
    });
    const url = `https://127.0.0.1:${await listening(server, '127.0.0.1')}/`;
    expect(await probe({ by: 'http', url }, never)).toEqual({ answered: true });
  });

  test('of a service that speaks something else does not answer', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('SSH-2.0-OpenSSH\r\n');
    });
    const url = `http://127.0.0.1:${await listening(server, '127.0.0.1')}/`;
    expect(await probe({ by: 'http', url }, never)).toMatchObject({ answered: false });
  });
});

test('the address of a guest stands in the URL, an IPv6 one in brackets', () => {
  expect(probeUrl('http://{{ip}}:8080/', '10.0.0.1')).toBe('http://10.0.0.1:8080/');
  expect(probeUrl('http://{{ip}}:8080/', 'fd00::7')).toBe('http://[fd00::7]:8080/');
  expect(probeUrl('http://[{{ip}}]:8080/', 'fd00::7')).toBe('http://[fd00::7]:8080/');
});

test.each([
  ['10.128.0.5', true],
  ['192.168.1.7', true],
  ['fd02::1:5', true],
  ['2001:db8::1', true],
  ['127.0.0.1', false],
  ['169.254.169.254', false],
  ['0.0.0.0', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
  ['fe80::1%eth0', false],
  ['kubernetes.default', false],
  ['10.0.0.1/../x', false],
  ['', false],
])('a guest can have the address %j: %s', (address, can) => {
  expect(isGuestAddress(address)).toBe(can);
});
