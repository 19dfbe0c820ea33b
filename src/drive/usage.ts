/**
 * Storage used, by the Ceph cluster's own status (Rook shows it in the API). Clusters without one,
 * or without the right to look, simply have no usage entries.
 */

import type { CephCluster } from '../api/ceph.ts';
import { CEPH_CLUSTERS } from '../api/resources.ts';
import { parseRfc3339 } from '../core/time-text.ts';
import { ApiError } from '../kube/api-error.ts';
import type { UsageEntry } from '../record/entry.ts';
import { classifyError } from './answer.ts';
import type { Driver } from './driver.ts';

/** Writes a usage entry for a wave's end or, without a wave, for a step's border. */
export async function recordUsage(driver: Driver, step: number, wave?: number): Promise<void> {
  if (driver.stop.signal.aborted) return;
  const { notebook } = driver;
  const capacity = await readCapacity(driver);
  if (capacity?.bytesUsed === undefined || driver.stop.signal.aborted) return;
  const entry: UsageEntry = {
    e: 'usage',
    t: notebook.nowUs(),
    s: step,
    ...(wave === undefined ? {} : { w: wave }),
    usedBytes: capacity.bytesUsed,
    ...(capacity.bytesTotal === undefined ? {} : { totalBytes: capacity.bytesTotal }),
    ...lookedAt(capacity),
  };
  notebook.write(entry);
}

function lookedAt({ lastUpdated }: Capacity): Pick<UsageEntry, 'asOf'> {
  const unixUs = lastUpdated === undefined ? undefined : parseRfc3339(lastUpdated);
  return unixUs === undefined ? {} : { asOf: Math.floor(unixUs / 1e6) };
}

type Capacity = NonNullable<NonNullable<NonNullable<CephCluster['status']>['ceph']>['capacity']>;

async function readCapacity({ client, notebook }: Driver): Promise<Capacity | undefined> {
  try {
    const { items } = await client.list(CEPH_CLUSTERS);
    return items[0]?.status?.ceph?.capacity;
  } catch (error) {
    const { message } = classifyError(error);
    const absent = error instanceof ApiError && (error.code === 404 || error.code === 403);
    if (!absent) notebook.write({ e: 'note', t: notebook.nowUs(), what: 'usage', message });
    return undefined;
  }
}
