/** What the simulated cluster keeps its volumes on. */

export const STORAGE_KINDS = ['rbd', 'local'] as const;

/** For people. */
export const STORAGE_NAMES = {
  rbd: 'Ceph RBD',
  local: 'disks of the nodes',
} as const satisfies Readonly<Record<StorageKind, string>>;

export type StorageKind = (typeof STORAGE_KINDS)[number];
