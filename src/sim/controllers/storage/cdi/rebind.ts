/**
 * Rebind (CDI common/util.go): the volume of a finished helper claim is given to the target by
 * overwriting its claimRef. The PV controller does the rest, and the helper claim turns Lost.
 */

import { VOLUMES } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import type { Cdi } from './cdi.ts';

/** Gives the volume of `helper` to `target`, unless that has happened already. */
export async function rebind(
  { client, volumes }: Cdi,
  helper: PersistentVolumeClaim,
  target: PersistentVolumeClaim,
): Promise<void> {
  const volume = volumes.get(undefined, helper.spec.volumeName ?? '');
  if (!volume) throw new Error(`volume ${helper.spec.volumeName} of the helper claim is unknown`);
  const holder = volume.spec.claimRef;
  if (holder?.uid === target.metadata.uid) return;
  if (holder?.uid !== helper.metadata.uid) {
    throw new Error(`PV ${volume.metadata.name} bound to unexpected claim ${holder?.name}`);
  }
  const { namespace = '', name, uid = '', resourceVersion = '' } = target.metadata;
  const patch = {
    metadata: { resourceVersion: volume.metadata.resourceVersion },
    spec: {
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace,
        name,
        uid,
        resourceVersion,
      },
    },
  };
  await client.patch(VOLUMES, volume.metadata, patch);
}
