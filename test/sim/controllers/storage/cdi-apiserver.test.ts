/**
 * What CDI's webhooks ask before a DataVolume is written, and how fast they therefore admit. The
 * times are those that the programs themselves took: cdi-apiserver 1.58.4 with 40 reviews of one
 * kind at once, cdi-apiserver 1.66.0 behind a real API server.
 */

import { describe, expect, test } from 'vitest';
import { CLAIMS, DATA_SOURCES, DATA_VOLUMES, SNAPSHOTS } from '../../../../src/api/resources.ts';
import type { DataSource, DataVolume, DataVolumeSource } from '../../../../src/api/storage.ts';
import { SECOND, seconds } from '../../../../src/core/duration.ts';
import { ApiError } from '../../../../src/kube/api-error.ts';
import type { Release } from '../../../../src/parameters/release.ts';
import { createStorageCluster, dataVolume, prepareGolden, type StorageCluster } from './cluster.ts';

const OF_CLAIM = { pvc: { namespace: 'default', name: 'golden' } };
const OF_SNAPSHOT = { snapshot: { namespace: 'default', name: 'golden-snapshot' } };
const DOWNLOADED = { http: { url: 'http://images.example/rhel9.qcow2' } };

/** A cluster whose CDI does not act, so that nothing but the webhooks asks. */
async function withGolden<T>(
  release: Release,
  act: (cluster: StorageCluster) => Promise<T>,
): Promise<T> {
  const cluster = createStorageCluster({ release, webhooks: true });
  try {
    return await cluster.kernel.run(async () => {
      await prepareGolden(cluster);
      cluster.controllers.stop();
      await cluster.kernel.sleep(seconds(60));
      return act(cluster);
    });
  } finally {
    cluster.controllers.stop();
  }
}

/** Seconds until each of `count` writes within `withinS` was answered, in order. */
async function answers(
  { kernel }: StorageCluster,
  count: number,
  withinS: number,
  write: (index: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const startUs = kernel.nowUs();
  const took = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      await kernel.sleep(Math.round((i / count) * withinS * SECOND));
      await write(i);
      return (kernel.nowUs() - startUs) / SECOND;
    }),
  );
  return took.sort((a, b) => a - b);
}

const create =
  ({ client }: StorageCluster, source: DataVolumeSource) =>
  (i: number) =>
    client.create(DATA_VOLUMES, dataVolume(`clone-${i}`, source));

describe('how fast DataVolumes are admitted', () => {
  test.each([
    ['ocp-4.15', OF_SNAPSHOT, 2, 14.75],
    ['ocp-4.15', OF_CLAIM, 3, 22.12],
    ['ocp-4.15', DOWNLOADED, 1, 6.39],
    ['upstream-2026-08', OF_CLAIM, 2, undefined],
    ['upstream-2026-08', OF_SNAPSHOT, 2, undefined],
  ] as const)('%s, 40 of %j: %d requests each', async (release, source, requests, recorded) => {
    const last = await withGolden(release, async (cluster) =>
      (await answers(cluster, 40, 0, create(cluster, source))).at(-1),
    );
    // Five a second, after a burst of ten.
    expect(last).toBeGreaterThan((40 * requests - 10) / 5);
    expect(last).toBeLessThan((40 * requests - 10) / 5 + 0.5);
    if (recorded !== undefined) expect(Math.abs((last ?? 0) - recorded)).toBeLessThan(0.8);
  });

  test('an update of a clone costs a request, one of another and of a status none', async () => {
    const times = await withGolden('ocp-4.15', async (cluster) => {
      const { client } = cluster;
      const made = (i: number) => ({ name: `clone-${i}`, namespace: 'default' });
      const touch = { metadata: { annotations: { a: 'b' } } };
      const last = async (write: (i: number) => Promise<unknown>) => {
        await cluster.kernel.sleep(seconds(10));
        return (await answers(cluster, 20, 0, write)).at(-1) ?? 0;
      };
      await answers(cluster, 20, 0, create(cluster, OF_SNAPSHOT));
      const clones = await last((i) => client.patch(DATA_VOLUMES, made(i), touch));
      const status = { status: { phase: 'Pending' } };
      const statuses = await last((i) =>
        client.patch(DATA_VOLUMES, made(i), status, { subresource: 'status' }),
      );
      await last((i) => client.create(DATA_VOLUMES, dataVolume(`other-${i}`, DOWNLOADED)));
      const others = await last((i) =>
        client.patch(DATA_VOLUMES, { ...made(i), name: `other-${i}` }, touch),
      );
      return { clones, statuses, others };
    });
    expect(times.clones).toBeCloseTo((20 - 10) / 5, 0);
    expect(times.statuses).toBeLessThan(0.1);
    expect(times.others).toBeLessThan(0.1);
  });
});

