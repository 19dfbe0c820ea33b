/** ceph-csi's names of volumes and snapshots, in the pool that ODF makes. */

import type { CsiVolume } from '../storage/csi.ts';
import type { RbdImage } from './image.ts';

const CLUSTER_ID = 'openshift-storage';
const POOL_ID = 1;
export const POOL = 'ocs-storagecluster-cephblockpool';
const FEATURES = 'layering,deep-flatten,exclusive-lock,object-map,fast-diff';

/** ceph-csi's volume id: version, length of the cluster id, cluster, pool, and a UUID. */
export function handleFor(uuid: string): string {
  const length = CLUSTER_ID.length.toString(16).padStart(4, '0');
  return `0001-${length}-${CLUSTER_ID}-${POOL_ID.toString(16).padStart(16, '0')}-${uuid}`;
}

/** What sidecars are told of an image. */
export function csiVolume(uuid: string, { name, sizeBytes }: RbdImage): CsiVolume {
  return {
    handle: handleFor(uuid),
    sizeBytes,
    attributes: {
      clusterID: CLUSTER_ID,
      imageFeatures: FEATURES,
      imageFormat: '2',
      imageName: name,
      journalPool: POOL,
      pool: POOL,
    },
  };
}

/** The UUID at the end of a handle, which names the image. */
export function uuidOfHandle(handle: string): string {
  return handle.slice(-36);
}
