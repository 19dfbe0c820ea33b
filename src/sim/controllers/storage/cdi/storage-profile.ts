/**
 * CDI's StorageProfile: what it knows of each storage class (storageprofile-controller.go and
 * storagecapabilities.go, v1.58.4). What it knows of drivers stands with them: for that of ODF the
 * clone strategy is `csi-clone`.
 */

import { STORAGE_PROFILES } from '../../../../api/resources.ts';
import type { StorageClass, StorageProfile } from '../../../../api/storage.ts';
import { sameJson } from '../../../../core/json.ts';
import { createOnce } from '../../../../kube/create-once.ts';
import type { StorageLab } from '../lab.ts';
import { ANNOTATION } from '../vocabulary.ts';
import type { Cdi } from './cdi.ts';

export type CloneStrategy = 'snapshot' | 'csi-clone' | 'copy';

type ProfileStatus = NonNullable<StorageProfile['status']>;

export function startStorageProfiles({ lab, client }: Cdi): void {
  const { copies, parameters } = lab;
  const controller = lab.controller({
    name: 'storage profile',
    workers: parameters.cdi.workers,
    reconcile: async (name) => {
      const storageClass = copies.storageClasses.get(undefined, name);
      if (!storageClass) return undefined;
      const profile = copies.profiles.get(undefined, name);
      if (!profile) {
        await createOnce(client, STORAGE_PROFILES, profileObject(name));
        return undefined;
      }
      const status = profileStatus(lab, storageClass, profile);
      if (sameJson(status, profile.status)) return undefined;
      await client.patch(STORAGE_PROFILES, { name }, { status });
      return undefined;
    },
  });
  const lookAtAll = () => {
    for (const { metadata } of copies.storageClasses.values()) controller.enqueue(metadata.name);
  };
  copies.storageClasses.onChange((now) => {
    if (now) controller.enqueue(now.metadata.name);
  });
  copies.profiles.onChange((now, before) => {
    const profile = now ?? before;
    if (profile) controller.enqueue(profile.metadata.name);
  });
  copies.snapshotClasses.onChange(lookAtAll);
}

/** The snapshot class of a driver, if any. */
function hasSnapshotClass({ copies }: StorageLab, driver: string): boolean {
  for (const snapshotClass of copies.snapshotClasses.values()) {
    if (snapshotClass.driver === driver) return true;
  }
  return false;
}

function firstSnapshotClass({ copies }: StorageLab, driver: string): string | undefined {
  const ofDriver = [...copies.snapshotClasses.values()].filter((each) => each.driver === driver);
  return ofDriver.map(({ metadata }) => metadata.name).sort()[0];
}

function profileObject(name: string): StorageProfile {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'StorageProfile',
    metadata: { name },
    spec: {},
  };
}

function profileStatus(
  lab: StorageLab,
  storageClass: StorageClass,
  profile: StorageProfile,
): ProfileStatus {
  const { traits } = lab.driver;
  const isOurs = storageClass.provisioner === traits.name;
  const snapshotClass = firstSnapshotClass(lab, storageClass.provisioner);
  return {
    storageClass: storageClass.metadata.name,
    provisioner: storageClass.provisioner,
    cloneStrategy: chooseCloneStrategy(lab, storageClass, profile),
    dataImportCronSourceFormat: isOurs ? traits.sourceFormat : 'pvc',
    ...(snapshotClass === undefined ? {} : { snapshotClass }),
    ...(isOurs ? { claimPropertySets: traits.claimPropertySets } : {}),
  };
}

/** reconcileCloneStrategy: profile, then annotation, then the table, then what is possible. */
export function chooseCloneStrategy(
  lab: StorageLab,
  storageClass: StorageClass,
  profile: StorageProfile | undefined,
): CloneStrategy {
  const chosen =
    (profile?.spec as { readonly cloneStrategy?: string } | undefined)?.cloneStrategy ??
    storageClass.metadata.annotations?.[ANNOTATION.cloneStrategy];
  if (chosen === 'snapshot' || chosen === 'csi-clone' || chosen === 'copy') return chosen;
  const { traits } = lab.driver;
  if (storageClass.provisioner === traits.name) return traits.cloneStrategy;
  return hasSnapshotClass(lab, storageClass.provisioner) ? 'snapshot' : 'copy';
}
