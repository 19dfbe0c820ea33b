/** external-resizer: a bound claim that asks for more than it has is grown. */

import { limitedBy } from '../../../kube/client.ts';
import { CLAIMS, VOLUMES } from '../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import { formatQuantity, parseBytes } from '../../../core/bytes.ts';
import { makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { createTokenBucket } from '../../../kube/rate-limit.ts';
import type { StorageLab } from './lab.ts';

export function startResizer(lab: StorageLab): void {
  const { clock, copies, parameters } = lab;
  // The sidecars of ceph-csi all run with client-go's limits of 5 and 10.
  const bucket = createTokenBucket(clock, parameters.provisioner);
  const client = lab.clientAs('external-resizer', limitedBy(bucket));
  const controller = lab.controller({
    name: 'resizer',
    workers: 10,
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const claim = copies.claims.get(namespace, name);
      if (!claim || !wantsMore(claim)) return undefined;
      const volume = copies.volumes.get(undefined, claim.spec.volumeName ?? '');
      if (volume?.spec.csi?.driver !== lab.driver.traits.name) return undefined;
      const outcome = await lab.driver.csi.expandVolume(volume.spec.csi.volumeHandle, asked(claim));
      if (!outcome.ok) throw new Error(`rpc error: code = ${outcome.code}`);
      const capacity = { storage: formatQuantity(outcome.value) };
      await client.patch(VOLUMES, volume.metadata, { spec: { capacity } });
      const options = { subresource: 'status' };
      await client.patch(CLAIMS, claim.metadata, { status: { capacity } }, options);
      return undefined;
    },
  });
  copies.claims.onChange((now) => {
    if (now && wantsMore(now)) controller.enqueue(makeObjectKey(now));
  });
}

function asked(claim: PersistentVolumeClaim): number {
  return parseBytes(claim.spec.resources?.requests?.['storage'] ?? '') ?? 0;
}

function wantsMore(claim: PersistentVolumeClaim): boolean {
  const capacity = claim.status?.capacity?.['storage'];
  if (claim.status?.phase !== 'Bound' || capacity === undefined) return false;
  const request = claim.spec.resources?.requests?.['storage'];
  return request !== capacity && asked(claim) > (parseBytes(capacity) ?? 0);
}
