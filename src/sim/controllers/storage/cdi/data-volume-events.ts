/** The core/v1 Events that CDI writes about a DataVolume when its status changes. */

import type { DataVolume, PersistentVolumeClaim } from '../../../../api/storage.ts';
import type { EventRecorder } from '../../chassis/event-recorder.ts';
import type { DataVolumeStatus } from './data-volume-status.ts';

export function recordStatusChange(
  events: EventRecorder,
  dataVolume: DataVolume,
  status: DataVolumeStatus,
  claim: PersistentVolumeClaim | undefined,
): void {
  const before = dataVolume.status;
  const { phase } = status;
  if (phase !== undefined && phase !== before?.phase) recordPhase(events, dataVolume, phase);
  const bound = status.conditions?.find(({ type }) => type === 'Bound');
  const boundBefore = before?.conditions?.find(({ type }) => type === 'Bound');
  if (bound?.reason && bound.reason !== boundBefore?.reason && claim) {
    events.record(dataVolume, 'Normal', bound.reason, bound.message ?? '');
  }
}

function recordPhase(events: EventRecorder, dataVolume: DataVolume, phase: string): void {
  const { namespace, name } = dataVolume.metadata;
  const { source } = dataVolume.spec;
  const from = source?.pvc ?? source?.snapshot;
  const origin = `${from?.namespace ?? namespace}/${from?.name ?? ''}`;
  const target = `${namespace}/${name}`;
  const isClone = from !== undefined || dataVolume.spec.sourceRef !== undefined;
  const texts: Readonly<Record<string, readonly [string, string]>> = {
    CloneScheduled: ['CloneScheduled', `Cloning from ${origin} into ${target} scheduled`],
    CSICloneInProgress: ['CSICloneInProgress', `CSI Volume clone in progress (for pvc ${origin})`],
    CloneInProgress: ['CloneInProgress', `Cloning from ${origin} into ${target} in progress`],
    SnapshotForSmartCloneInProgress: [
      'SnapshotForSmartCloneInProgress',
      `Creating snapshot for smart-clone is in progress (for pvc ${origin})`,
    ],
    CloneFromSnapshotSourceInProgress: [
      'CloneFromSnapshotSourceInProgress',
      `Creating PVC from snapshot source is in progress (for snapshot ${origin})`,
    ],
    PrepClaimInProgress: ['PrepClaimInProgress', `Prepping PersistentVolumeClaim for ${target}`],
    RebindInProgress: ['RebindInProgress', `Rebinding PersistentVolumeClaim for ${target}`],
    ImportScheduled: ['ImportScheduled', `Import into ${name} scheduled`],
    ImportInProgress: ['ImportInProgress', `Import into ${name} in progress`],
    Succeeded: isClone
      ? ['CloneSucceeded', `Successfully cloned from ${origin} into ${target}`]
      : ['ImportSucceeded', `Successfully imported into PVC ${name}`],
    Failed: ['ClaimLost', `PVC ${name} lost`],
  };
  const text = texts[phase];
  if (!text) return;
  events.record(dataVolume, phase === 'Failed' ? 'Warning' : 'Normal', text[0], text[1]);
}
