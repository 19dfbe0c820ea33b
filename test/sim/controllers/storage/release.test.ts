/** What differs between the releases whose controllers are simulated. */

import { expect, test } from 'vitest';
import { CLAIMS, DATA_VOLUMES, SNAPSHOT_CONTENTS } from '../../../../src/api/resources.ts';
import type { DataVolume } from '../../../../src/api/storage.ts';
import { nextStatus } from '../../../../src/sim/controllers/storage/cdi/data-volume-status.ts';
import { DEFAULT_RELEASE, type Release } from '../../../../src/parameters/release.ts';
import { createStorageCluster, dataVolume, prepareGolden, succeeded } from './cluster.ts';

test.each<[Release, string]>([
  [DEFAULT_RELEASE, 'Unknown'],
  ['upstream-2026-08', 'False'],
])('%s: without a claim the condition Bound is %s', (release, bound) => {
  const view = { claim: undefined, waitsForConsumer: false, release };
  const status = nextStatus(dataVolume('d', { blank: {} }), view, '2026-08-01T00:00:00Z');
  expect(status.status.conditions?.[0]).toMatchObject({ type: 'Bound', status: bound });
});

test.each<[Release, string | undefined, string]>([
  [DEFAULT_RELEASE, undefined, 'snapshot'],
  ['upstream-2026-08', 'Block', 'copy'],
])('%s: a snapshot of a block volume is restored as a file system', async (release, mode, how) => {
  const cluster = createStorageCluster({ release });
  await cluster.kernel.run(async () => {
    await prepareGolden(cluster);
    const [content] = (await cluster.client.list(SNAPSHOT_CONTENTS)).items;
    expect(content?.spec.sourceVolumeMode).toBe(mode);
    const wanted = dataVolume('files', { snapshot: { name: 'golden-snapshot' } });
    const spec = { ...wanted.spec, storage: { ...wanted.spec.storage, volumeMode: 'Filesystem' } };
    await cluster.client.create(DATA_VOLUMES, { ...wanted, spec } as DataVolume);
    await cluster.until(DATA_VOLUMES, 'files', succeeded);
    const claim = await cluster.client.get(CLAIMS, { namespace: 'default', name: 'files' });
    expect(claim.metadata.annotations?.['cdi.kubevirt.io/cloneType']).toBe(how);
  });
  cluster.controllers.stop();
});
