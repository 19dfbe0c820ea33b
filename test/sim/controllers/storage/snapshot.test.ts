import { expect, test } from 'vitest';
import type { KubeEvent } from '../../../../src/api/compute.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  EVENTS,
  SNAPSHOT_CONTENTS,
  SNAPSHOTS,
  VOLUMES,
} from '../../../../src/api/resources.ts';
import type { DataVolume } from '../../../../src/api/storage.ts';
import { SECOND, seconds } from '../../../../src/core/duration.ts';
import {
  createStorageCluster,
  dataVolume,
  prepareGolden,
  type StorageCluster,
  succeeded,
  volumeSnapshot,
} from './cluster.ts';

async function withGolden(work: (cluster: StorageCluster) => Promise<void>): Promise<void> {
  const cluster = createStorageCluster({ recordEvents: true });
  await cluster.kernel.run(async () => {
    await prepareGolden(cluster);
    await cluster.kernel.sleep(SECOND);
    await work(cluster);
  });
  cluster.controllers.stop();
}

test('a snapshot is bound to its content and carries size and time', () =>
  withGolden(async ({ server }) => {
    const snapshot = server.peek(SNAPSHOTS, 'default', 'golden-snapshot');
    const content = `snapcontent-${snapshot?.metadata.uid}`;
    expect(snapshot?.status).toMatchObject({
      boundVolumeSnapshotContentName: content,
      readyToUse: true,
      restoreSize: '22Gi',
    });
    expect(snapshot?.status?.creationTime).toMatch(/^2024-06-01T00:00:\d\dZ$/);
    expect(snapshot?.metadata.finalizers).toEqual([
      'snapshot.storage.kubernetes.io/volumesnapshot-as-source-protection',
      'snapshot.storage.kubernetes.io/volumesnapshot-bound-protection',
    ]);
    const bound = server.peek(SNAPSHOT_CONTENTS, undefined, content);
    expect(bound?.status).toMatchObject({ readyToUse: true, restoreSize: 22 * 2 ** 30 });
    expect(Object.keys(bound?.metadata.annotations ?? {})).toEqual([
      'snapshot.storage.kubernetes.io/deletion-secret-name',
      'snapshot.storage.kubernetes.io/deletion-secret-namespace',
    ]);
    expect(server.peek(CLAIMS, 'default', 'golden')?.metadata.finalizers).toEqual([
      'kubernetes.io/pvc-protection',
    ]);
  }));

test('a snapshot takes one to three seconds', () =>
  withGolden(async (cluster) => {
    const { client, kernel } = cluster;
    const startUs = kernel.nowUs();
    await client.create(SNAPSHOTS, volumeSnapshot('second', 'golden'));
    await cluster.until(
      SNAPSHOTS,
      'second',
      (object) => (object as { status?: { readyToUse?: boolean } })?.status?.readyToUse === true,
    );
    const tookUs = kernel.nowUs() - startUs;
    expect(tookUs).toBeGreaterThan(SECOND);
    expect(tookUs).toBeLessThan(4 * SECOND);
  }));

test('a snapshot of a claim that is not there yet waits for it', () =>
  withGolden(async (cluster) => {
    const { client, kernel } = cluster;
    await client.create(SNAPSHOTS, volumeSnapshot('early', 'late'));
    await kernel.sleep(seconds(10));
    await client.create(DATA_VOLUMES, dataVolume('late', { pvc: { name: 'golden' } }));
    await cluster.until(
      SNAPSHOTS,
      'early',
      (object) => (object as { status?: { readyToUse?: boolean } })?.status?.readyToUse === true,
    );
  }));

test('a deleted snapshot takes its content along; its data stays while clones hang on it', () =>
  withGolden(async (cluster) => {
    const { client, kernel, server, rbd } = cluster;
    await client.create(DATA_VOLUMES, dataVolume('a', { snapshot: { name: 'golden-snapshot' } }));
    await cluster.until(DATA_VOLUMES, 'a', succeeded);
    const before = rbd.pool.objects;
    await client.remove(SNAPSHOTS, { namespace: 'default', name: 'golden-snapshot' });
    await kernel.sleep(seconds(30));
    expect(server.peek(SNAPSHOTS, 'default', 'golden-snapshot')).toBeUndefined();
    expect((await client.list(SNAPSHOT_CONTENTS)).items).toEqual([]);
    expect(rbd.pool.objects).toBe(before);
    await client.remove(DATA_VOLUMES, { namespace: 'default', name: 'a' });
    await client.remove(CLAIMS, { namespace: 'default', name: 'a' });
    await kernel.sleep(seconds(30));
    expect(rbd.pool.objects).toBe(before - 6);
  }));

test('a snapshot that is being restored is not deleted under the restore', () =>
  withGolden(async (cluster) => {
    const { client, server, kernel } = cluster;
    await client.create(DATA_VOLUMES, dataVolume('a', { snapshot: { name: 'golden-snapshot' } }));
    await cluster.until<DataVolume>(
      DATA_VOLUMES,
      'a',
      (object) => object?.status?.phase === 'CloneFromSnapshotSourceInProgress',
    );
    await client.remove(SNAPSHOTS, { namespace: 'default', name: 'golden-snapshot' });
    await kernel.sleep(seconds(0.2));
    expect(server.peek(SNAPSHOTS, 'default', 'golden-snapshot')).toBeDefined();
    await cluster.until(DATA_VOLUMES, 'a', succeeded);
    await kernel.sleep(seconds(5));
    expect(server.peek(SNAPSHOTS, 'default', 'golden-snapshot')).toBeUndefined();
    const events = (await client.list(EVENTS)).items as readonly KubeEvent[];
    expect(events.map(({ reason }) => reason)).toContain('SnapshotDeletePending');
  }));

test('deleted claims give their volumes back to the pool', () =>
  withGolden(async (cluster) => {
    const { client, kernel, rbd } = cluster;
    const before = rbd.pool.objects;
    for (const name of ['a', 'b', 'c']) {
      await client.create(DATA_VOLUMES, dataVolume(name, { pvc: { name: 'golden' } }));
    }
    for (const name of ['a', 'b', 'c']) await cluster.until(DATA_VOLUMES, name, succeeded);
    await kernel.sleep(seconds(5));
    expect(rbd.pool.objects).toBe(before + 3 * 6);
    for (const name of ['a', 'b', 'c']) {
      await client.remove(DATA_VOLUMES, { namespace: 'default', name });
      await client.remove(CLAIMS, { namespace: 'default', name });
    }
    await kernel.sleep(seconds(30));
    expect((await client.list(VOLUMES)).items).toHaveLength(1);
    expect(rbd.pool.objects).toBe(before);
  }));
