/** Clients that mean ill, or have stopped meaning anything. */

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../../../src/core/json.ts';
import { jsonPatch } from '../../../src/sim/apiserver/patches/json-patch.ts';
import { limitCauses } from '../../../src/sim/apiserver/schema/limits.ts';
import { simulatedCluster, withCluster } from '../../support/https-cluster.ts';
import { rawRequest } from '../../support/kubeconfig-client.ts';
import { withHttps } from './https/https-lab.ts';

const TOKEN_PATH = '/api/v1/namespaces/default/serviceaccounts/guest/token';

describe('a token of a service account', () => {
  test('expires, and dies with its account', () =>
    withCluster(
      simulatedCluster,
      async ({ kubeconfig, server, kernel }) => {
        const account = {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'guest', namespace: 'default' },
        };
        server.seed(account);
        const ask = async (expirationSeconds: number) => {
          const body = JSON.stringify({ spec: { expirationSeconds } });
          const { text } = await rawRequest(kubeconfig, { method: 'POST', path: TOKEN_PATH, body });
          return (JSON.parse(text) as { status: { token: string } }).status.token;
        };
        const statusWith = async (token: string) =>
          (await rawRequest(kubeconfig, { path: '/api/v1/nodes', token })).status;
        const [short, long] = [await ask(600), await ask(36_000)];
        expect([await statusWith(short), await statusWith(long)]).toEqual([200, 200]);
        await kernel.sleep(601e6);
        expect([await statusWith(short), await statusWith(long)]).toEqual([401, 200]);
        await server.handle({
          method: 'DELETE',
          path: '/api/v1/namespaces/default/serviceaccounts/guest',
        });
        expect(await statusWith(long)).toBe(401);
        // Another one of the name is another one.
        server.seed(account);
        expect(await statusWith(long)).toBe(401);
      },
      { speed: 600 },
    ));
});

test('who speaks no TLS is hung up on, instead of being kept for ever', () =>
  withCluster(simulatedCluster, async ({ url }) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed;
  }));

function complain(value: string, limits: { readonly pattern: string }): readonly string[] {
  return limitCauses(value, limits, 'x').map(
    ({ message = '' }) => /match '.*'$/.exec(message)?.[0] ?? message,
  );
}

describe('a pattern of a CustomResourceDefinition', () => {
  test('takes linear time, whatever it is', () => {
    const value = `${'a'.repeat(50_000)}!`;
    expect(complain(value, { pattern: '^(a+)+$' })).toEqual(["match '^(a+)+$'"]);
    expect(complain(value, { pattern: '^(a|aa)*!$' })).toEqual([]);
  });

  test('is one of Go', () => {
    expect(complain('x', { pattern: '\\Ax\\z' })).toEqual([]);
    expect(complain('y', { pattern: '(?P<name>x)' })).toHaveLength(1);
  });
});

describe('a JSON patch', () => {
  const path = '/api/v1/namespaces/default/configmaps';
  const body = JSON.stringify({ metadata: { name: 'bomb' }, data: { a: 'x'.repeat(1000) } });
  const headers = { 'content-type': 'application/json' };
  const patching = { 'content-type': 'application/json-patch+json' };

  test('that doubles the object thirty times is refused, and the next one served', () =>
    withHttps(async ({ ask }) => {
      await ask(path, { method: 'POST', body, headers });
      const doubling = Array.from({ length: 30 }, (_, n) => ({
        op: 'copy',
        from: '/data',
        path: `/data/${n}`,
      }));
      const patch = { method: 'PATCH', headers: patching, body: JSON.stringify(doubling) };
      expect((await ask(`${path}/bomb`, patch)).status).toBe(422);
      const add = JSON.stringify([{ op: 'copy', from: '/data/a', path: '/data/b' }]);
      const { status, body: after } = await ask(`${path}/bomb`, { ...patch, body: add });
      expect(status).toBe(200);
      expect(after).toMatchObject({ data: { b: 'x'.repeat(1000) } });
    }));

  // With a copy of the list for each it took minutes.
  test('that goes through a long list ten thousand times costs what it is long', () => {
    const list = Array.from({ length: 50_000 }, (_, n) => n);
    const moves = Array(10_000).fill({ op: 'move', from: '/list/0', path: '/list/-' });
    const { list: moved } = jsonPatch({ list }, moves) as { list: number[] };
    expect([moved[0], moved.at(-1), list[0]]).toEqual([10_000, 9_999, 0]);
  });

  test('changes of two places that have the same value the one that it names', () => {
    const target = deepFreeze({ a: { b: 1 } });
    const patched = jsonPatch(target, [
      { op: 'add', path: '/a/c', value: 2 },
      { op: 'copy', from: '/a', path: '/d' },
      { op: 'add', path: '/d/e', value: 3 },
      { op: 'remove', path: '/a/b' },
    ]);
    expect(patched).toEqual({ a: { c: 2 }, d: { b: 1, c: 2, e: 3 } });
    expect(target).toEqual({ a: { b: 1 } });
  });

  test('has at most 10,000 operations', () =>
    withHttps(async ({ ask }) => {
      await ask(path, { method: 'POST', body, headers });
      const operations = Array(10_001).fill({ op: 'test', path: '/data/b' });
      const patch = { method: 'PATCH', headers: patching, body: JSON.stringify(operations) };
      const { status, body: refused } = await ask(`${path}/bomb`, patch);
      expect(status).toBe(413);
      expect(refused).toMatchObject({
        message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
      });
    }));
});

describe('a client that does not go on', () => {
  /** Resolves once the server has hung up. */
  function hungUp(port: number, text: string, reads: boolean): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      if (reads) socket.resume();
      else socket.pause();
    });
  }

  test('is hung up on: one that never asks, asks by halves, or wants what it never reads', () =>
    withHttps(
      async ({ endpoint, kernel, server, ask, watch }) => {
        for (let n = 0; n < 40; n++) {
          const metadata = { name: `big-${n}`, namespace: 'default' };
          const data = { a: 'x'.repeat(1024 * 1024) };
          const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
          server.seed(config);
        }
        // A watch on which nothing happens is no stall.
        const idle = watch('/api/v1/nodes?watch=true');
        const big = 'GET /api/v1/namespaces/default/configmaps HTTP/1.1\r\nhost: x\r\n\r\n';
        void hungUp(endpoint.port, big, false);
        await Promise.all([
          hungUp(endpoint.port, '', true),
          hungUp(endpoint.port, 'GET / HTTP/1.1\r\nhost:', true),
        ]);
        // A paused socket never tells that it is closed before it reads again: the server knows.
        while ((await endpoint.countConnections()) > 1) await kernel.sleep(20_000);
        expect(endpoint.watches).toBe(1);
        expect((await ask('/api/v1/nodes')).status).toBe(200);
        idle.stop();
      },
      { plain: true, stallMs: 500, speed: 1 },
    ));
});
