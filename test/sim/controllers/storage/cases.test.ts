/** Odd clones, as the real CDI 1.58.4 was seen to treat them. */

import { expect, test } from 'vitest';
import type { KubeEvent } from '../../../../src/api/compute.ts';
import { CLAIMS, DATA_VOLUMES, EVENTS, PODS } from '../../../../src/api/resources.ts';
import type { DataVolume, DataVolumeSource } from '../../../../src/api/storage.ts';
import { seconds } from '../../../../src/core/duration.ts';
import type { Release } from '../../../../src/parameters/release.ts';
import {
  CLASS,
  createStorageCluster,
  dataVolume,
  prepareGolden,
  type StorageCluster,
  storageClass,
  succeeded,
} from './cluster.ts';

async function inCluster(
  work: (cluster: StorageCluster) => Promise<void>,
  release?: Release,
): Promise<void> {
  const cluster = createStorageCluster({ recordEvents: true, ...(release && { release }) });
  await cluster.kernel.run(async () => {
    await prepareGolden(cluster);
    await cluster.kernel.sleep(seconds(5));
    await work(cluster);
  });
  cluster.controllers.stop();
}

/** Makes a DataVolume and lets some time pass; what it has come to. */
async function tryClone(
  { client, kernel, server }: StorageCluster,
  source: DataVolumeSource,
  size?: string,
  sleepS = 12,
): Promise<DataVolume | undefined> {
  await client.create(DATA_VOLUMES, dataVolume('odd', source, size));
  await kernel.sleep(seconds(sleepS));
  return server.peek(DATA_VOLUMES, 'default', 'odd');
}

async function reasonsAbout({ client }: StorageCluster, kind: string): Promise<readonly string[]> {
  const { items } = await client.list(EVENTS);
  return (items as readonly KubeEvent[])
    .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === 'odd')
    .map(({ reason }) => reason);
}

test('a claim that is smaller than its source is not made, and asked about ever more rarely', () =>
  inCluster(async (cluster) => {
    const made = await tryClone(cluster, { pvc: { name: 'golden' } }, '10Gi', 6);
    expect(made?.status?.phase).toBe('Pending');
    expect(made?.status?.conditions?.[0]).toMatchObject({ status: 'Unknown', reason: 'NotFound' });
    expect(cluster.server.peek(CLAIMS, 'default', 'odd')).toBeUndefined();
    const { items } = await cluster.client.list(EVENTS);
    const failed = (items as readonly KubeEvent[]).filter(
      ({ reason }) => reason === 'CloneValidationFailed',
    );
    expect(failed).toHaveLength(1);
    // Eleven within six seconds were counted.
    expect(failed[0]?.count).toBeGreaterThanOrEqual(11);
    expect(failed[0]?.count).toBeLessThanOrEqual(13);
  }));

test('a claim that is smaller than a snapshot is made, and is as large as that', () =>
  inCluster(async (cluster) => {
    const made = await tryClone(cluster, { snapshot: { name: 'golden-snapshot' } }, '10Gi');
    expect(succeeded(made)).toBe(true);
    const claim = cluster.server.peek(CLAIMS, 'default', 'odd');
    expect(claim?.spec.resources?.requests?.['storage']).toBe('10737418240');
    expect(claim?.status?.capacity?.['storage']).toBe('22Gi');
  }));

test('of a claim that is missing nothing is made, and no phase is given', () =>
  inCluster(async (cluster) => {
    const made = await tryClone(cluster, { pvc: { name: 'absent' } });
    expect(made?.status?.phase).toBeUndefined();
    const why = { reason: 'CloneWithoutSource', message: "The source pvc absent doesn't exist" };
    expect(made?.status?.conditions?.slice(0, 2)).toMatchObject([
      { type: 'Bound', status: 'Unknown', ...why },
      { type: 'Ready', status: 'False', ...why },
    ]);
    expect(await reasonsAbout(cluster, 'DataVolume')).toEqual(['CloneWithoutSource']);
  }));

test.each<[Release, string | undefined]>([
  ['ocp-4.15', 'CloneScheduled'],
  ['upstream-2026-08', undefined],
])('of a snapshot that is missing, %s: phase %s', (release, phase) =>
  inCluster(async (cluster) => {
    const made = await tryClone(cluster, { snapshot: { name: 'absent' } });
    expect(made?.status?.phase).toBe(phase);
    const claim = cluster.server.peek(CLAIMS, 'default', 'odd');
    expect(claim === undefined).toBe(phase === undefined);
    if (phase === undefined) return;
    const { items } = await cluster.client.list(EVENTS);
    const said = (items as readonly KubeEvent[]).find(
      ({ reason, involvedObject }) =>
        reason === 'CloneWithoutSource' && involvedObject.kind === 'PersistentVolumeClaim',
    );
    // At once a few times, and then every 5 s.
    expect(said?.count).toBeGreaterThan(2);
  }, release),
);

test('a claim of that name that belongs to nobody is left alone', () =>
  inCluster(async (cluster) => {
    const { client, kernel } = cluster;
    await client.create(CLAIMS, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'odd', namespace: 'default' },
      spec: {
        storageClassName: CLASS,
        accessModes: ['ReadWriteMany'],
        volumeMode: 'Block',
        resources: { requests: { storage: '22Gi' } },
      },
    });
    await kernel.sleep(seconds(5));
    const made = await tryClone(cluster, { pvc: { name: 'golden' } });
    expect(made?.status?.phase ?? '').toBe('');
    expect(made?.status?.conditions?.[0]).toMatchObject({ type: 'Bound', status: 'True' });
    expect(await reasonsAbout(cluster, 'DataVolume')).toContain('ErrResourceExists');
  }));

test('on a class that waits for a consumer, a clone is bound by a pod of its own', () =>
  inCluster(async (cluster) => {
    const { client, server, kernel } = cluster;
    server.seed(storageClass('waiting', { volumeBindingMode: 'WaitForFirstConsumer' }));
    const pods: string[] = [];
    server.onCommit(({ event }, { resource }) => {
      if (resource === PODS && event.type === 'ADDED') pods.push(event.object.metadata.name);
    });
    const wanted = dataVolume('odd', { snapshot: { name: 'golden-snapshot' } });
    const { storage } = wanted.spec;
    await client.create(DATA_VOLUMES, {
      ...wanted,
      metadata: {
        ...wanted.metadata,
        annotations: { 'cdi.kubevirt.io/storage.bind.immediate.requested': '' },
      },
      spec: { ...wanted.spec, storage: { ...storage, storageClassName: 'waiting' } },
    });
    await cluster.until(DATA_VOLUMES, 'odd', succeeded);
    const uid = server.peek(CLAIMS, 'default', 'odd')?.metadata.uid;
    expect(pods).toEqual([`prep-${uid}`]);
    expect(await reasonsAbout(cluster, 'DataVolume')).toContain('PrepClaimInProgress');
    await kernel.sleep(seconds(5));
    expect(server.peek(PODS, 'default', `prep-${uid}`)).toBeUndefined();
  }));