const NOT_CALLED =
  '500 Internal error occurred: failed calling webhook "datavolume-mutate.cdi.kubevirt.io": ' +
  'failed to call webhook: Post "https://cdi-api.openshift-cnv.svc:443/datavolume-mutate' +
  '?timeout=30s": context deadline exceeded';

describe('a server behind slow webhooks', () => {
  /** Of so many creations at once, the codes of those that were not answered in time. */
  async function late(count: number): Promise<readonly [string, number][]> {
    return withGolden('ocp-4.15', async (cluster) => {
      const startUs = cluster.kernel.nowUs();
      const found = await Promise.all(
        Array.from({ length: count }, async (_, i) => {
          try {
            await create(cluster, OF_CLAIM)(i);
            return [];
          } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            const { code, status } = error;
            const at = Math.round((cluster.kernel.nowUs() - startUs) / SECOND);
            return [[`${code} ${status?.message}`, at] as [string, number]];
          }
        }),
      );
      return found.flat();
    });
  }

  test('gives up after 34 s, or sooner where one webhook takes 30 s', async () => {
    const found = await late(200);
    expect(new Map(found.map(([text, at]) => [text, at]))).toEqual(
      new Map([
        [NOT_CALLED, 30],
        [
          '504 Timeout: request did not complete within requested timeout - ' +
            'context deadline exceeded',
          34,
        ],
      ]),
    );
    expect(found.length).toBeGreaterThan(150);
  });

  test('does not give up on fifty claims to be cloned at once', async () => {
    expect(await late(50)).toEqual([]);
  });

  test('an object is as old as the request for it', async () => {
    const [age, waited] = await withGolden('ocp-4.15', async (cluster) => {
      const sentUs = cluster.kernel.wallUs();
      await answers(cluster, 40, 0, create(cluster, OF_CLAIM));
      const { metadata } = await cluster.client.get(DATA_VOLUMES, {
        namespace: 'default',
        name: 'clone-39',
      });
      const bornUs = Date.parse(metadata.creationTimestamp ?? '') * 1000;
      return [(bornUs - sentUs) / SECOND, (cluster.kernel.wallUs() - sentUs) / SECOND];
    });
    expect(age).toBeLessThan(1);
    expect(waited).toBeGreaterThan(20);
  });
});

