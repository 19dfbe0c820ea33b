import { describe, expect, test } from 'vitest';
import {
  CLAIMS,
  DATA_SOURCES,
  DATA_VOLUMES,
  PODS,
  RESOURCE_QUOTAS,
  VOLUMES,
} from '../../../../src/api/resources.ts';
import type { DataVolume } from '../../../../src/api/storage.ts';
import { SECOND, seconds } from '../../../../src/core/duration.ts';
import {
  createStorageCluster,
  dataVolume,
  IMAGE_URL,
  RHEL9,
  type StorageCluster,
  succeeded,
} from './cluster.ts';

async function inCluster(work: (cluster: StorageCluster) => Promise<void>): Promise<void> {
  const cluster = createStorageCluster();
  await cluster.kernel.run(async () => {
    await cluster.controllers.synced;
    await work(cluster);
  });
  cluster.controllers.stop();
  expect(cluster.errors).toEqual([]);
}

/** Every different value of a status field that was ever stored. */
function valuesOf(
  { server }: StorageCluster,
  name: string,
  field: 'phase' | 'progress',
): (string | undefined)[] {
  const values: (string | undefined)[] = [];
  server.onCommit(({ event }, { resource }) => {
    if (resource !== DATA_VOLUMES || event.object.metadata.name !== name) return;
    const value = (event.object as DataVolume).status?.[field];
    if (value !== values.at(-1)) values.push(value);
  });
  return values;
}

describe('import over http', () => {
  test('goes by an importer pod and a prime claim, which are gone at the end', () =>
    inCluster(async (cluster) => {
      const phases = valuesOf(cluster, 'image', 'phase');
      const pods: string[] = [];
      cluster.server.onCommit(({ event }, { resource }) => {
        if (resource === PODS && event.type === 'ADDED') pods.push(event.object.metadata.name);
      });
      await cluster.client.create(DATA_VOLUMES, dataVolume('image', { http: { url: IMAGE_URL } }));
      await cluster.until(DATA_VOLUMES, 'image', succeeded);
      await cluster.kernel.sleep(seconds(10));
      expect(phases).toEqual(['Pending', 'ImportScheduled', 'ImportInProgress', 'Succeeded']);
      const claim = cluster.server.peek(CLAIMS, 'default', 'image');
      expect(pods).toEqual([`importer-prime-${claim?.metadata.uid}`]);
      expect((await cluster.client.list(PODS)).items).toEqual([]);
      expect((await cluster.client.list(CLAIMS)).items).toHaveLength(1);
      expect((await cluster.client.list(VOLUMES)).items).toHaveLength(1);
    }));

  test('takes its pod, its bytes and its hand-over, and reports progress every 2 s', () =>
    inCluster(async (cluster) => {
      const { kernel, client, parameters } = cluster;
      const progress = valuesOf(cluster, 'image', 'progress');
      const startUs = kernel.nowUs();
      await client.create(DATA_VOLUMES, dataVolume('image', { http: { url: IMAGE_URL } }));
      await cluster.until(DATA_VOLUMES, 'image', succeeded);
      const workUs = (RHEL9.dataBytes / parameters.cdi.importBandwidth) * SECOND;
      const overheadUs = kernel.nowUs() - startUs - workUs;
      // Bound, attached, reported in use within ten seconds, mapped and started; and unmapped.
      expect(overheadUs).toBeGreaterThan(6 * SECOND);
      expect(overheadUs).toBeLessThan(22 * SECOND);
      const shares = progress.flatMap((text) =>
        text?.endsWith('%') ? [Number.parseFloat(text)] : [],
      );
      expect(shares.length).toBeGreaterThan(4);
      expect(shares.length).toBeLessThan(10);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      expect(shares.at(-1)).toBe(100);
    }));

  test('stores the data of the image once, however large the disk', () =>
    inCluster(async (cluster) => {
      await cluster.client.create(DATA_VOLUMES, dataVolume('image', { http: { url: IMAGE_URL } }));
      await cluster.until(DATA_VOLUMES, 'image', succeeded);
      expect(cluster.rbd.pool.storedBytes).toBe(RHEL9.dataBytes);
    }));

  test('of something that is not there restarts its pod and says so', () =>
    inCluster(async (cluster) => {
      const { client, kernel, server } = cluster;
      const url = 'http://images.example/no-such.qcow2';
      await client.create(DATA_VOLUMES, dataVolume('image', { http: { url } }));
      await kernel.sleep(seconds(120));
      const status = server.peek(DATA_VOLUMES, 'default', 'image')?.status;
      expect(status?.phase).toBe('ImportInProgress');
      expect(status?.restartCount).toBeGreaterThan(1);
      expect(status?.restartCount).toBeLessThan(6);
      expect(status?.conditions?.find(({ type }) => type === 'Running')).toMatchObject({
        status: 'False',
        reason: 'Error',
      });
    }));
});

