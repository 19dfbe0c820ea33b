/** What bench reads of Rook's kinds. */

import type { KubeObject } from './object.ts';

/** Ceph's own status as Rook shows it; the pool's used bytes are recorded from here. */
export interface CephCluster extends KubeObject {
  readonly status?: {
    readonly ceph?: {
      readonly health?: string;
      readonly capacity?: {
        readonly bytesTotal?: number;
        readonly bytesUsed?: number;
        readonly bytesAvailable?: number;
        /** When Rook last looked, RFC 3339: it does so once a minute (cephstatus.go). */
        readonly lastUpdated?: string;
      };
    };
  };
}
