/**
 * PersistentVolumes whose claim is gone. What a reader would get wrong: with reclaim policy Delete
 * the claim goes first and the storage driver goes on for minutes to remove what held its data.
 */

import type { PersistentVolume } from '../api/storage.ts';
import { VOLUMES } from '../api/resources.ts';
import type { KubeClient } from './client.ts';
import { listAll } from './list-all.ts';

/** Names of the volumes of these claims (by UID) that will be deleted and are still there. */
export async function doomedVolumes(
  client: KubeClient,
  claimUids: ReadonlySet<string>,
): Promise<readonly string[]> {
  if (claimUids.size === 0) return [];
  const volumes = await listAll(client, VOLUMES);
  return volumes
    .filter((volume) => isDoomed(volume, claimUids))
    .map(({ metadata: { name } }) => name);
}

function isDoomed({ spec }: PersistentVolume, claimUids: ReadonlySet<string>): boolean {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = spec;
  return policy !== 'Retain' && claimRef?.uid !== undefined && claimUids.has(claimRef.uid);
}
