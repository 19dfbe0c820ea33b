/**
 * What a DataVolume controller does before it reports (syncCommon, syncClone, syncSnapshotClone
 * and syncImport, v1.58.4): the mark on the DataVolume, the target claim, the populator's source.
 */

import { CLAIMS, DATA_VOLUMES } from '../../../../api/resources.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../../api/storage.ts';
import { SECOND } from '../../../../core/duration.ts';
import { type ApiError, isForbidden } from '../../../../kube/api-error.ts';
import { has } from '../../../../parameters/release.ts';
import { hasFinalizer, isControlledBy, isDeleting } from '../../chassis/ownership.ts';
import { ANNOTATION, FINALIZER } from '../vocabulary.ts';
import { type Cdi, getAnnotation, missingAnnotations } from './cdi.ts';
import { findClaimProblem } from './clone-size.ts';
import { describePhase } from './data-volume-events.ts';
import {
  type CloneSource,
  isClone,
  type ResolvedSource,
  resolveSource,
} from './data-volume-source.ts';
import type { ForcedPhase } from './data-volume-status.ts';
import { ensurePopulatorSource, removeCloneSource } from './populator-source.ts';
import { isMadeFor, isPrePopulated, takeOver } from './pre-populated.ts';
import { makeTargetClaim } from './target-claim.ts';

/** What sync tells the step that writes the status; filled in also where sync then fails. */
export interface SyncOutcome {
  forced?: ForcedPhase;
  /** When to look again by itself. */
  afterUs?: number;
}

/** CDI v1.58.4 sourceInUseRequeueDuration. */
const SOURCE_POLL_US = 5 * SECOND;

/** Rejects where the world is not as it should be; the controller then tries again. */
export async function syncDataVolume(
  cdi: Cdi,
  seen: DataVolume,
  outcome: SyncOutcome,
): Promise<void> {
  const source = resolveSource(cdi.lab, seen);
  if (!source) return;
  const isOver = isDeleting(seen) || seen.status?.phase === 'Succeeded';
  if (isOver) await cleanUp(cdi, seen, source);
  if (isDeleting(seen)) return;
  const claim = cdi.claims.get(seen.metadata.namespace, seen.metadata.name);
  if (isPrePopulated(seen)) {
    if (claim && isMadeFor(claim, seen)) await takeOver(cdi, seen, claim);
    return;
  }
  const dataVolume = await annotate(cdi, seen, { [ANNOTATION.usePopulator]: 'true' });
  if (claim) checkClaim(cdi, dataVolume, claim);
  if (isOver && !claim) return;
  if (isClone(source)) await syncClone(cdi, dataVolume, { source, claim, isOver }, outcome);
  else if (!isOver) await syncImport(cdi, dataVolume, { source, claim }, outcome);
}

/** What lives in the namespace of the source has no owner that could be collected. */
async function cleanUp(cdi: Cdi, dataVolume: DataVolume, source: ResolvedSource): Promise<void> {
  await removeCloneSource(cdi, dataVolume, source);
  if (!isDeleting(dataVolume) || !hasFinalizer(dataVolume, FINALIZER.dataVolume)) return;
  const { resourceVersion, finalizers = [] } = dataVolume.metadata;
  const left = finalizers.filter((each) => each !== FINALIZER.dataVolume);
  const patch = { metadata: { resourceVersion, finalizers: left } };
  await cdi.client.patch(DATA_VOLUMES, dataVolume.metadata, patch);
}

/** The DataVolume with the annotations; written only where it lacks them. */
async function annotate(
  { client }: Cdi,
  dataVolume: DataVolume,
  wanted: Readonly<Record<string, string>>,
): Promise<DataVolume> {
  const annotations = missingAnnotations(dataVolume, wanted);
  if (!annotations) return dataVolume;
  const { resourceVersion } = dataVolume.metadata;
  const patch = { metadata: { resourceVersion, annotations } };
  return client.patch(DATA_VOLUMES, dataVolume.metadata, patch);
}

function checkClaim({ events }: Cdi, dataVolume: DataVolume, claim: PersistentVolumeClaim): void {
  const { name } = claim.metadata;
  if (isDeleting(claim)) {
    const text = `Resource "${name}" marked for deletion`;
    events.record(dataVolume, 'Warning', 'ErrResourceMarkedForDeletion', text);
    throw new Error(text);
  }
  if (isControlledBy(claim, dataVolume)) return;
  const text = `Resource "${name}" already exists and is not managed by DataVolume`;
  events.record(dataVolume, 'Warning', 'ErrResourceExists', text);
  throw new Error(text);
}

interface CloneInput {
  readonly source: CloneSource;
  readonly claim: PersistentVolumeClaim | undefined;
  /** It has succeeded: its source object stays away. */
  readonly isOver: boolean;
}

