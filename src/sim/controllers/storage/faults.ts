/** Misfortunes that a run can order for storage; each then works through the ordinary mechanism. */

import type { PersistentVolumeClaim } from '../../../api/storage.ts';

export interface StorageFaults {
  /**
   * The volume behind this claim is lost as soon as it is bound: the claim turns Lost and its
   * DataVolume Failed. Asked once for each claim of a DataVolume.
   */
  readonly losesVolume?: (claim: PersistentVolumeClaim) => boolean;
  /** Why CDI cannot clone into this claim by snapshot or driver, and copies on the host instead. */
  readonly copiesInstead?: (claim: PersistentVolumeClaim) => string | undefined;
}
