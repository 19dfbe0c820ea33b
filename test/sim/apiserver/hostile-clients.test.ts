/** Clients that mean ill, or have stopped meaning anything. */

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { limitCauses } from '../../../src/sim/apiserver/schema/limits.ts';
import { simulatedCluster, withCluster } from '../../support/https-cluster.ts';
import { rawRequest } from '../../support/kubeconfig-client.ts';

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