async function syncClone(
  cdi: Cdi,
  dataVolume: DataVolume,
  { source, claim, isOver }: CloneInput,
  outcome: SyncOutcome,
): Promise<void> {
  const { metadata } = dataVolume;
  const isAway = source.namespace !== metadata.namespace;
  if (isAway && getAnnotation(dataVolume, ANNOTATION.extendedCloneToken) === undefined) {
    await annotate(cdi, dataVolume, {
      [ANNOTATION.extendedCloneToken]: `extended:${metadata.uid}`,
    });
    return;
  }
  const target = claim ?? (await createTarget(cdi, dataVolume, source, outcome));
  if (!target) return;
  if (!isOver) await ensurePopulatorSource(cdi, dataVolume, source);
  const cloneType = getAnnotation(target, ANNOTATION.cloneType);
  if (isAway) await passTokenOn(cdi, target);
  if (cloneType !== undefined) {
    await annotate(cdi, dataVolume, { [ANNOTATION.cloneType]: cloneType });
  }
}

/** The new claim; undefined where something has to come first. */
async function createTarget(
  cdi: Cdi,
  dataVolume: DataVolume,
  source: CloneSource,
  outcome: SyncOutcome,
): Promise<PersistentVolumeClaim | undefined> {
  if (!checkSource(cdi, dataVolume, source, outcome)) return undefined;
  const wanted = makeTargetClaim(cdi.lab, dataVolume, source);
  if (!wanted) {
    outcome.afterUs = SOURCE_POLL_US;
    outcome.forced = scheduled(dataVolume, source);
    return undefined;
  }
  const isAway = source.namespace !== dataVolume.metadata.namespace;
  if (isAway && !hasFinalizer(dataVolume, FINALIZER.dataVolume)) {
    outcome.forced = scheduled(dataVolume, source);
    const { resourceVersion, finalizers = [] } = dataVolume.metadata;
    const more = [...finalizers, FINALIZER.dataVolume];
    const patch = { metadata: { resourceVersion, finalizers: more } };
    await cdi.client.patch(DATA_VOLUMES, dataVolume.metadata, patch);
    return undefined;
  }
  return createClaim(cdi, wanted, outcome);
}

function scheduled(dataVolume: DataVolume, source: ResolvedSource): ForcedPhase {
  const message = describePhase(dataVolume, 'CloneScheduled', source) ?? '';
  return { phase: 'CloneScheduled', reason: 'CloneScheduled', message, type: 'Normal' };
}

/** Whether a claim may be made. Of a snapshot, v1.58.4 asks nothing here: its populator will. */
function checkSource(
  cdi: Cdi,
  dataVolume: DataVolume,
  { kind, namespace, name }: CloneSource,
  outcome: SyncOutcome,
): boolean {
  const { claims, snapshots } = cdi.lab.copies;
  if (kind === 'snapshot' && !has(cdi.lab.parameters, 'snapshotIsLookedForFirst')) return true;
  const found = kind === 'pvc' ? claims.get(namespace, name) : snapshots.get(namespace, name);
  if (!found) {
    const reason = 'CloneWithoutSource';
    const message = `The source ${kind} ${name} doesn't exist`;
    outcome.forced = { phase: dataVolume.status?.phase, reason, message, type: 'Warning' };
    return false;
  }
  const problem =
    kind === 'pvc' && findClaimProblem(dataVolume.spec, found as PersistentVolumeClaim);
  if (!problem) return true;
  const text = "The clone doesn't meet the validation requirements";
  cdi.events.record(dataVolume, 'Warning', 'CloneValidationFailed', text);
  throw new Error(problem);
}

async function createClaim(
  { client }: Cdi,
  wanted: PersistentVolumeClaim,
  outcome: SyncOutcome,
): Promise<PersistentVolumeClaim> {
  try {
    return await client.create(CLAIMS, wanted);
  } catch (error) {
    if (isQuotaRefusal(error)) {
      const reason = 'ErrExceededQuota';
      outcome.forced = { phase: 'Pending', reason, message: error.message, type: 'Warning' };
    }
    throw error;
  }
}

/** CDI's own test (pkg/controller/common/util.go ErrQuotaExceeded). */
function isQuotaRefusal(error: unknown): error is ApiError {
  return isForbidden(error) && error.message.includes('exceeded quota:');
}

/** ensureExtendedTokenPVC: the populator of the other namespace asks for it. */
async function passTokenOn({ client }: Cdi, claim: PersistentVolumeClaim): Promise<void> {
  if (getAnnotation(claim, ANNOTATION.extendedCloneToken) !== undefined) return;
  const { resourceVersion, uid } = claim.metadata;
  const annotations = { [ANNOTATION.extendedCloneToken]: `extended:${uid}` };
  const patch = { metadata: { resourceVersion, annotations } };
  await client.patch(CLAIMS, claim.metadata, patch);
}

async function syncImport(
  cdi: Cdi,
  dataVolume: DataVolume,
  input: { readonly source: ResolvedSource; readonly claim: PersistentVolumeClaim | undefined },
  outcome: SyncOutcome,
): Promise<void> {
  await ensurePopulatorSource(cdi, dataVolume, input.source);
  if (input.claim) return;
  const wanted = makeTargetClaim(cdi.lab, dataVolume, input.source);
  if (wanted) await createClaim(cdi, wanted, outcome);
}
