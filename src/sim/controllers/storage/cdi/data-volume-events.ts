/** The core/v1 Events that CDI writes about a DataVolume when its status changes (emitEvent). */

import type { Condition } from '../../../../api/object.ts';
import type { DataVolume } from '../../../../api/storage.ts';
import type { EventRecorder } from '../../chassis/event-recorder.ts';
import { ANNOTATION } from '../vocabulary.ts';
import { getAnnotation } from './cdi.ts';
import type { ResolvedSource } from './data-volume-source.ts';
import { isClone } from './data-volume-source.ts';
import type { DataVolumeStatus, ForcedPhase } from './data-volume-status.ts';

interface StatusWrite {
  readonly status: DataVolumeStatus;
  readonly source: ResolvedSource | undefined;
  readonly forced: ForcedPhase | undefined;
}

/** `dataVolume` as it was before the write. */
export function recordStatusChange(
  events: EventRecorder,
  dataVolume: DataVolume,
  { status, source, forced }: StatusWrite,
): void {
  const before = dataVolume.status;
  if (status.phase !== before?.phase) {
    if (forced) recordForced(events, dataVolume, forced);
    else if (source) recordPhase(events, dataVolume, status.phase ?? '', source);
  }
  const bound = findCondition(status, 'Bound');
  const boundBefore = findCondition(before, 'Bound');
  if (bound && !sayTheSame(bound, boundBefore)) {
    events.record(dataVolume, 'Normal', bound.reason ?? '', bound.message ?? '');
  }
  recordFailure(events, dataVolume, status);
}

/** Neither ready nor running, although it should be: why, whenever the reason is a new one. */
function recordFailure(
  events: EventRecorder,
  dataVolume: DataVolume,
  status: DataVolumeStatus,
): void {
  const running = findCondition(status, 'Running');
  const message = running?.message ?? '';
  if (message === '' || running?.status !== 'False') return;
  if (findCondition(status, 'Ready')?.status !== 'False') return;
  if (!isUnderWay(dataVolume, status)) return;
  if (findCondition(dataVolume.status, 'Running')?.message === message) return;
  events.record(dataVolume, 'Warning', running.reason ?? '', message);
}

function isUnderWay(dataVolume: DataVolume, status: DataVolumeStatus): boolean {
  if (findCondition(status, 'Bound')?.status === 'True') return true;
  const { phase } = status;
  const usesPopulator = getAnnotation(dataVolume, ANNOTATION.usePopulator) === 'true';
  return usesPopulator && phase !== 'Pending' && phase !== 'PendingPopulation';
}

function findCondition(status: DataVolumeStatus | undefined, type: string): Condition | undefined {
  return status?.conditions?.find((each) => each.type === type);
}

function sayTheSame(a: Condition, b: Condition | undefined): boolean {
  return a.status === b?.status && a.reason === b.reason && a.message === b.message;
}

function recordForced(
  events: EventRecorder,
  dataVolume: DataVolume,
  { type, reason, message }: ForcedPhase,
): void {
  if (type !== undefined) events.record(dataVolume, type, reason, message);
}

function recordPhase(
  events: EventRecorder,
  dataVolume: DataVolume,
  phase: string,
  source: ResolvedSource,
): void {
  if (phase === 'Failed') {
    const text = `PVC ${dataVolume.metadata.name} lost`;
    events.record(dataVolume, 'Warning', 'ErrClaimLost', text);
    return;
  }
  const message = describePhase(dataVolume, phase, source);
  if (message === undefined) return;
  const reason =
    phase === 'Succeeded' ? (isClone(source) ? 'CloneSucceeded' : 'ImportSucceeded') : phase;
  events.record(dataVolume, 'Normal', reason, message);
}

/** What CDI says of a phase; undefined where it says nothing. */
export function describePhase(
  { metadata }: DataVolume,
  phase: string,
  source: ResolvedSource,
): string | undefined {
  const { namespace, name } = metadata;
  const target = `${namespace}/${name}`;
  if (!isClone(source)) {
    if (phase === 'ImportScheduled') return `Import into ${name} scheduled`;
    if (phase === 'ImportInProgress') return `Import into ${name} in progress`;
    return phase === 'Succeeded' ? `Successfully imported into PVC ${name}` : undefined;
  }
  const origin = `${source.namespace}/${source.name}`;
  const snapshotting = 'Creating snapshot for smart-clone is in progress';
  const restoring = 'Creating PVC from snapshot source is in progress';
  const texts: Readonly<Record<string, string>> = {
    CloneScheduled: `Cloning from ${origin} into ${target} scheduled`,
    CSICloneInProgress: `CSI Volume clone in progress (for pvc ${origin})`,
    CloneInProgress: `Cloning from ${origin} into ${target} in progress`,
    SnapshotForSmartCloneInProgress: `${snapshotting} (for pvc ${origin})`,
    CloneFromSnapshotSourceInProgress: `${restoring} (for ${source.kind} ${origin})`,
    PrepClaimInProgress: `Prepping PersistentVolumeClaim for DataVolume ${target}`,
    RebindInProgress: `Rebinding PersistentVolumeClaim for DataVolume ${target}`,
    Succeeded: `Successfully cloned from ${origin} into ${target}`,
  };
  return texts[phase];
}
