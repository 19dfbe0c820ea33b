/** How a claim names the object that will fill it. */

import type { PersistentVolumeClaim, StorageClass } from '../../../api/storage.ts';
import {
  ANNOTATION,
  BINDING,
  CDI_GROUP,
  CLONE_SOURCE_KIND,
  IMPORT_SOURCE_KIND,
} from './vocabulary.ts';

export type PopulatorKind = typeof CLONE_SOURCE_KIND | typeof IMPORT_SOURCE_KIND;

/** Which of CDI's populators fills the claim; undefined where none does. */
export function findPopulator(claim: PersistentVolumeClaim): PopulatorKind | undefined {
  const reference = claim.spec.dataSourceRef;
  if (reference?.apiGroup !== CDI_GROUP) return undefined;
  const { kind } = reference;
  return kind === CLONE_SOURCE_KIND || kind === IMPORT_SOURCE_KIND ? kind : undefined;
}

/** Whether the claim is filled by something other than the CSI driver. */
export function isExternallyPopulated(claim: PersistentVolumeClaim): boolean {
  // Of the core group it is null on the wire, since Go's field has no omitempty.
  const group = claim.spec.dataSourceRef?.apiGroup;
  return Boolean(group) && group !== 'snapshot.storage.k8s.io';
}

/** Where the populator's source object of a claim lives. */
export function populatorSourceNamespace(claim: PersistentVolumeClaim): string {
  return (
    claim.metadata.annotations?.[ANNOTATION.dataSourceNamespace] ?? claim.metadata.namespace ?? ''
  );
}

/** `Kind namespace/name` of the claim's populator source; undefined where it has none. */
export function populatorSourceKey(claim: PersistentVolumeClaim): string | undefined {
  const kind = findPopulator(claim);
  if (kind === undefined) return undefined;
  return `${kind} ${populatorSourceNamespace(claim)}/${claim.spec.dataSourceRef?.name}`;
}

/** Whether the claim is bound on first use only, and nobody has used it or asked for more yet. */
export function waitsForConsumer(
  storageClass: StorageClass | undefined,
  { metadata, spec }: PersistentVolumeClaim,
): boolean {
  return (
    storageClass?.volumeBindingMode === 'WaitForFirstConsumer' &&
    spec.volumeName === undefined &&
    metadata.annotations?.[BINDING.selectedNode] === undefined &&
    metadata.annotations?.[ANNOTATION.bindImmediate] === undefined
  );
}
