/**
 * A DataVolume's status as a function of its claim: CDI derives phase, progress and the three
 * conditions from annotations that the populators write (datavolume/conditions.go, v1.58.4). While
 * a transfer runs, one function takes the reason of Ready away and the next one gives it back, so
 * that its heartbeat moves at every look. The write of it brings the controller back, and so on for
 * as long as anything is written.
 */

import type { Condition } from '../../../../api/object.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../../api/storage.ts';
import { has, type Release } from '../../../../parameters/release.ts';
import { findPopulator } from '../populators.ts';
import { ANNOTATION, CLONE_SOURCE_KIND } from '../vocabulary.ts';
import { getAnnotation } from './cdi.ts';
import { isPrePopulated } from './pre-populated.ts';

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
  /** Its class binds on first use, and nobody has used it yet. */
  readonly waitsForConsumer: boolean;
  readonly release: Release;
}

/** A phase that is decided while there is no claim, and why. */
export interface ForcedPhase {
  readonly phase: string | undefined;
  /** Both also of the conditions Bound and Ready. */
  readonly reason: string;
  readonly message: string;
  readonly type: 'Normal' | 'Warning' | undefined;
}

export interface StatusChange {
  readonly status: DataVolumeStatus;
  /** Whether CDI writes it: where it differs, or has only had its heartbeat moved. */
  readonly isWritten: boolean;
}

/** The status that follows from the claim; `stamp` is now as a metav1.Time. */
export function nextStatus(dataVolume: DataVolume, view: ClaimView, stamp: string): StatusChange {
  const { claim, waitsForConsumer } = view;
  const before = dataVolume.status;
  const isFilled = isPrePopulated(dataVolume) && claim?.status?.phase === 'Bound';
  const phase = isFilled
    ? 'Succeeded'
    : claim
      ? choosePhase(claim, waitsForConsumer, before?.phase)
      : (before?.phase ?? 'Pending');
  const restarts = claim && Number(getAnnotation(claim, ANNOTATION.podRestarts) ?? 0);
  const claimName = claim?.metadata.name ?? before?.claimName;
  const progress = claim ? describeProgress(claim, phase) : before?.progress;
  const { conditions, moved } = makeConditions(before?.conditions ?? [], view, phase, stamp);
  const status: { -readonly [K in keyof DataVolumeStatus]: DataVolumeStatus[K] } = {};
  if (claimName !== undefined) status.claimName = claimName;
  if (phase !== undefined) status.phase = phase;
  if (progress !== undefined) status.progress = progress;
  if (restarts) status.restartCount = restarts;
  status.conditions = conditions;
  const isWritten =
    moved ||
    phase !== before?.phase ||
    claimName !== before?.claimName ||
    progress !== before?.progress ||
    (restarts || undefined) !== before?.restartCount;
  return { status, isWritten };
}

/** The status where a phase was decided without a claim. */
export function forcedStatus(
  dataVolume: DataVolume,
  forced: ForcedPhase,
  release: Release,
  stamp: string,
): StatusChange {
  const before = dataVolume.status ?? {};
  const view = { claim: undefined, release, forced };
  const made = makeConditions(before.conditions ?? [], view, forced.phase, stamp);
  const { phase: _, ...kept } = before;
  const phase = forced.phase === undefined ? {} : { phase: forced.phase };
  const status = { ...kept, ...phase, conditions: made.conditions };
  return { status, isWritten: made.moved || forced.phase !== before.phase };
}

function choosePhase(
  claim: PersistentVolumeClaim,
  waits: boolean,
  before: string | undefined,
): string | undefined {
  const populator = findPopulator(claim);
  switch (claim.status?.phase) {
    case 'Lost':
      return 'Failed';
    case 'Bound': {
      const bound = before === 'Pending' || before === 'Unknown' ? 'PVCBound' : before;
      return populator ? (readPhase(claim, populator) ?? bound) : bound;
    }
    default:
      // A claim of somebody else's tells nothing of this DataVolume.
      if (!populator) return 'Pending';
      return waits ? 'PendingPopulation' : (readPhase(claim, populator) ?? before);
  }
}

/** Undefined where the populator's phase means none of a DataVolume. */
function readPhase(claim: PersistentVolumeClaim, populator: string): string | undefined {
  const isCloned = populator === CLONE_SOURCE_KIND;
  const written = getAnnotation(claim, isCloned ? ANNOTATION.clonePhase : ANNOTATION.podPhase);
  if (isCloned) return written === undefined ? 'CloneScheduled' : PHASE_OF_CLONE[written];
  return written === undefined ? 'ImportScheduled' : PHASE_OF_IMPORT[written];
}

function describeProgress(claim: PersistentVolumeClaim, phase: string | undefined): string {
  if (phase === 'Succeeded') return '100.0%';
  return getAnnotation(claim, ANNOTATION.progress) ?? 'N/A';
}

type Value = Pick<Condition, 'status'> & { readonly reason: string; readonly message: string };

interface ConditionView {
  readonly claim: PersistentVolumeClaim | undefined;
  readonly release: Release;
  readonly forced?: ForcedPhase;
}

/** The conditions after all that CDI does to them one after the other. */
function makeConditions(
  before: readonly Condition[],
  { claim, release, forced }: ConditionView,
  phase: string | undefined,
  stamp: string,
): { readonly conditions: readonly Condition[]; readonly moved: boolean } {
  const conditions = new Map(before.map((each) => [each.type, each] as const));
  let moved = false;
  const update = (type: string, value: Value) => {
    const now = stamped(type, conditions.get(type), value, stamp);
    if (now === conditions.get(type)) return;
    conditions.set(type, now);
    moved = true;
  };
  const notReady = (reason: string, message = '') =>
    ({ status: 'False', reason, message }) as const;
  update('Bound', describeBound(claim, release, forced));
  if (claim?.status?.phase !== 'Bound') update('Ready', notReady(''));
  const isReady = phase === 'Succeeded';
  update(
    'Ready',
    isReady
      ? { status: 'True', reason: '', message: '' }
      : notReady(forced?.reason ?? '', forced?.message),
  );
  const running = describeRunning(claim);
  update('Running', running);
  if (running.status === 'True') update('Ready', notReady('TransferRunning'));
  return { conditions: [...conditions.values()], moved };
}

function describeBound(
  claim: PersistentVolumeClaim | undefined,
  release: Release,
  forced: ForcedPhase | undefined,
): Value {
  if (!claim) {
    return {
      status: has({ release }, 'boundUnknownWithoutClaim') ? 'Unknown' : 'False',
      reason: forced?.reason || 'NotFound',
      message: forced?.message || 'No PVC found',
    };
  }
  const { name } = claim.metadata;
  switch (claim.status?.phase) {
    case 'Bound':
      return { status: 'True', reason: 'Bound', message: `PVC ${name} Bound` };
    case 'Lost':
      return { status: 'False', reason: 'ClaimLost', message: 'Claim Lost' };
    default:
      return { status: 'False', reason: 'Pending', message: `PVC ${name} Pending` };
  }
}

function describeRunning(claim: PersistentVolumeClaim | undefined): Value {
  return {
    status: claim && getAnnotation(claim, ANNOTATION.running) === 'true' ? 'True' : 'False',
    reason: (claim && getAnnotation(claim, ANNOTATION.runningReason)) ?? '',
    message: (claim && getAnnotation(claim, ANNOTATION.runningMessage)) ?? '',
  };
}

/** updateCondition: a new status moves both times, a new text only the heartbeat. */
function stamped(
  type: string,
  before: Condition | undefined,
  { status, reason, message }: Value,
  stamp: string,
): Condition {
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
