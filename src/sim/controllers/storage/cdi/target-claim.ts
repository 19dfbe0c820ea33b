/** The claim that a DataVolume asks for (controller-base.go newPersistentVolumeClaim). */

import type {
  ClaimSpec,
  DataVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../../../api/storage.ts';
import { formatQuantity, parseBytes } from '../../../../core/bytes.ts';
import { controllerReference } from '../../chassis/ownership.ts';
import type { StorageLab } from '../lab.ts';
import {
  ANNOTATION,
  BINDING,
  CDI_APP,
  CDI_GROUP,
  CLONE_SOURCE_KIND,
  derivedName,
  IMPORT_SOURCE_KIND,
  LABEL,
} from '../vocabulary.ts';
import { isClone, type ResolvedSource } from './data-volume-source.ts';

/** The claim, or undefined while its size can only be had from a source that is not ready. */
export function targetClaim(
  lab: StorageLab,
  dataVolume: DataVolume,
  source: ResolvedSource,
): PersistentVolumeClaim | undefined {
  const { metadata } = dataVolume;
  const spec = claimSpec(lab, dataVolume, source);
  if (!spec) return undefined;
  const clone = isClone(source);
  const uid = metadata.uid ?? '';
  const away = clone && source.namespace !== metadata.namespace;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace ?? '',
      labels: { ...metadata.labels, [LABEL.app]: CDI_APP },
      annotations: {
        ...metadata.annotations,
        [ANNOTATION.podRestarts]: '0',
        [ANNOTATION.contentType]: 'kubevirt',
        [ANNOTATION.preallocation]: 'false',
        [ANNOTATION.createdForDataVolume]: uid,
        ...(away ? { [ANNOTATION.dataSourceNamespace]: source.namespace } : {}),
      },
      ownerReferences: [controllerReference(dataVolume)],
    },
    spec: {
      ...spec,
      dataSourceRef: {
        apiGroup: CDI_GROUP,
        kind: clone ? CLONE_SOURCE_KIND : IMPORT_SOURCE_KIND,
        name: clone ? derivedName.cloneSource(uid) : derivedName.importSource(uid),
      },
    },
  };
}

/** The storage class that the DataVolume names, or the default for virtual machines, or at all. */
function findStorageClass(
  { copies }: StorageLab,
  spec: ClaimSpec | undefined,
): StorageClass | undefined {
  if (spec?.storageClassName !== undefined) {
    return copies.storageClasses.get(undefined, spec.storageClassName);
  }
  let fallback: StorageClass | undefined;
  for (const candidate of copies.storageClasses.values()) {
    const { annotations } = candidate.metadata;
    if (annotations?.[BINDING.defaultVirtClass] === 'true') return candidate;
    if (annotations?.[BINDING.defaultClass] === 'true') fallback = candidate;
  }
  return fallback;
}

/** `spec.pvc` is taken as it is; `spec.storage` is completed from the storage profile. */
function claimSpec(
  lab: StorageLab,
  dataVolume: DataVolume,
  source: ResolvedSource,
): ClaimSpec | undefined {
  const { pvc, storage } = dataVolume.spec;
  const asked = pvc ?? storage ?? {};
  const storageClass = findStorageClass(lab, asked);
  const named = storageClass ? { storageClassName: storageClass.metadata.name } : {};
  if (pvc) return { ...pvc, ...named };
  const profile = lab.copies.profiles.get(undefined, storageClass?.metadata.name ?? '');
  const sets = profile?.status?.claimPropertySets ?? [];
  const fitting = sets.find(
    (set) =>
      (asked.volumeMode === undefined || asked.volumeMode === set.volumeMode) &&
      (asked.accessModes === undefined || asked.accessModes[0] === set.accessModes[0]),
  );
  const volumeMode = asked.volumeMode ?? (fitting?.volumeMode === 'Block' ? 'Block' : 'Filesystem');
  const accessModes = asked.accessModes ?? fitting?.accessModes ?? ['ReadWriteOnce'];
  const size = asked.resources?.requests?.['storage'] ?? sizeOfSource(lab, source);
  if (size === undefined) return undefined;
  return {
    ...asked,
    ...named,
    accessModes,
    volumeMode,
    resources: { requests: { storage: volumeMode === 'Block' ? size : inflated(size) } },
  };
}

function sizeOfSource({ copies }: StorageLab, source: ResolvedSource): string | undefined {
  if (!isClone(source)) return undefined;
  if (source.kind === 'snapshot') {
    return copies.snapshots.get(source.namespace, source.name)?.status?.restoreSize;
  }
  const claim = copies.claims.get(source.namespace, source.name);
  return claim?.status?.capacity?.['storage'] ?? claim?.spec.resources?.requests?.['storage'];
}

/** CDI's default file system overhead is 5.5 %; sizes are rounded up to whole MiB. */
const USABLE_SHARE = 1 - 0.055;

function inflated(size: string): string {
  const bytes = parseBytes(size);
  if (bytes === undefined) return size;
  return formatQuantity(Math.ceil(bytes / USABLE_SHARE / 2 ** 20) * 2 ** 20);
}
