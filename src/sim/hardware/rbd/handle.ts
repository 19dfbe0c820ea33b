/** ceph-csi's names of volumes and snapshots. */

/** ceph-csi's volume id: version, length of the cluster id, cluster, pool, and a UUID. */
export function composeHandle(clusterId: string, poolId: number, uuid: string): string {
  const length = clusterId.length.toString(16).padStart(4, '0');
  return `0001-${length}-${clusterId}-${poolId.toString(16).padStart(16, '0')}-${uuid}`;
}

/** The UUID at the end of a handle, which names the image. */
export function uuidOfHandle(handle: string): string {
  return handle.slice(-36);
}
