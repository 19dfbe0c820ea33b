/** What each milestone means in terms of recorded changes; observation and analysis share it. */

import type { MilestoneName } from './entry.ts';

export interface Mark {
  readonly kind: string;
  readonly change: string;
  readonly value: string;
}

/** A milestone is reached by the first such change of the operation's object of that kind. */
export const MARKS: Readonly<Partial<Record<MilestoneName, Mark>>> = {
  dataVolumeSucceeded: { kind: 'DataVolume', change: 'phase', value: 'Succeeded' },
  claimBound: { kind: 'PersistentVolumeClaim', change: 'phase', value: 'Bound' },
  snapshotReady: { kind: 'VolumeSnapshot', change: 'readyToUse', value: 'true' },
  instanceRunning: { kind: 'VirtualMachineInstance', change: 'phase', value: 'Running' },
  guestReady: { kind: 'VirtualMachineInstance', change: 'AgentConnected', value: 'True' },
};
// `provisioned` is reached when all DataVolumes that a VM brings have Succeeded; `stopped` when its
// instance is deleted; `deleted` when the object itself is: neither is a change of a value.
