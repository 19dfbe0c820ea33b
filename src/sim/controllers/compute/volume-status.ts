/**
 * What a VMI's status says of its volumes: virt-controller tells of the claim, the node's
 * virt-handler of the device in the guest, and each keeps what the other wrote (kubevirt v1.1.1
 * vmi.go updateVolumeStatus, virt-handler/vm.go updateVolumeStatusesFromDomain).
 */

import type { VirtualMachineInstance, VolumeSource } from '../../../api/compute.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import { shared } from './shared.ts';

interface VolumeStatus {
  readonly name: string;
  readonly target: string;
  readonly persistentVolumeClaimInfo?: unknown;
}

/** With what is known of the claims now. */
export function vmiVolumes(
  vmi: VirtualMachineInstance,
  claim: (name: string) => PersistentVolumeClaim | undefined,
): readonly unknown[] {
  return statuses(vmi, (volume, before) => {
    const name = volume.dataVolume?.name ?? volume.persistentVolumeClaim?.claimName;
    const found = name === undefined ? undefined : claim(name);
    if (!found) return before;
    return { ...before, persistentVolumeClaimInfo: shared(claimInfo(found)) };
  });
}

/** With the devices that the guest has. */
export function domainVolumes(vmi: VirtualMachineInstance): readonly unknown[] {
  return statuses(vmi, (_volume, before, index) => ({
    ...before,
    target: `vd${String.fromCharCode(97 + (index % 26))}`,
  }));
}

function statuses(
  { spec, status }: VirtualMachineInstance,
  next: (volume: VolumeSource, before: VolumeStatus, index: number) => VolumeStatus,
): readonly unknown[] {
  const known = (status?.volumeStatus ?? []) as readonly VolumeStatus[];
  return (spec.volumes ?? [])
    .map((volume, index) => {
      const before = known.find(({ name }) => name === volume.name);
      return next(volume, before ?? { name: volume.name, target: '' }, index);
    })
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

function claimInfo({ spec, status }: PersistentVolumeClaim) {
  const { accessModes, volumeMode, resources } = spec;
  return {
    ...(accessModes ? { accessModes } : {}),
    ...(status?.capacity ? { capacity: status.capacity } : {}),
    // CDI's default, of block volumes as well.
    filesystemOverhead: '0.055',
    ...(resources?.requests ? { requests: resources.requests } : {}),
    ...(volumeMode ? { volumeMode } : {}),
  };
}
