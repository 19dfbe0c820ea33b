/** Clusters on which a run cannot start: one clear message each, nothing created, exit 64. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NAMESPACES } from '../../src/api/resources.ts';
import { openTarget } from '../../src/cli/target.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { collectionPath } from '../../src/kube/paths.ts';
import { issueCertificate } from '../../src/sim/apiserver/https/certificate.ts';
import {
  type Credentials,
  createCredentials,
  kubeconfigText,
} from '../../src/sim/apiserver/https/credentials.ts';
import {
  type ServedCluster,
  type ServedOptions,
  simulatedCluster,
  withCluster,
} from '../support/https-cluster.ts';
import { ROOT } from '../support/sources.ts';
import { cli } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');
const YEAR_US = 365 * 86_400e6;

function run(kubeconfig: string, more: readonly string[] = []) {
  const results = mkdtempSync(join(tmpdir(), 'bench-'));
  const argv = ['run', TINY, '--results', results, '--kubeconfig', kubeconfig, ...more];
  return cli(argv, { openTarget });
}

function kubeconfigFile(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-')), 'kubeconfig');
  writeFileSync(path, text);
  return path;
}

function credentialsNow(): Credentials {
  return createCredentials(['127.0.0.1'], systemClock().wallUs());
}

describe('a kubeconfig that cannot be used', () => {
  test.each([
    ['is not there', ['--kubeconfig', '/nowhere/config'], 'there is no kubeconfig'],
    ['is no YAML', ['--kubeconfig', kubeconfigFile('a: [')], 'cannot be read'],
    ['lacks the context', ['--context', 'other'], 'has no context "other"'],
    ['is named beside the pod', ['--in-cluster', '--context', 'sim'], 'takes neither'],
    ['is that of a pod, outside of one', ['--in-cluster'], 'use --in-cluster only inside a pod'],
  ])('%s', async (_, argv, message) => {
    const path = kubeconfigFile(kubeconfigText('https://127.0.0.1:1', credentialsNow(), 'sim'));
    const own = argv.includes('--kubeconfig') || argv.includes('--in-cluster');
    const failed = await cli(['run', TINY, ...argv, ...(own ? [] : ['--kubeconfig', path])], {
      openTarget,
    });
    expect(failed.code).toBe(64);
    expect(failed.err).toContain(message);
  });
});

describe('a server that cannot be talked to', () => {
  test('nobody listens', async () => {
    const text = kubeconfigText('https://127.0.0.1:1', credentialsNow(), 'sim');
    const failed = await run(kubeconfigFile(text));
    expect(failed.code).toBe(64);
    expect(failed.err).toContain('https://127.0.0.1:1: connection refused');
    expect(failed.err).toContain('-> is the API server running there?');
  });

  test('its certificate has expired', async () => {
    const credentials = credentialsNow();
    const nowUnixUs = systemClock().wallUs() - 11 * YEAR_US;
    const request = { commonName: 'old', hosts: ['127.0.0.1'], nowUnixUs };
    const old = issueCertificate({ ...request, role: 'ca' });
    await withTlsServer(old, async (url) => {
      const trusting = { ...credentials, authority: old.certificate };
      const failed = await run(kubeconfigFile(kubeconfigText(url, trusting, 'sim')));
      expect(failed.code).toBe(64);
      expect(failed.err).toContain('its certificate has expired');
    });
  });

  test('its certificate is for another name', async () => {
    const nowUnixUs = systemClock().wallUs();
    const other = issueCertificate({
      commonName: 'other',
      role: 'ca',
      hosts: ['api.example'],
      nowUnixUs,
    });
    await withTlsServer(other, async (url) => {
      const trusting = { ...credentialsNow(), authority: other.certificate };
      const failed = await run(kubeconfigFile(kubeconfigText(url, trusting, 'sim')));
      expect(failed.code).toBe(64);
      expect(failed.err).toContain('its certificate is for another name');
    });
  });
});

async function withTlsServer(
  { certificate, key }: { readonly certificate: string; readonly key: string },
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer({ cert: certificate, key }, (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

interface BadCluster {
  readonly name: string;
  readonly message: string;
  readonly more?: readonly string[];
  readonly options?: ServedOptions;
  readonly spoil?: (cluster: ServedCluster) => void;
  readonly kubeconfig?: (cluster: ServedCluster) => string;
}

type Answer = ReturnType<NonNullable<ServedOptions['extension']>>;

function answer(status: number, body: unknown): Answer {
  return { status, body, contentType: 'application/json', headers: {}, warnings: [] };
}

const BAD: readonly BadCluster[] = [
  {
    name: 'another authority signed the certificate',
    message: 'signed by an authority that the kubeconfig does not name',
    kubeconfig: ({ url }) => kubeconfigFile(kubeconfigText(url, credentialsNow(), 'sim')),
  },
  {
    name: 'the token is unknown',
    message: 'does not know who we are (401 Unauthorized)',
    more: ['--context', 'sim-token'],
    kubeconfig: ({ url, credentials }) =>
      kubeconfigFile(kubeconfigText(url, { ...credentials, token: 'old' }, 'sim')),
  },
  {
    name: 'a verb is forbidden',
    message: 'not allowed: create virtualmachines',
    options: {
      extension: ({ path, body }) => {
        if (!path.endsWith('/selfsubjectaccessreviews')) return undefined;
        const { resource, verb } = (
          body as { spec: { resourceAttributes: { resource: string; verb: string } } }
        ).spec.resourceAttributes;
        const allowed = resource !== 'virtualmachines' || verb !== 'create';
        return answer(201, { status: { allowed } });
      },
    },
  },
  {
    name: 'a definition is missing',
    message: '/apis/cdi.kubevirt.io/v1beta1',
    options: {
      extension: ({ path }) =>
        path === '/apis/cdi.kubevirt.io/v1beta1' ? answer(404, {}) : undefined,
    },
  },
  {
    name: 'the storage class is missing',
    message: 'there is no storage class "other"',
    more: ['--set', 'storage.class=other'],
  },
  {
    name: 'the namespace is on its way out',
    message: 'bench-late is terminating',
    more: ['--run-id', 'late'],
    spoil: ({ server }) => {
      const finalizers = ['example.com/stays'];
      const deletionTimestamp = '2026-01-01T00:00:00Z';
      const metadata = { name: 'bench-late', deletionTimestamp, finalizers };
      server.seed({ apiVersion: 'v1', kind: 'Namespace', metadata });
    },
  },
  {
    name: 'the run id is taken',
    message: 'objects of a run twice are there already',
    more: ['--run-id', 'twice'],
    spoil: ({ server }) => {
      const metadata = { name: 'bench-twice', labels: { 'bench.kubevirt.io/run': 'twice' } };
      server.seed({ apiVersion: 'v1', kind: 'Namespace', metadata });
    },
  },
  {
    name: 'the clock is far off',
    message: "FAIL  clock                              the API server's clock and ours are",
    options: { speed: 1 },
    spoil: ({ server }) => server.stepClock(3600e6),
  },
];

describe('a cluster on which a run cannot start', () => {
  test.each(BAD)('$name', ({ message, more = [], options, spoil, kubeconfig }) =>
    withCluster(
      simulatedCluster,
      async (cluster) => {
        spoil?.(cluster);
        const before = namespaces(cluster);
        const failed = await run(kubeconfig?.(cluster) ?? cluster.kubeconfig, more);
        expect(failed.err).toContain(message);
        expect(failed.code).toBe(64);
        expect(namespaces(cluster)).toEqual(before);
      },
      options,
    ),
  );
});

function namespaces({ server }: ServedCluster): readonly string[] {
  const listed = server.handle({ method: 'GET', path: collectionPath(NAMESPACES) });
  const { items } = (listed as { body: { items: { metadata: { name: string } }[] } }).body;
  return items.map(({ metadata }) => metadata.name);
}
