/** Volumes on disks of the nodes: another driver behind the same controllers. */

import { expect, test } from 'vitest';
import { CLAIMS, DATA_VOLUMES, STORAGE_PROFILES, VOLUMES } from '../../../../src/api/resources.ts';
import type { DataVolume, DataVolumeSource } from '../../../../src/api/storage.ts';
import { MIB } from '../../../../src/core/bytes.ts';
import { seconds } from '../../../../src/core/duration.ts';
import { createClient } from '../../../../src/kube/client.ts';
import { resolveParameters } from '../../../../src/parameters/parameters.ts';
import { createSimulator } from '../../../../src/sim/simulator.ts';

const URL = 'http://images.example/rhel9.qcow2';
const CONTENT = { key: 'rhel9', dataBytes: 4377 * MIB, guest: undefined };

function localCluster() {
  const simulator = createSimulator({
    seed: 1,
    parameters: resolveParameters({ nodes: { count: 2 } }),
    images: [{ urls: [URL], content: CONTENT }],
    storage: 'local',
    storageClasses: ['local'],
    snapshotClasses: ['none'],
    namespaces: ['default'],
    recordEvents: false,
  });
  return { ...simulator, client: createClient(simulator.transport) };
}

function dataVolume(name: string, source: DataVolumeSource, binds: boolean): DataVolume {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      name,
      namespace: 'default',
      annotations: binds ? { 'cdi.kubevirt.io/storage.bind.immediate.requested': '' } : {},
    },
    spec: { source, storage: { resources: { requests: { storage: '10Gi' } } } },
  };
}

test('a claim waits for its consumer, and a clone of it is a copy', async () => {
  const { kernel, server, client } = localCluster();
  const phase = (name: string) => server.peek(DATA_VOLUMES, 'default', name)?.status?.phase;
  const inClass = (made: DataVolume): DataVolume => ({
    ...made,
    spec: { ...made.spec, storage: { ...made.spec.storage, storageClassName: 'local' } },
  });
  await kernel.run(async () => {
    await kernel.sleep(seconds(2));
    await client.create(
      DATA_VOLUMES,
      inClass(dataVolume('waiting', { http: { url: URL } }, false)),
    );
    await client.create(DATA_VOLUMES, inClass(dataVolume('golden', { http: { url: URL } }, true)));
    await kernel.sleep(seconds(60));
    expect(phase('waiting')).toBe('PendingPopulation');
    expect(phase('golden')).toBe('Succeeded');
    await client.create(
      DATA_VOLUMES,
      inClass(dataVolume('copy', { pvc: { name: 'golden' } }, true)),
    );
    await kernel.sleep(seconds(90));
    expect(phase('copy')).toBe('Succeeded');
  });
  const copy = server.peek(CLAIMS, 'default', 'copy');
  expect(copy?.metadata.annotations?.['cdi.kubevirt.io/cloneType']).toBe('copy');
  expect(copy?.spec).toMatchObject({ accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem' });
  // Room for the file system itself: 5.5 % of what is asked for.
  expect(copy?.spec.resources?.requests?.['storage']).toBe('11362347344');
  const volume = server.peek(VOLUMES, undefined, copy?.spec.volumeName ?? '');
  expect(volume?.spec.csi?.driver).toBe('kubevirt.io.hostpath-provisioner');
  expect(server.peek(STORAGE_PROFILES, undefined, 'local')?.status).toMatchObject({
    cloneStrategy: 'copy',
    claimPropertySets: [{ accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem' }],
  });
});
