/** Which storage drivers there are, and the one that a cluster has. */

import type { Rng } from '../../core/rng.ts';
import type { Parameters } from '../../parameters/parameters.ts';
import { unreachable } from '../../core/assert.ts';
import type { StorageKind } from '../../parameters/storage-kinds.ts';
import type { DriverTraits, StorageDriver } from './storage/csi.ts';
import { createLocalStorage, LOCAL_TRAITS } from './local/local-storage.ts';
import { createRbdCluster, RBD_TRAITS } from './rbd/cluster.ts';
import type { HardwareClock } from './rbd/manager.ts';
import type { SavedRbd } from './rbd/saved.ts';

/** What is known of each before it is there. */
export const DRIVER_TRAITS: Readonly<Record<StorageKind, DriverTraits>> = {
  rbd: RBD_TRAITS,
  local: LOCAL_TRAITS,
};

interface DriverOptions {
  readonly clock: HardwareClock;
  readonly rng: Rng;
  readonly parameters: Parameters;
  /** What a Ceph cluster before this one held; local disks are known by their objects. */
  readonly saved?: SavedRbd;
}

/** The driver, and what is to be remembered of it. */
interface ChosenDriver {
  readonly driver: StorageDriver;
  save(): SavedRbd;
}

export function createDriver(kind: StorageKind, options: DriverOptions): ChosenDriver {
  switch (kind) {
    case 'rbd': {
      const driver = createRbdCluster({ ...options, rng: options.rng.fork('rbd') });
      return { driver, save: driver.save };
    }
    case 'local': {
      const driver = createLocalStorage({ ...options, rng: options.rng.fork('local') });
      return { driver, save: () => ({ images: [], tasks: [], volumes: [], snapshots: [] }) };
    }
    default:
      return unreachable(kind);
  }
}
