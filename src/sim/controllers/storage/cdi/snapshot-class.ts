/** Which VolumeSnapshotClass CDI takes for a claim, and how it says so (GetVolumeSnapshotClass). */

import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import { BINDING } from '../vocabulary.ts';
import { type Cdi, findStorageClass } from './cdi.ts';

/** Undefined where the driver of the claim's class has none. */
export function chooseSnapshotClass(
  cdi: Cdi,
  claim: PersistentVolumeClaim,
  how: 'silently' | 'with an event' = 'with an event',
): string | undefined {
  const storageClass = findStorageClass(cdi, claim);
  if (!storageClass) return undefined;
  const { copies } = cdi.lab;
  const profile = copies.profiles.get(undefined, storageClass.metadata.name);
  const choice = pick(cdi, storageClass.provisioner, profile?.status?.snapshotClass);
  if (choice && how === 'with an event') {
    const text = `${choice.why} ${choice.name}`;
    cdi.events.record(claim, 'Normal', 'VolumeSnapshotClassSelected', text);
  }
  return choice?.name;
}

function pick(
  { lab }: Cdi,
  driver: string,
  named: string | undefined,
): { readonly name: string; readonly why: string } | undefined {
  const { snapshotClasses } = lab.copies;
  if (named !== undefined) {
    const fits = snapshotClasses.get(undefined, named)?.driver === driver;
    const why = 'VolumeSnapshotClass selected according to StorageProfile';
    return fits ? { name: named, why } : undefined;
  }
  const names: string[] = [];
  for (const candidate of snapshotClasses.values()) {
    if (candidate.driver !== driver) continue;
    const { name, annotations } = candidate.metadata;
    if (annotations?.[BINDING.defaultSnapshotClass] === 'true') {
      return { name, why: 'Default VolumeSnapshotClass selected' };
    }
    names.push(name);
  }
  const [first] = names.sort();
  return first === undefined
    ? undefined
    : { name: first, why: 'First VolumeSnapshotClass selected' };
}
