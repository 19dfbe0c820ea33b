/** Which PersistentVolumeClaim a volume of a VM stands on: a DataVolume's claim bears its name. */

import type { VolumeSource } from '../../../api/compute.ts';

/** Undefined of a volume without one, as a container disk. */
export function claimBehind({
  dataVolume,
  persistentVolumeClaim,
}: Partial<VolumeSource>): string | undefined {
  return dataVolume?.name ?? persistentVolumeClaim?.claimName;
}
