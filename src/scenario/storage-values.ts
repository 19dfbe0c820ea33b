/** What placeholders say of the storage, in every manifest. */

import type { Storage } from './scenario.ts';
import type { Values } from './template.ts';

export function storageValues(storage: Storage): Values {
  return {
    storageClass: storage.className,
    ...(storage.snapshotClassName !== undefined && { snapshotClass: storage.snapshotClassName }),
    accessMode: storage.accessModes[0],
    accessModes: storage.accessModes,
    volumeMode: storage.volumeMode,
  };
}