test('a blank disk is made empty', () =>
  inCluster(async (cluster) => {
    const phases = valuesOf(cluster, 'data', 'phase');
    await cluster.client.create(DATA_VOLUMES, dataVolume('data', { blank: {} }, '50Gi'));
    await cluster.until(DATA_VOLUMES, 'data', succeeded);
    expect(phases.at(-1)).toBe('Succeeded');
    expect(cluster.rbd.pool.storedBytes).toBe(0);
    await cluster.kernel.sleep(seconds(5));
    expect(cluster.server.peek(CLAIMS, 'default', 'data')?.status).toMatchObject({
      phase: 'Bound',
      capacity: { storage: '50Gi' },
    });
  }));

test('a hundred blank disks at once all get there', () =>
  inCluster(async (cluster) => {
    const names = Array.from({ length: 100 }, (_, i) => `data-${i}`);
    await Promise.all(
      names.map((name) => cluster.client.create(DATA_VOLUMES, dataVolume(name, { blank: {} }))),
    );
    await Promise.all(names.map((name) => cluster.until(DATA_VOLUMES, name, succeeded)));
  }));

test('a DataSource may be named before it exists', () =>
  inCluster(async (cluster) => {
    const { client, kernel, server } = cluster;
    await client.create(DATA_VOLUMES, dataVolume('image', { http: { url: IMAGE_URL } }));
    await cluster.until(DATA_VOLUMES, 'image', succeeded);
    const { spec, ...rest } = dataVolume('a', {});
    const { source: _, ...others } = spec;
    const sourceRef = { kind: 'DataSource', name: 'rhel9' };
    await client.create(DATA_VOLUMES, { ...rest, spec: { ...others, sourceRef } });
    await kernel.sleep(seconds(20));
    // None of CDI's controllers takes a DataVolume whose DataSource it cannot find.
    expect(server.peek(DATA_VOLUMES, 'default', 'a')?.status).toBeUndefined();
    await client.create(DATA_SOURCES, {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataSource',
      metadata: { name: 'rhel9', namespace: 'default' },
      spec: { source: { pvc: { name: 'image' } } },
    });
    await cluster.until(DATA_VOLUMES, 'a', succeeded);
  }));

test('a quota without room for the claim is said, and asked again until it has some', async () => {
  const { client, controllers, errors, kernel, server, until } = createStorageCluster();
  const quotaOf = (hard: Readonly<Record<string, string>>) => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small', namespace: 'default' },
    spec: { hard },
  });
  await kernel.run(async () => {
    await controllers.synced;
    await client.create(RESOURCE_QUOTAS, quotaOf({ persistentvolumeclaims: '0' }));
    await client.create(DATA_VOLUMES, dataVolume('data', { blank: {} }));
    await kernel.sleep(seconds(30));
    const { phase, conditions } = server.peek(DATA_VOLUMES, 'default', 'data')?.status ?? {};
    expect(phase).toBe('Pending');
    expect(conditions?.find(({ type }) => type === 'Bound')).toMatchObject({
      status: 'Unknown',
      reason: 'ErrExceededQuota',
      message: expect.stringContaining(
        'exceeded quota: small, requested: persistentvolumeclaims=1',
      ),
    });
    await client.patch(
      RESOURCE_QUOTAS,
      { namespace: 'default', name: 'small' },
      { spec: { hard: { persistentvolumeclaims: '9' } } },
    );
    await until(DATA_VOLUMES, 'data', succeeded);
  });
  controllers.stop();
  expect(errors.length).toBeLessThan(25);
  expect(errors.every((error) => error.includes('exceeded quota'))).toBe(true);
});
