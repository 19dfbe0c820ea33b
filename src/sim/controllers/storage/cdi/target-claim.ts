/** The claim that a DataVolume asks for (controller-base.go newPersistentVolumeClaim). */

import type {
  ClaimSpec,
  DataVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../../../api/storage.ts';
import { MIB, parseBytes } from '../../../../core/bytes.ts';
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
import { getAnnotation } from './cdi.ts';
import { isClone, type ResolvedSource } from './data-volume-source.ts';

/** The claim, or undefined while its size can only be had from a source that is not ready. */
export function makeTargetClaim(
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
      labels: { ...makeLabels(spec), ...metadata.labels },
      annotations: {
        ...dropTokens(metadata.annotations),
        ...(away
          ? { [ANNOTATION.cloneToken]: getAnnotation(dataVolume, ANNOTATION.cloneToken) ?? '' }
          : {}),
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

function makeLabels({ volumeMode }: ClaimSpec): Readonly<Record<string, string>> {
  return {
    [LABEL.app]: CDI_APP,
    [LABEL.appComponent]: 'storage',
    [LABEL.managedBy]: 'cdi-controller',
    ...(volumeMode === 'Block' ? {} : { [LABEL.fillingUpAlert]: 'disabled' }),
  };
}

/** A claim gets a token only where its source is in another namespace. */
function dropTokens(
  annotations: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const { [ANNOTATION.cloneToken]: _, [ANNOTATION.extendedCloneToken]: __, ...kept } = annotations;
  return kept;
}

/** The storage class that the DataVolume names, or the default for VMs, or at all. */
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
  const size = askedSize(asked, volumeMode) ?? sizeOfSource(lab, source);
  if (size === undefined) return undefined;
  return {
    ...asked,
    ...named,
    accessModes,
    volumeMode,
    resources: { requests: { storage: size } },
  };
}

/** What is asked for is written in plain bytes, and file systems get room for themselves. */
function askedSize(asked: ClaimSpec, volumeMode: 'Block' | 'Filesystem'): string | undefined {
  const size = asked.resources?.requests?.['storage'];
  const bytes = parseBytes(size ?? '');
  if (bytes === undefined) return size;
  return String(volumeMode === 'Block' ? bytes : inflate(bytes));
}

function sizeOfSource({ copies }: StorageLab, source: ResolvedSource): string | undefined {
  if (!isClone(source)) return undefined;
  if (source.kind === 'snapshot') {
    return copies.snapshots.get(source.namespace, source.name)?.status?.restoreSize;
  }
  const claim = copies.claims.get(source.namespace, source.name);
  const size = claim?.status?.capacity?.['storage'] ?? claim?.spec.resources?.requests?.['storage'];
  return size === undefined ? undefined : String(parseBytes(size) ?? size);
}

/** CDI's default file system overhead is 5.5 %; what is asked for counts in whole MiB. */
const USABLE_SHARE = 1 - 0.055;

function inflate(bytes: number): number {
  return Math.ceil((Math.ceil(bytes / MIB) * MIB) / USABLE_SHARE);
}
