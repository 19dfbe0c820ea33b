/**
 * A DataVolume's status as a function of its claim: CDI derives phase, progress and the three
 * conditions from annotations that the populators write (datavolume/conditions.go, v1.58.4).
 */

import type { Condition } from '../../../../api/object.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../../api/storage.ts';
import { has, type Release } from '../../../../parameters/release.ts';
import { findPopulator } from '../populators.ts';
import { ANNOTATION, CLONE_SOURCE_KIND } from '../vocabulary.ts';
import { getAnnotation } from './cdi.ts';

export type DataVolumeStatus = NonNullable<DataVolume['status']>;

const PHASE_OF_CLONE: Readonly<Record<string, string>> = {
  Pending: 'CloneScheduled',
  CSIClone: 'CSICloneInProgress',
  Snapshot: 'SnapshotForSmartCloneInProgress',
  SnapshotClone: 'CloneFromSnapshotSourceInProgress',
  HostClone: 'CloneInProgress',
  PrepClaim: 'PrepClaimInProgress',
  Rebind: 'RebindInProgress',
  Succeeded: 'Succeeded',
};

const PHASE_OF_IMPORT: Readonly<Record<string, string>> = {
  Pending: 'ImportScheduled',
  Running: 'ImportInProgress',
  Succeeded: 'Succeeded',
};

export interface ClaimView {
  readonly claim: PersistentVolumeClaim | undefined;
  /** Why a quota has no room for the claim, in the server's words. */
  readonly quota?: string | undefined;
  /** Its class binds on first use, and nobody has used it yet. */
  readonly waitsForConsumer: boolean;
  readonly release: Release;
}

/** The status that follows from the claim; `stamp` is now as a metav1.Time. */
export function nextStatus(
  dataVolume: DataVolume,
  view: ClaimView,
  stamp: string,
): DataVolumeStatus {
  const { claim, waitsForConsumer } = view;
  const before = dataVolume.status;
  const phase = claim
    ? choosePhase(claim, waitsForConsumer, before?.phase ?? 'Pending')
    : (before?.phase ?? 'Pending');
  const restarts = claim && Number(getAnnotation(claim, ANNOTATION.podRestarts) ?? 0);
  return {
    ...(claim ? { claimName: claim.metadata.name } : {}),
    phase,
    ...(claim ? { progress: describeProgress(claim, phase) } : {}),
    ...(restarts ? { restartCount: restarts } : {}),
    conditions: makeConditions(before?.conditions ?? [], view, phase, stamp),
  };
}

function choosePhase(claim: PersistentVolumeClaim, waits: boolean, before: string): string {
  if (claim.status?.phase === 'Lost') return 'Failed';
  const isCloned = findPopulator(claim) === CLONE_SOURCE_KIND;
  const written = getAnnotation(claim, isCloned ? ANNOTATION.clonePhase : ANNOTATION.podPhase);
  if (waits && (written === undefined || written === 'Pending')) return 'PendingPopulation';
  if (!isCloned)
    return written === undefined ? 'ImportScheduled' : (PHASE_OF_IMPORT[written] ?? before);
  return written === undefined ? 'CloneScheduled' : (PHASE_OF_CLONE[written] ?? before);
}

function describeProgress(claim: PersistentVolumeClaim, phase: string): string {
  if (phase === 'Succeeded') return '100.0%';
  return getAnnotation(claim, ANNOTATION.progress) ?? 'N/A';
}

type Value = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

function makeConditions(
  before: readonly Condition[],
  view: ClaimView,
  phase: string,
  stamp: string,
): readonly Condition[] {
  const running = runningCondition(view.claim);
  return [boundCondition(view), readyCondition(phase, running), running].map((value) =>
    stamped(
      before.find(({ type }) => type === value.type),
      value,
      stamp,
    ),
  );
}

function boundCondition({ claim, quota, release }: ClaimView): Value {
  if (!claim) {
    const status = has({ release }, 'boundUnknownWithoutClaim') ? 'Unknown' : 'False';
    return quota === undefined
      ? { type: 'Bound', status, reason: 'NotFound', message: 'No PVC found' }
      : { type: 'Bound', status, reason: 'ErrExceededQuota', message: quota };
  }
  const { name } = claim.metadata;
  switch (claim.status?.phase) {
    case 'Bound':
      return { type: 'Bound', status: 'True', reason: 'Bound', message: `PVC ${name} Bound` };
    case 'Lost':
      return { type: 'Bound', status: 'False', reason: 'ClaimLost', message: 'Claim Lost' };
    default:
      return { type: 'Bound', status: 'False', reason: 'Pending', message: `PVC ${name} Pending` };
  }
}

function runningCondition(claim: PersistentVolumeClaim | undefined): Value {
  const written = claim && getAnnotation(claim, ANNOTATION.running);
  return {
    type: 'Running',
    status: written === 'true' ? 'True' : 'False',
    reason: (claim && getAnnotation(claim, ANNOTATION.runningReason)) ?? '',
    message: (claim && getAnnotation(claim, ANNOTATION.runningMessage)) ?? '',
  };
}

function readyCondition(phase: string, running: Value): Value {
  if (phase === 'Succeeded') return { type: 'Ready', status: 'True', reason: '', message: '' };
  const reason = running.status === 'True' ? 'TransferRunning' : '';
  return { type: 'Ready', status: 'False', reason, message: '' };
}

/** updateCondition: a new status moves both times, a new text only the heartbeat. */
function stamped(before: Condition | undefined, value: Value, stamp: string): Condition {
  const { type, status, reason = '', message = '' } = value;
  const sameStatus = before?.status === status;
  const sameText = (before?.reason ?? '') === reason && (before?.message ?? '') === message;
  if (before && sameStatus && sameText) return before;
  return {
    lastHeartbeatTime: stamp,
    lastTransitionTime: sameStatus ? (before?.lastTransitionTime ?? stamp) : stamp,
    ...(message ? { message } : {}),
    ...(reason ? { reason } : {}),
    status,
    type,
  };
}
