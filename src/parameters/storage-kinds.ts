/** What the simulated cluster keeps its volumes on. */

export const STORAGE_KINDS = ['rbd', 'local'] as const;

export type StorageKind = (typeof STORAGE_KINDS)[number];
