/** `bench cluster --controllers-only --csi`: storage under sidecars that are not ours. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../../src/core/exit-code.ts';
import { grpcClient } from '../../support/grpc-client.ts';
import { rawRequest } from '../../support/kubeconfig-client.ts';
import { startBench, startCluster } from '../../support/served-cluster.ts';

const CLASS = 'ocs-storagecluster-ceph-rbd-virtualization';
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';

function play(kubeconfig: string, ...more: readonly string[]) {
  const nodes = ['--set', 'simulation.nodes.count=2', '--speed', '60'];
  const argv = ['cluster', '--controllers-only', '--kubeconfig', kubeconfig, ...nodes, ...more];
  return startBench(argv);
}

function socketPath(): string {
  return join(mkdtempSync(join(tmpdir(), 'bench-')), 'csi.sock');
}

test('the driver is served, its secret is there, and our provisioner stands back', async () => {
  const server = await startCluster(['--no-simulate', '--speed', '60']);
  const send = async (method: string, path: string, value?: unknown) => {
    const body = value === undefined ? {} : { body: JSON.stringify(value) };
    const { text } = await rawRequest(server.kubeconfig, { method, path, ...body });
    return JSON.parse(text) as Record<string, unknown>;
  };
  const path = socketPath();
  const playing = play(server.kubeconfig, '--csi', `unix://${path}`);
  await playing.printed(/ready\n/);
  const client = grpcClient(path);
  expect((await client.call('/csi.v1.Identity/Probe')).status).toBe(0);
  client.close();

  const storageClass = await send('GET', `/apis/storage.k8s.io/v1/storageclasses/${CLASS}`);
  expect(storageClass).toMatchObject({
    parameters: {
      'csi.storage.k8s.io/provisioner-secret-name': 'rook-csi-rbd-provisioner',
      'csi.storage.k8s.io/provisioner-secret-namespace': 'openshift-storage',
    },
  });
  const secrets = '/api/v1/namespaces/openshift-storage/secrets/rook-csi-rbd-provisioner';
  expect(await send('GET', secrets)).toMatchObject({ kind: 'Secret' });

  await send('POST', CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'one' },
    spec: {
      accessModes: ['ReadWriteMany'],
      volumeMode: 'Block',
      storageClassName: CLASS,
      resources: { requests: { storage: '1Gi' } },
    },
  });
  // The volume binder is ours: it asks the provisioner, and nobody answers.
  const asked = async () => JSON.stringify(await send('GET', `${CLAIMS}/one`));
  while (!(await asked()).includes('volume.kubernetes.io/storage-provisioner')) {
    // Asked again at once: each answer takes its time.
  }
  for (let times = 0; times < 20; times++) await asked();
  expect(await send('GET', '/api/v1/persistentvolumes')).toMatchObject({ items: [] });
  expect(await playing.stop()).toBe(130);
  expect(playing.err()).toContain('without external-provisioner, external-attacher');
  await server.stop();
});

test('what cannot be is refused before anything is made', async () => {
  const server = await startCluster(['--no-simulate']);
  const local = ['--set', 'simulation.storage=local'];
  const disks = play(server.kubeconfig, '--csi', `unix://${socketPath()}`, ...local);
  expect(await disks.exit).toBe(EXIT.usage);
  expect(disks.err()).toContain('--csi shows Ceph RBD, not simulation.storage local');
  const nowhere = play(server.kubeconfig, '--csi', 'unix:///no/such/folder/csi.sock');
  expect(await nowhere.exit).toBe(EXIT.usage);
  expect(nowhere.err()).toMatch(/--csi: no socket at \/no\/such\/folder\/csi.sock: \w+/);
  const { text } = await rawRequest(server.kubeconfig, { method: 'GET', path: '/api/v1/nodes' });
  expect(JSON.parse(text)).toMatchObject({ items: [] });
  await server.stop();
});

test('--csi goes with --controllers-only', async () => {
  const alone = startBench(['cluster', '--csi', 'unix:///run/csi.sock']);
  expect(await alone.exit).toBe(EXIT.usage);
  expect(alone.err()).toContain('--controllers, --csi and --kubeconfig go with --controllers-only');
});
