import { describe, expect, test } from 'vitest';
import type { KubeEvent, Pod } from '../../../../src/api/compute.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  EVENTS,
  NAMESPACES,
  PODS,
  SNAPSHOTS,
  VOLUME_CLONE_SOURCES,
  VOLUMES,
} from '../../../../src/api/resources.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../../src/api/storage.ts';
import { SECOND, seconds } from '../../../../src/core/duration.ts';
import {
  type ClusterOptions,
  CLASS,
  cloneWave,
  createStorageCluster,
  dataVolume,
  prepareGolden,
  RHEL9,
  type StorageCluster,
  storageClass,
  succeeded,
} from './cluster.ts';

async function withGolden(
  work: (cluster: StorageCluster) => Promise<void>,
  options: ClusterOptions = {},
): Promise<void> {
  const cluster = createStorageCluster(options);
  await cluster.kernel.run(async () => {
    await prepareGolden(cluster);
    await work(cluster);
  });
  cluster.controllers.stop();
}

/** The phases that a DataVolume goes through, each once. */
function phasesOf({ server }: StorageCluster, name: string): string[] {
  const phases: string[] = [];
  server.onCommit(({ event }, { resource }) => {
    if (resource.plural !== 'datavolumes' || event.object.metadata.name !== name) return;
    const phase = (event.object as DataVolume).status?.phase;
    if (phase !== undefined && phases.at(-1) !== phase) phases.push(phase);
  });
  return phases;
}

async function clone(cluster: StorageCluster, wanted: DataVolume): Promise<DataVolume> {
  await cluster.client.create(DATA_VOLUMES, wanted);
  await cluster.until(DATA_VOLUMES, wanted.metadata.name, succeeded);
  await cluster.kernel.sleep(seconds(30));
  return present(cluster.server.peek(DATA_VOLUMES, 'default', wanted.metadata.name));
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('absent');
  return value;
}

async function all<T extends KubeObject>(
  { client }: StorageCluster,
  resource: Parameters<StorageCluster['client']['list']>[0],
): Promise<readonly T[]> {
  return (await client.list(resource)).items as readonly T[];
}

async function reasons(cluster: StorageCluster): Promise<readonly string[]> {
  const events = await all<KubeEvent>(cluster, EVENTS);
  return events.map(({ reason }) => reason);
}

const FROM_CLAIM = { pvc: { name: 'golden' } };
const FROM_SNAPSHOT = { snapshot: { name: 'golden-snapshot' } };

