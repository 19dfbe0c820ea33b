/**
 * Events that say what an object waits for, by their reasons: those of CDI (pkg/controller),
 * Kubernetes (volume binder, scheduler, kubelet, node lifecycle) and KubeVirt.
 */

import { safeTable } from '../core/table.ts';
import { classOfRefusal, type MissClass } from './miss-class.ts';

const BY_REASON = safeTable<MissClass>({
  CloneSourceInUse: 'SourceInUse',
  CloneWithoutSource: 'SourceMissing',
  CloneValidationFailed: 'SourceUnfit',
  ErrResourceExists: 'NameTaken',
  ErrResourceDoesntExist: 'SourceMissing',
  ErrExceededQuota: 'QuotaExceeded',
  WaitForFirstConsumer: 'WaitForFirstConsumer',
  WaitForPodScheduled: 'WaitForFirstConsumer',
  ProvisioningFailed: 'ClaimUnbound',
  FailedBinding: 'ClaimUnbound',
  ClaimLost: 'ClaimUnbound',
  FailedAttachVolume: 'VolumeUnattached',
  FailedMount: 'VolumeUnattached',
  FailedMapVolume: 'VolumeUnattached',
  NodeNotReady: 'NodeLost',
  TaintManagerEviction: 'NodeLost',
  IOerror: 'PausedIOError',
  ErrImagePull: 'ErrImagePull',
  ImagePullBackOff: 'ErrImagePull',
  SnapshotCreationFailed: 'SnapshotError',
  SnapshotContentCreationFailed: 'SnapshotError',
});

/** Undefined where it says nothing that has a class. */
export function classOfEvent({
  reason,
  message = '',
}: {
  readonly reason: string;
  readonly message?: string;
}): MissClass | undefined {
  if (reason === 'FailedScheduling') {
    return /unbound immediate PersistentVolumeClaims/i.test(message)
      ? 'ClaimUnbound'
      : 'ErrorUnschedulable';
  }
  if ((reason === 'Failed' || reason === 'BackOff') && /pull/i.test(message)) return 'ErrImagePull';
  if (reason === 'FailedCreate') {
    const refusal = classOfRefusal(reason, message);
    return refusal === 'Rejected' ? 'FailedCreate' : refusal;
  }
  return BY_REASON[reason];
}
