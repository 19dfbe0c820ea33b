/** Can the storage do what is timed, and which path will a clone of a PVC take? */

import { SNAPSHOT_CLASSES, STORAGE_CLASSES, STORAGE_PROFILES } from '../api/resources.ts';
import type { StorageClass, StorageProfile } from '../api/storage.ts';
import { type CheckLab, type Finding, fail, find, findAll, pass, warn } from './check.ts';

export async function checkStorageClass(lab: CheckLab): Promise<readonly Finding[]> {
  const { client, demand } = lab;
  const found = await find(client, STORAGE_CLASSES, { name: demand.storageClass });
  if (!found) {
    const names = (await findAll(client, STORAGE_CLASSES)).map(({ metadata }) => metadata.name);
    return [
      fail(
        'storage class',
        `there is no storage class "${demand.storageClass}"`,
        `set storage.class to one of: ${names.join(', ') || 'none exists'}`,
      ),
    ];
  }
  return [
    pass('storage class', `${demand.storageClass} by ${found.provisioner}`),
    ...bindingMode(found, demand),
    ...(await checkSnapshotClass(lab, found)),
    ...(await checkProfile(lab)),
  ];
}

/** On such a class CDI and KubeVirt fill a claim once a VM is started that uses it. */
function bindingMode(
  { volumeBindingMode }: StorageClass,
  { waitsUnused }: CheckLab['demand'],
): readonly Finding[] {
  if (volumeBindingMode !== 'WaitForFirstConsumer') return [];
  const found = 'WaitForFirstConsumer: a volume is filled once a VM that uses it is started';
  if (waitsUnused.length === 0) return [pass('binding mode', found)];
  return waitsUnused.map(({ step, remedy }) =>
    fail('binding mode', `${found}, so step "${step}" cannot end`, remedy),
  );
}

async function checkSnapshotClass(
  { client, demand }: CheckLab,
  { provisioner }: StorageClass,
): Promise<readonly Finding[]> {
  if (demand.snapshotClass === undefined) return [];
  const found = await find(client, SNAPSHOT_CLASSES, { name: demand.snapshotClass });
  if (!found) {
    return [
      fail(
        'snapshot class',
        `there is no VolumeSnapshotClass "${demand.snapshotClass}"`,
        'set storage.snapshotClass to an existing one',
      ),
    ];
  }
  if (found.driver !== provisioner) {
    return [
      fail(
        'snapshot class',
        `its driver is ${found.driver}, the storage class has ${provisioner}`,
        'name two classes of one driver',
      ),
    ];
  }
  return [pass('snapshot class', `${demand.snapshotClass} by the same driver`)];
}

/** CDI's own choice for this class: planner.go, StorageProfile.status.cloneStrategy. */
async function checkProfile({ client, demand }: CheckLab): Promise<readonly Finding[]> {
  const profile = await find(client, STORAGE_PROFILES, { name: demand.storageClass });
  if (!profile) {
    return [
      warn(
        'storage profile',
        `CDI has none for ${demand.storageClass}`,
        'the path of a PVC clone cannot be told beforehand; it is recorded for each clone',
      ),
    ];
  }
  return [...clonePath(profile, demand.clonesClaims), ...claimProperties(profile, demand)];
}

function clonePath({ status }: StorageProfile, timed: boolean): readonly Finding[] {
  const strategy = status?.cloneStrategy;
  if (strategy === 'csi-clone' || strategy === 'snapshot') {
    return [pass('clone strategy', `a PVC clone will take the path ${strategy}`)];
  }
  const found = `a PVC clone will be copied by pods (${strategy ?? 'no strategy'})`;
  if (!timed) return [pass('clone strategy', found)];
  return [
    warn('clone strategy', found, 'set spec.cloneStrategy of the StorageProfile to csi-clone'),
  ];
}

function claimProperties(
  { status }: StorageProfile,
  { accessModes, volumeMode }: CheckLab['demand'],
): readonly Finding[] {
  const sets = status?.claimPropertySets;
  if (!sets || sets.length === 0) return [];
  const fits = sets.some(
    (set) =>
      set.volumeMode === volumeMode && accessModes.every((mode) => set.accessModes.includes(mode)),
  );
  const asked = `${accessModes.join('+')} ${volumeMode}`;
  if (fits) return [pass('access modes', asked)];
  return [
    warn(
      'access modes',
      `${asked} is none of the combinations that CDI knows for this class`,
      'check storage.accessModes and storage.volumeMode',
    ),
  ];
}