describe('clone of a claim', () => {
  test('goes by the CSI driver, through the phases that wait, and leaves no helper', () =>
    withGolden(async (cluster) => {
      const phases = phasesOf(cluster, 'a');
      const made = await clone(cluster, dataVolume('a', FROM_CLAIM));
      expect(phases).toEqual(['Pending', 'CloneScheduled', 'CSICloneInProgress', 'Succeeded']);
      expect(made.status).toMatchObject({ claimName: 'a', progress: '100.0%' });
      expect(made.metadata.annotations).toMatchObject({
        'cdi.kubevirt.io/storage.usePopulator': 'true',
        'cdi.kubevirt.io/cloneType': 'csi-clone',
      });
      const claims = await all(cluster, CLAIMS);
      expect(claims.map(({ metadata }) => metadata.name)).toEqual(['a', 'golden']);
      expect(await all(cluster, VOLUME_CLONE_SOURCES)).toEqual([]);
    }));

  test('gives the volume of the helper claim to the target, content included', () =>
    withGolden(async (cluster) => {
      await clone(cluster, dataVolume('a', FROM_CLAIM));
      const claim = present(cluster.server.peek(CLAIMS, 'default', 'a'));
      expect(claim.status).toMatchObject({ phase: 'Bound', capacity: { storage: '22Gi' } });
      expect(claim.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
      expect(claim.metadata.annotations).toMatchObject({
        'cdi.kubevirt.io/clonePhase': 'Succeeded',
        'pv.kubernetes.io/bind-completed': 'yes',
      });
      const volume = present(cluster.server.peek(VOLUMES, undefined, claim.spec.volumeName ?? ''));
      expect(volume.spec.claimRef).toMatchObject({ name: 'a', uid: claim.metadata.uid });
      expect(volume.spec.csi?.volumeHandle).toMatch(
        /^0001-0011-openshift-storage-0{15}1-[0-9a-f-]{36}$/,
      );
      expect(cluster.rbd.contentOf(volume.spec.csi?.volumeHandle ?? '')).toBe(RHEL9);
    }));

  test('ends with three conditions, stamped when they changed', () =>
    withGolden(async (cluster) => {
      const made = await clone(cluster, dataVolume('a', FROM_CLAIM));
      expect(made.status?.conditions).toMatchObject([
        { type: 'Bound', status: 'True', reason: 'Bound', message: 'PVC a Bound' },
        { type: 'Ready', status: 'True' },
        { type: 'Running', status: 'False', reason: 'Completed', message: 'Clone Complete' },
      ]);
    }));

  test('uses ten writes of claims by CDI, one of them for an error that is none', () =>
    withGolden(async (cluster) => {
      let claims = 0;
      cluster.server.onCommit(({ event }, { resource }) => {
        const { name } = event.object.metadata;
        if (resource === CLAIMS && (name === 'a' || name.startsWith('tmp-pvc'))) claims += 1;
      });
      await clone(cluster, dataVolume('a', FROM_CLAIM));
      // The binder writes five times, claim protection lets the helper go.
      expect(claims).toBe(10 + 5 + 1);
    }));

  test('waits without a phase for a source that is missing, and is noticed when that comes', () =>
    withGolden(
      async (cluster) => {
        const { client, kernel, server } = cluster;
        await client.create(DATA_VOLUMES, dataVolume('early', { pvc: { name: 'late' } }));
        await kernel.sleep(seconds(60));
        const early = server.peek(DATA_VOLUMES, 'default', 'early');
        expect(early?.status?.phase).toBeUndefined();
        expect(early?.status?.conditions?.[0]).toMatchObject({
          type: 'Bound',
          status: 'Unknown',
          reason: 'CloneWithoutSource',
          message: "The source pvc late doesn't exist",
        });
        expect(server.peek(CLAIMS, 'default', 'early')).toBeUndefined();
        expect(await reasons(cluster)).toContain('CloneWithoutSource');
        await client.create(DATA_VOLUMES, dataVolume('late', FROM_CLAIM));
        await cluster.until(DATA_VOLUMES, 'early', succeeded);
      },
      { recordEvents: true },
    ));

  test('waits while a pod uses the source', () =>
    withGolden(
      async (cluster) => {
        const { client, kernel, server } = cluster;
        await client.create(PODS, podUsing('golden'));
        await client.create(DATA_VOLUMES, dataVolume('a', FROM_CLAIM));
        await kernel.sleep(seconds(60));
        expect(server.peek(DATA_VOLUMES, 'default', 'a')?.status?.phase).toBe('CSICloneInProgress');
        expect(await reasons(cluster)).toContain('CloneSourceInUse');
        await client.remove(PODS, { namespace: 'default', name: 'user' });
        await cluster.until(DATA_VOLUMES, 'a', succeeded);
      },
      { recordEvents: true },
    ));

  test('grows the helper claim first where the target is larger', () =>
    withGolden(async (cluster) => {
      const phases = phasesOf(cluster, 'a');
      await clone(cluster, dataVolume('a', FROM_CLAIM, '30Gi'));
      expect(phases).toContain('PrepClaimInProgress');
      expect(cluster.server.peek(CLAIMS, 'default', 'a')?.status?.capacity).toEqual({
        storage: '30Gi',
      });
      expect(await all(cluster, PODS)).toEqual([]);
    }));

  test('crosses namespaces with its helpers beside the source', () =>
    withGolden(async (cluster) => {
      const { client, server, kernel } = cluster;
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } };
      await client.create(NAMESPACES, namespace);
      const wanted = dataVolume('a', { pvc: { namespace: 'default', name: 'golden' } });
      const helpers: (string | undefined)[] = [];
      server.onCommit(({ event }) => {
        const { name, namespace: home } = event.object.metadata;
        if (/^(tmp-pvc|volume-clone-source)-/.test(name)) helpers.push(home);
      });
      await client.create(DATA_VOLUMES, {
        ...wanted,
        metadata: { ...wanted.metadata, namespace: 'other' },
      });
      await kernel.sleep(seconds(60));
      const made = present(server.peek(DATA_VOLUMES, 'other', 'a'));
      expect(succeeded(made)).toBe(true);
      expect(made.metadata.finalizers).toEqual(['cdi.kubevirt.io/dataVolumeFinalizer']);
      expect([...new Set(helpers)]).toEqual(['default']);
      await client.remove(DATA_VOLUMES, made.metadata);
      await kernel.sleep(seconds(5));
      expect(server.peek(DATA_VOLUMES, 'other', 'a')).toBeUndefined();
    }));
});

