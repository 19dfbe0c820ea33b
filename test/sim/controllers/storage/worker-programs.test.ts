/** What CDI's worker pods do, those of a real one on played nodes among them. */

import { expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/compute.ts';
import { CLAIMS, VOLUMES } from '../../../../src/api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../src/api/storage.ts';
import { SECOND, seconds } from '../../../../src/core/duration.ts';
import type { Program, Service } from '../../../../src/sim/hardware/node/programs.ts';
import { CLASS, createStorageCluster, IMAGE_URL, RHEL9, type StorageCluster } from './cluster.ts';

const worker = (kind: string, claimName: string, more: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `${kind}-${claimName}`,
    namespace: 'default',
    labels: { app: 'containerized-data-importer', 'cdi.kubevirt.io': kind },
    ...more,
  },
  spec: {
    containers: [{ name: kind }],
    volumes: [{ name: 'cdi-data-vol', persistentVolumeClaim: { claimName } }],
  },
});

const importer = (claimName: string, url: string): Pod => {
  const pod = worker('importer', claimName);
  const containers = [{ name: 'importer', env: [{ name: 'IMPORTER_ENDPOINT', value: url }] }];
  return { ...pod, spec: { ...pod.spec, containers } };
};

const isBound = (claim: PersistentVolumeClaim | undefined) => claim?.status?.phase === 'Bound';

async function besideCdi(work: (cluster: StorageCluster) => Promise<void>): Promise<void> {
  const cluster = createStorageCluster({ without: ['cdi'] });
  await cluster.kernel.run(async () => {
    await cluster.controllers.synced;
    await work(cluster);
  });
  cluster.controllers.stop();
  expect(cluster.errors).toEqual([]);
}

async function createDisk(cluster: StorageCluster, name: string): Promise<string> {
  await cluster.client.create(CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteMany'],
      volumeMode: 'Block',
      storageClassName: CLASS,
      resources: { requests: { storage: '22Gi' } },
    },
  });
  await cluster.until(CLAIMS, name, isBound);
  await cluster.kernel.sleep(seconds(1));
  const volume = cluster.server.peek(CLAIMS, 'default', name)?.spec.volumeName ?? '';
  return cluster.server.peek(VOLUMES, undefined, volume)?.spec.csi?.volumeHandle ?? '';
}

function timed(program: Program | Service | undefined): Program {
  if (!program || 'serve' in program) throw new Error('it has no time');
  return program;
}

test('an importer puts the bytes of the image on the volume, in its time', () =>
  besideCdi(async (cluster) => {
    const handle = await createDisk(cluster, 'disk');
    const { programs } = cluster.controllers;
    const program = timed(programs(importer('disk', IMAGE_URL)));
    const { importBandwidth } = cluster.parameters.cdi;
    expect(program.durationUs).toBe(Math.ceil((RHEL9.dataBytes / importBandwidth) * SECOND));
    expect(cluster.rbd.contentOf(handle)?.key).not.toBe(RHEL9.key);
    program.finish?.();
    expect(cluster.rbd.contentOf(handle)).toMatchObject({ key: RHEL9.key });
    // What cannot be fetched fails, and what is no worker of CDI has no end.
    const absent = programs(importer('disk', 'http://images.example/none'));
    expect(absent).toMatchObject({ finish: undefined });
    const { metadata, ...rest } = importer('disk', IMAGE_URL);
    expect(programs({ ...rest, metadata: { ...metadata, labels: {} } })).toBe(undefined);
  }));

test('a source pod sends its volume to the upload server of the target, which exits then', () =>
  besideCdi(async (cluster) => {
    const [golden, helper] = [
      await createDisk(cluster, 'golden'),
      await createDisk(cluster, 'helper'),
    ];
    cluster.rbd.fill(golden, RHEL9);
    const { programs } = cluster.controllers;
    const server = programs(worker('cdi-upload-server', 'helper'));
    if (!server || !('serve' in server)) throw new Error('an upload server waits');
    expect(JSON.parse(server.message ?? '')).toEqual({
      preallocationApplied: false,
      message: 'Clone Complete',
    });
    let ended = 0;
    server.serve(() => (ended += 1));
    const annotations = { 'cdi.kubevirt.io/storage.ownerRef': 'default/helper' };
    const source = timed(programs(worker('cdi-clone-source', 'golden', { annotations })));
    const { copyBandwidth } = cluster.parameters.cdi;
    expect(source.durationUs).toBe(Math.ceil((RHEL9.dataBytes / copyBandwidth) * SECOND));
    await cluster.kernel.sleep(seconds(600));
    expect(ended).toBe(0);
    source.finish?.();
    expect(cluster.rbd.contentOf(helper)).toMatchObject({ key: RHEL9.key });
    expect(ended).toBe(1);
    // A bench that comes back after the copy finds an upload server that is done.
    server.serve(() => (ended += 1));
    await cluster.kernel.sleep(seconds(1));
    expect(ended).toBe(2);
  }));