describe('what they find', () => {
  const refusal = async (release: Release, wanted: DataVolume, prepare?: 'claim') =>
    withGolden(release, async ({ client }) => {
      if (prepare) {
        const claim = await client.get(CLAIMS, { namespace: 'default', name: 'golden' });
        const metadata = { name: 'odd', namespace: 'default' };
        const { volumeName: _, ...spec } = claim.spec;
        await client.create(CLAIMS, { ...claim, metadata, spec });
      }
      try {
        await client.create(DATA_VOLUMES, wanted);
        return undefined;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return `${error.code} ${error.status?.message}`;
      }
    });
  const DENIED = (webhook: string) =>
    `admission webhook "datavolume-${webhook}.cdi.kubevirt.io" denied the request: `;

  test('a claim of that name', async () => {
    expect(await refusal('ocp-4.15', dataVolume('odd', OF_CLAIM), 'claim')).toBe(
      `422 ${DENIED('validate')} Destination PVC default/odd already exists`,
    );
  });

  test('that the right to clone from another namespace is missing', async () => {
    const asked: unknown[] = [];
    const wanted = { ...dataVolume('odd', OF_CLAIM) };
    const found = await withGolden('ocp-4.15', async ({ client, server }) => {
      server.addAggregated('authorization.k8s.io', async ({ body }) => {
        const { spec } = body as { spec: { resourceAttributes: object } };
        asked.push(spec.resourceAttributes);
        return { status: 201, body: { kind: 'SubjectAccessReview', status: { allowed: false } } };
      });
      const metadata = { name: 'odd', namespace: 'kube-public' };
      return client.create(DATA_VOLUMES, { ...wanted, metadata }).catch((error: unknown) => error);
    });
    expect(found).toMatchObject({
      code: 422,
      status: {
        message:
          `${DENIED('mutate')} User system:apiserver has insufficient permissions in clone ` +
          'source namespace default',
      },
    });
    const place = { namespace: 'default', name: 'golden', verb: 'create' };
    expect(asked).toEqual([
      { ...place, group: 'cdi.kubevirt.io', resource: 'datavolumes', subresource: 'source' },
      { ...place, resource: 'pods' },
    ]);
  });

  test('that the namespace of the source is not there', async () => {
    const wanted = dataVolume('odd', { pvc: { namespace: 'nowhere', name: 'golden' } });
    expect(await refusal('ocp-4.15', wanted)).toBe(
      `400 ${DENIED('mutate')}namespaces "nowhere" not found`,
    );
  });

  test('that a DataSource is not there', async () => {
    const { source: _, ...spec } = dataVolume('odd', OF_CLAIM).spec;
    const wanted = {
      ...dataVolume('odd', OF_CLAIM),
      spec: { ...spec, sourceRef: { kind: 'DataSource', name: 'rhel9' } },
    };
    expect(await refusal('ocp-4.15', wanted)).toBe(
      `400 ${DENIED('mutate')}datasources.cdi.kubevirt.io "rhel9" not found`,
    );
  });

  test('a source that is larger, where they look at it', async () => {
    const small = dataVolume('odd', OF_CLAIM);
    const resources = { requests: { storage: '10Gi' } };
    const storage = { ...small.spec.storage, resources };
    const wanted = { ...small, spec: { ...small.spec, storage } };
    expect(await refusal('ocp-4.15', wanted)).toBe(
      `422 ${DENIED('validate')} target resources requests storage size is smaller than the ` +
        'source 10737418240 < 23622320128',
    );
    expect(await refusal('upstream-2026-08', wanted)).toBeUndefined();
  });

  test('a source that may come yet', async () => {
    const wanted = dataVolume('odd', { pvc: { namespace: 'default', name: 'later' } });
    expect(await refusal('ocp-4.15', wanted)).toBeUndefined();
  });

  test('what a DataSource names', async () => {
    const found = await withGolden('ocp-4.15', async ({ client }) => {
      const metadata = { name: 'rhel9', namespace: 'default' };
      const spec = { source: OF_SNAPSHOT };
      const apiVersion = 'cdi.kubevirt.io/v1beta1';
      const source: DataSource = { apiVersion, kind: 'DataSource', metadata, spec };
      await client.create(DATA_SOURCES, source);
      await client.get(SNAPSHOTS, { namespace: 'default', name: 'golden-snapshot' });
      const { source: _, ...rest } = dataVolume('odd', OF_SNAPSHOT).spec;
      const sourceRef = { kind: 'DataSource', name: 'rhel9' };
      const wanted = { ...dataVolume('odd', OF_SNAPSHOT), spec: { ...rest, sourceRef } };
      return client.create(DATA_VOLUMES, wanted);
    });
    expect(found.metadata.annotations).toHaveProperty(['cdi.kubevirt.io/storage.clone.token']);
  });
});
