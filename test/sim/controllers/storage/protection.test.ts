import { expect, test } from 'vitest';
import type { PersistentVolumeClaim } from '../../../../src/api/storage.ts';
import { CLAIMS } from '../../../../src/api/resources.ts';
import { CLASS, createStorageCluster } from './cluster.ts';

const OF_SERVER = 'kubernetes.io/pvc-protection';
const OF_PROVISIONER = 'provisioner.storage.kubernetes.io/cloning-protection';

test('where the server protects claims itself, only the hold of the provisioner is let go', async () => {
  const { kernel, client, server, until } = createStorageCluster({
    without: ['volume-protection'],
  });
  await kernel.run(async () => {
    await client.create(CLAIMS, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'source', namespace: 'default', finalizers: [OF_PROVISIONER] },
      spec: {
        accessModes: ['ReadWriteMany'],
        storageClassName: CLASS,
        resources: { requests: { storage: '1Gi' } },
      },
    });
    await client.remove(CLAIMS, { namespace: 'default', name: 'source' });
    const isFree = (claim: PersistentVolumeClaim | undefined) =>
      claim?.metadata.finalizers?.includes(OF_PROVISIONER) === false;
    await until<PersistentVolumeClaim>(CLAIMS, 'source', isFree);
    const held = server.peek(CLAIMS, 'default', 'source');
    expect(held?.metadata.finalizers).toEqual([OF_SERVER]);
  });
});
