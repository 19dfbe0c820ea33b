/**
 * DataVolumes whose claim somebody else has filled, as a restored VM brings them: CDI takes over
 * the claim that says it is for this DataVolume, and is done once that is bound (v1.58.4
 * controller-base.go prePopulated, pvcRequiresWork).
 */

import { CLAIMS } from '../../../../api/resources.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../../api/storage.ts';
import { controllerReference, isControlledBy } from '../../chassis/ownership.ts';
import { ANNOTATION } from '../vocabulary.ts';
import { type Cdi, getAnnotation } from './cdi.ts';

export function isPrePopulated(dataVolume: DataVolume): boolean {
  return getAnnotation(dataVolume, ANNOTATION.prePopulated) !== undefined;
}

/** It was made for this DataVolume, and nobody else has it. */
export function isMadeFor(claim: PersistentVolumeClaim, { metadata }: DataVolume): boolean {
  const isFree = (claim.metadata.ownerReferences ?? []).length === 0;
  return isFree && getAnnotation(claim, ANNOTATION.populatedFor) === metadata.name;
}

export async function takeOver(
  { client }: Cdi,
  dataVolume: DataVolume,
  claim: PersistentVolumeClaim,
): Promise<void> {
  if (isControlledBy(claim, dataVolume)) return;
  const { resourceVersion } = claim.metadata;
  const ownerReferences = [controllerReference(dataVolume)];
  await client.patch(CLAIMS, claim.metadata, { metadata: { resourceVersion, ownerReferences } });
}
