/** A pod's way to the API server: address by environment, CA and a token that changes by files. */

import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/core/system-clock.ts';
import { ConnectionError } from '../../src/kube/connection.ts';
import { createHttpsTransport } from '../../src/kube/https-transport.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import { simulatedCluster, withCluster } from '../support/https-cluster.ts';
import { rawRequest } from '../support/kubeconfig-client.ts';

const FOLDER = 'var/run/secrets/kubernetes.io/serviceaccount';

interface Pod {
  readonly root: string;
  /** As the kubelet does it: a new folder, then a link that is renamed over the old one. */
  turnTo(token: string): void;
}

function pod(authority: string): Pod {
  const root = mkdtempSync(join(tmpdir(), 'bench-'));
  const folder = join(root, FOLDER);
  mkdirSync(folder, { recursive: true });
  let version = 0;
  const turnTo = (token: string) => {
    version += 1;
    mkdirSync(join(folder, `..${version}`));
    writeFileSync(join(folder, `..${version}`, 'token'), `${token}\n`);
    symlinkSync(`..${version}`, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  symlinkSync('..data/token', join(folder, 'token'));
  writeFileSync(join(folder, 'ca.crt'), authority);
  writeFileSync(join(folder, 'namespace'), 'bench');
  return { root, turnTo };
}

function setAddress(host: string | undefined, port: string | undefined): void {
  vi.stubEnv('KUBERNETES_SERVICE_HOST', host);
  vi.stubEnv('KUBERNETES_SERVICE_PORT', port);
}

afterEach(() => vi.unstubAllEnvs());

describe('--in-cluster', () => {
  test('is the service account of the pod, with whatever token it has now', () =>
    withCluster(simulatedCluster, async ({ url, kubeconfig, server, credentials }) => {
      const metadata = { name: 'bench', namespace: 'bench' };
      server.seed({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } });
      server.seed({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
      const newToken = async () => {
        const path = '/api/v1/namespaces/bench/serviceaccounts/bench/token';
        const { text } = await rawRequest(kubeconfig, { method: 'POST', path, body: '{}' });
        return (JSON.parse(text) as { status: { token: string } }).status.token;
      };
      const { root, turnTo } = pod(credentials.authority);
      turnTo(await newToken());
      setAddress(new URL(url).hostname, new URL(url).port);
      const connection = await loadConnection({ inCluster: true }, root);
      expect(connection).toMatchObject({ server: url, context: 'in-cluster', namespace: 'bench' });
      const clock = systemClock();
      const transport = await createHttpsTransport({ connection, clock, userAgent: 'test' });
      const whoAmI = async () => {
        const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
        const answer = await transport.request({ method: 'POST', path, body: {} });
        const { status } = answer.body as { status?: { userInfo?: { username: string } } };
        return status?.userInfo?.username ?? answer.status;
      };
      expect(await whoAmI()).toBe('system:serviceaccount:bench:bench');
      turnTo('expired');
      expect(await whoAmI()).toBe(401);
      turnTo(await newToken());
      expect(await whoAmI()).toBe('system:serviceaccount:bench:bench');
      // One keep-alive connection has served them all; what was refused was asked once more.
      expect(transport.counts).toEqual({ requests: 4, connections: 1 });
      rmSync(join(root, FOLDER, '..data'));
      expect(await whoAmI()).toBe('system:serviceaccount:bench:bench');
      transport.close();
    }));

  test.each([
    ['no token', (root: string) => rmSync(join(root, FOLDER, 'token')), /there is no .*token/],
    ['no CA', (root: string) => rmSync(join(root, FOLDER, 'ca.crt')), /there is no .*ca\.crt/],
    ['no address', () => setAddress(undefined, undefined), /KUBERNETES_SERVICE_HOST .* not set/],
  ])('%s is said before anything is sent', async (_, spoil, message) => {
    const { root, turnTo } = pod('authority');
    turnTo('token');
    setAddress('10.0.0.1', '443');
    spoil(root);
    const loaded = loadConnection({ inCluster: true }, root);
    await expect(loaded).rejects.toThrow(message);
    await expect(loaded).rejects.toBeInstanceOf(ConnectionError);
  });

  test('an empty token is none', async () => {
    const { root, turnTo } = pod('authority');
    turnTo('');
    setAddress('10.0.0.1', '443');
    const { headers } = await loadConnection({ inCluster: true }, root);
    await expect(headers()).rejects.toThrow(/no token in .*: it is empty/);
  });
});
