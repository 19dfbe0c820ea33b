/** UIDs, figures and nights of one cluster mean nothing on another. */

import { clusterUid } from '../cluster/environment.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Manifest } from '../record/manifest.ts';
import type { ClusterAccess } from './cluster-handle.ts';

/** Throws UsageError where this is not the cluster of the run, as far as both are known. */
export async function refuseForeign(
  { client }: Pick<ClusterAccess, 'client'>,
  { environment }: Pick<Manifest, 'environment'>,
): Promise<void> {
  const was = environment?.identity['cluster'];
  const uid = await clusterUid(client);
  if (was === undefined || uid === undefined || was === uid) return;
  throw new UsageError('this is not the cluster that the run was started on');
}
