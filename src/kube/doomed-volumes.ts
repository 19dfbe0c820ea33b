/**
 * PersistentVolumes whose claim is gone. With reclaim policy Delete the claim goes first and the
 * storage driver goes on for minutes to remove what held its data.
 */

import type { PersistentVolume } from '../api/storage.ts';
import { VOLUMES } from '../api/resources.ts';
import type { KubeClient } from './client.ts';
import { listAll } from './list-all.ts';

/** Which claims are meant. */
export interface DoomedClaims {
  readonly uids: ReadonlySet<string>;
  /** Deleted with all claims in them, also those that nobody has seen. */
  readonly namespaces?: ReadonlySet<string>;
}

/** Names of the volumes of these claims that will be deleted and are still there. */
export async function doomedVolumes(
  client: KubeClient,
  claims: DoomedClaims,
): Promise<readonly string[]> {
  if (claims.uids.size + (claims.namespaces?.size ?? 0) === 0) return [];
  const volumes = await listAll(client, VOLUMES);
  return volumes.filter((volume) => isDoomed(volume, claims)).map(({ metadata: { name } }) => name);
}

function isDoomed({ spec }: PersistentVolume, { uids, namespaces }: DoomedClaims): boolean {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = spec;
  if (policy === 'Retain' || claimRef === undefined) return false;
  return uids.has(claimRef.uid ?? '') || (namespaces?.has(claimRef.namespace ?? '') ?? false);
}
