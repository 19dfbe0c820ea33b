/**
 * What the handler of a node does with volumes that an attachment pod has brought there: mounted
 * into the launcher, then plugged into the guest, and told of in between (kubevirt v1.1.1
 * virt-handler/vm.go updateHotplugVolumeStatus). Each takes its time, and is told of only once it
 * is over.
 */

import type { VirtualMachineInstance } from '../../../api/compute.ts';
import type { Clock } from '../../../core/clock.ts';
import { type VolumeStatus, withVolumeStatus } from './volume-status.ts';

export interface VolumePlugging {
  /** The volume statuses to write; undefined where there is nothing new to tell. */
  next(vmi: VirtualMachineInstance): readonly unknown[] | undefined;
  forget(vmiUid: string): void;
}

type Stage = 'mounting' | 'mounted' | 'plugging' | 'plugged';

export function createVolumePlugging(
  clock: Clock,
  takeUs: () => number,
  onChange: (vmiUid: string) => void,
): VolumePlugging {
  /** By UID of the instance, and name of the volume. */
  const stages = new Map<string, Map<string, Stage>>();
  const begin = (uid: string, name: string, during: Stage, after: Stage) => {
    const own = stages.get(uid) ?? new Map<string, Stage>();
    stages.set(uid, own.set(name, during));
    clock.schedule(takeUs(), () => {
      if (own.get(name) !== during) return;
      own.set(name, after);
      onChange(uid);
    });
  };
  const step = (uid: string, { name, phase, hotplugVolume }: VolumeStatus, index: number) => {
    if (phase !== 'AttachedToNode' && phase !== 'MountedToPod') return undefined;
    switch (stages.get(uid)?.get(name)) {
      case undefined:
        // One that was mounted before this process has only to be plugged.
        if (phase === 'MountedToPod') begin(uid, name, 'plugging', 'plugged');
        else if (hotplugVolume?.attachPodUID) begin(uid, name, 'mounting', 'mounted');
        return undefined;
      case 'mounted':
        begin(uid, name, 'plugging', 'plugged');
        return mounted(name);
      case 'plugging':
        return phase === 'AttachedToNode' ? mounted(name) : undefined;
      case 'plugged':
        return plugged(name, index);
      default:
        return undefined;
    }
  };
  return {
    next(vmi) {
      const uid = vmi.metadata.uid ?? '';
      const known = (vmi.status?.volumeStatus ?? []) as readonly VolumeStatus[];
      for (const [index, volume] of known.entries()) {
        const told = step(uid, volume, index);
        if (told !== undefined) return withVolumeStatus(vmi, volume.name, told);
      }
      return undefined;
    },
    forget: (vmiUid) => void stages.delete(vmiUid),
  };
}

function mounted(name: string): Partial<VolumeStatus> {
  const message = `Volume ${name} has been mounted in virt-launcher pod`;
  return { phase: 'MountedToPod', reason: 'VolumeMountedToPod', message };
}

function plugged(name: string, index: number): Partial<VolumeStatus> {
  const message = `Successfully attach hotplugged volume ${name} to VM`;
  const target = `sd${String.fromCharCode(97 + (index % 26))}`;
  return { phase: 'Ready', reason: 'VolumeReady', message, target };
}
