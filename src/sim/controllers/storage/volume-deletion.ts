/** The provisioner's other half: a released volume is deleted in Ceph, then as an object. */

import { VOLUMES } from '../../../api/resources.ts';
import type { PersistentVolume } from '../../../api/storage.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { RateLimiter } from '../../../kube/rate-limit.ts';
import { isDeleting } from '../chassis/ownership.ts';
import type { StorageLab } from './lab.ts';
import { readSecret } from './provision-source.ts';

/** `client` and `limiter` are the provisioner's: deletions compete with creations. */
export function startVolumeDeletion(
  lab: StorageLab,
  client: KubeClient,
  limiter: RateLimiter,
): void {
  const { retryStartUs, retryMaxUs, workers } = lab.parameters.provisioner;
  const controller = lab.controller({
    name: 'volume deletion',
    workers,
    backoff: { firstUs: retryStartUs, maxUs: retryMaxUs, factor: 2 },
    reconcile: async (name) => {
      const volume = lab.copies.volumes.get(undefined, name);
      if (volume && shouldDelete(lab, volume)) await deleteVolume(lab, client, limiter, volume);
      return undefined;
    },
  });
  lab.copies.volumes.onChange((now) => {
    if (now && shouldDelete(lab, now)) controller.enqueue(now.metadata.name);
  });
}

function shouldDelete(lab: StorageLab, volume: PersistentVolume): boolean {
  return (
    volume.spec.csi?.driver === lab.driver.traits.name &&
    volume.status?.phase === 'Released' &&
    volume.spec.persistentVolumeReclaimPolicy === 'Delete' &&
    !isDeleting(volume)
  );
}

async function deleteVolume(
  lab: StorageLab,
  client: KubeClient,
  limiter: RateLimiter,
  volume: PersistentVolume,
): Promise<void> {
  await readSecret(lab, limiter, 'external-provisioner');
  const outcome = await lab.driver.csi.deleteVolume(volume.spec.csi?.volumeHandle ?? '');
  if (!outcome.ok) throw new Error(`rpc error: code = ${outcome.code} desc = ${outcome.message}`);
  await ignoreNotFound(client.remove(VOLUMES, volume.metadata));
}