describe('clone of a snapshot', () => {
  test('restores it directly', () =>
    withGolden(async (cluster) => {
      const phases = phasesOf(cluster, 'a');
      await clone(cluster, dataVolume('a', FROM_SNAPSHOT));
      expect(phases).toEqual([
        'Pending',
        'CloneScheduled',
        'CloneFromSnapshotSourceInProgress',
        'Succeeded',
      ]);
    }));

  test('takes its size from the snapshot where it names none', () =>
    withGolden(async (cluster) => {
      const { spec, ...rest } = dataVolume('a', FROM_SNAPSHOT);
      const { resources: _, ...storage } = spec.storage ?? {};
      await clone(cluster, { ...rest, spec: { ...spec, storage } });
      expect(cluster.server.peek(CLAIMS, 'default', 'a')?.status?.capacity).toEqual({
        storage: '22Gi',
      });
    }));
});

describe('strategy', () => {
  test('of a class that wants snapshots is the smart clone', () =>
    withGolden(async (cluster) => {
      const annotations = { 'cdi.kubevirt.io/clone-strategy': 'snapshot' };
      cluster.server.seed(storageClass('smart', { metadata: { name: 'smart', annotations } }));
      await cluster.kernel.sleep(SECOND);
      const wanted = dataVolume('a', FROM_CLAIM);
      const phases = phasesOf(cluster, 'a');
      const storage = { ...wanted.spec.storage, storageClassName: 'smart' };
      await clone(cluster, { ...wanted, spec: { ...wanted.spec, storage } });
      expect(phases).toEqual([
        'Pending',
        'CloneScheduled',
        'SnapshotForSmartCloneInProgress',
        'CloneFromSnapshotSourceInProgress',
        'Succeeded',
      ]);
      const snapshots = await all(cluster, SNAPSHOTS);
      expect(snapshots.map(({ metadata }) => metadata.name)).toEqual(['golden-snapshot']);
    }));

  test('falls back to a copy on the host, which stores all data again', () =>
    withGolden(
      async (cluster) => {
        const phases = phasesOf(cluster, 'a');
        const before = cluster.rbd.pool.storedBytes;
        const made = await clone(cluster, dataVolume('a', FROM_CLAIM));
        expect(phases).toContain('CloneInProgress');
        expect(made.metadata.annotations?.['cdi.kubevirt.io/cloneType']).toBe('copy');
        const claim = present(cluster.server.peek(CLAIMS, 'default', 'a'));
        expect(claim.metadata.annotations?.['cdi.kubevirt.io/cloneFallbackReason']).toBe('ordered');
        expect(cluster.rbd.pool.storedBytes - before).toBe(RHEL9.dataBytes);
        expect(await all(cluster, PODS)).toEqual([]);
      },
      { faults: { copiesInstead: () => 'ordered' } },
    ));

  test('of a snapshot falls back by way of a restored claim', () =>
    withGolden(
      async (cluster) => {
        await clone(cluster, dataVolume('a', FROM_SNAPSHOT));
        const claims = await all(cluster, CLAIMS);
        expect(claims.map(({ metadata }) => metadata.name)).toEqual(['a', 'golden']);
      },
      { faults: { copiesInstead: () => 'ordered' } },
    ));

  test('without expansion in the class copies into a larger target', () =>
    withGolden(async (cluster) => {
      const fixed = { metadata: { name: 'fixed' }, allowVolumeExpansion: false };
      cluster.server.seed(storageClass('fixed', fixed));
      await cluster.kernel.sleep(SECOND);
      const wanted = dataVolume('a', FROM_CLAIM, '30Gi');
      const storage = { ...wanted.spec.storage, storageClassName: 'fixed' };
      const made = await clone(cluster, { ...wanted, spec: { ...wanted.spec, storage } });
      expect(made.metadata.annotations?.['cdi.kubevirt.io/cloneType']).toBe('copy');
    }));
});

