/** What the pool stores: clones are thin, so only imports, flattens and guests' writes add. */

import type { CephCluster } from '../../../api/ceph.ts';

export interface Pool {
  /** Bytes before replication. */
  readonly storedBytes: number;
  readonly objects: number;
  add(bytes: number, objects: number): void;
}

export type CephCapacity = NonNullable<NonNullable<CephCluster['status']>['ceph']>['capacity'];

export function createPool(): Pool {
  let storedBytes = 0;
  let objects = 0;
  return {
    get storedBytes() {
      return storedBytes;
    },
    get objects() {
      return objects;
    },
    add(bytes, count) {
      storedBytes += bytes;
      objects += count;
    },
  };
}

/** `status.ceph.capacity` of a CephCluster: raw bytes, as Ceph reports them. */
export function cephCapacity(
  pool: Pick<Pool, 'storedBytes'>,
  size: { readonly rawCapacityBytes: number; readonly replicas: number },
): NonNullable<CephCapacity> {
  const bytesUsed = Math.round(pool.storedBytes * size.replicas);
  return {
    bytesTotal: size.rawCapacityBytes,
    bytesUsed,
    bytesAvailable: Math.max(0, size.rawCapacityBytes - bytesUsed),
  };
}