describe('a class that binds on first use', () => {
  test.each([
    ['clone', FROM_SNAPSHOT],
    ['blank disk', { blank: {} }],
  ])('keeps a %s pending until a node is chosen', (_, source) =>
    withGolden(async (cluster) => {
      const { client, kernel, server } = cluster;
      const late = {
        metadata: { name: 'late' },
        volumeBindingMode: 'WaitForFirstConsumer',
      } as const;
      server.seed(storageClass('late', late));
      await kernel.sleep(SECOND);
      const wanted = dataVolume('a', source);
      const storage = { ...wanted.spec.storage, storageClassName: 'late' };
      await client.create(DATA_VOLUMES, { ...wanted, spec: { ...wanted.spec, storage } });
      await kernel.sleep(seconds(60));
      expect(server.peek(DATA_VOLUMES, 'default', 'a')?.status?.phase).toBe('PendingPopulation');
      const annotations = { 'volume.kubernetes.io/selected-node': 'worker-001' };
      const claim = { namespace: 'default', name: 'a' };
      await client.patch(CLAIMS, claim, { metadata: { annotations } });
      const pods: string[] = [];
      server.onCommit(({ event: { object } }) => {
        if (object.kind === 'Pod') pods.push(object.metadata.name.replace(/-.*/, ''));
      });
      await cluster.until(DATA_VOLUMES, 'a', succeeded);
      // A clone is bound by a pod of CDI's, an import by its importer.
      expect(pods).toContain('blank' in source ? 'importer' : 'prep');
    }),
  );
});

describe('misfortune', () => {
  test('a lost volume makes the claim Lost and the DataVolume Failed', () =>
    withGolden(
      async (cluster) => {
        await cluster.client.create(DATA_VOLUMES, dataVolume('doomed', FROM_SNAPSHOT));
        await cluster.until<DataVolume>(
          DATA_VOLUMES,
          'doomed',
          (object) => object?.status?.phase === 'Failed',
        );
        const claim = cluster.server.peek(CLAIMS, 'default', 'doomed');
        expect(claim?.status?.phase).toBe('Lost');
        const made = cluster.server.peek(DATA_VOLUMES, 'default', 'doomed');
        expect(made?.status?.conditions?.[0]).toMatchObject({
          type: 'Bound',
          status: 'False',
          reason: 'ClaimLost',
        });
      },
      { faults: { losesVolume: ({ metadata }) => metadata.name === 'doomed' } },
    ));

  test('a clone that is deleted on its way leaves nothing behind', () =>
    withGolden(async (cluster) => {
      const { client, kernel } = cluster;
      const before = cluster.rbd.pool.objects;
      await client.create(DATA_VOLUMES, dataVolume('a', FROM_CLAIM));
      await cluster.until<DataVolume>(
        DATA_VOLUMES,
        'a',
        (object) => object?.status?.phase === 'CSICloneInProgress',
      );
      await client.remove(DATA_VOLUMES, { namespace: 'default', name: 'a' });
      await client.remove(CLAIMS, { namespace: 'default', name: 'a' });
      await kernel.sleep(seconds(60));
      const claims = await all(cluster, CLAIMS);
      expect(claims.map(({ metadata }) => metadata.name)).toEqual(['golden']);
      expect(await all(cluster, VOLUMES)).toHaveLength(1);
      expect(cluster.rbd.pool.objects).toBe(before);
    }));

  test('restarts of all controllers in the middle of a wave lose nothing', () =>
    withGolden(async (cluster) => {
      const { kernel } = cluster;
      for (const at of [1, 4, 9, 17, 30]) {
        kernel.schedule(at * SECOND, () => cluster.restart());
      }
      await cloneWave(cluster, 'pvc', FROM_CLAIM, 20);
      await cloneWave(cluster, 'snapshot', FROM_SNAPSHOT, 20);
      await kernel.sleep(seconds(60));
      const claims = await all<PersistentVolumeClaim>(cluster, CLAIMS);
      expect(claims).toHaveLength(41);
      expect(claims.every(({ status }) => status?.phase === 'Bound')).toBe(true);
      expect(await all(cluster, VOLUMES)).toHaveLength(41);
      expect(cluster.errors.filter((text) => !text.includes('rpc error'))).toEqual([]);
    }));

  test('clones go on with a default class where they name none', () =>
    withGolden(async (cluster) => {
      const { client } = cluster;
      const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
      await client.patch(
        {
          group: 'storage.k8s.io',
          version: 'v1',
          plural: 'storageclasses',
          kind: 'StorageClass',
          namespaced: false,
        },
        { name: CLASS },
        { metadata: { annotations } },
      );
      const wanted = dataVolume('a', FROM_SNAPSHOT);
      await clone(cluster, { ...wanted, spec: { ...wanted.spec, storage: {} } });
      expect(cluster.server.peek(CLAIMS, 'default', 'a')?.spec).toMatchObject({
        storageClassName: CLASS,
        accessModes: ['ReadWriteMany'],
        volumeMode: 'Block',
      });
    }));
});

function podUsing(claimName: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'user', namespace: 'default' },
    spec: {
      schedulerName: 'nobody',
      containers: [{ name: 'main' }],
      volumes: [{ name: 'disk', persistentVolumeClaim: { claimName } }],
    },
  };
}
