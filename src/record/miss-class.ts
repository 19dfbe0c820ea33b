/**
 * Why operations are missed, in classes that tables count. The reason says what ended the waiting
 * (`Timeout`), the class what stood in the way (`ErrorUnschedulable`); of a slow but healthy object
 * that is nothing, hence `Slow`.
 */

import { safeTable } from '../core/table.ts';

export type MissClass =
  /** The object ended for good: its phase leads nowhere else. */
  | 'DataVolumeFailed'
  | 'InstanceFailed'
  | 'InstanceSucceeded'
  /** In this trouble when nobody waited any longer; in the words of a VM's printableStatus. */
  | 'DataVolumeError'
  | 'ErrorUnschedulable'
  | 'CrashLoopBackOff'
  | 'ErrImagePull'
  | 'ErrorPvcNotFound'
  | 'SnapshotError'
  /** A controller cannot create what the object needs, for a reason that is none of the next. */
  | 'FailedCreate'
  /** The guest stands still, since its storage answered with an error. */
  | 'PausedIOError'
  /** Told by the cluster of what the object waits for: its source, claim, volume, name, node. */
  | 'SourceInUse'
  | 'SourceMissing'
  | 'SourceUnfit'
  | 'NameTaken'
  | 'WaitForFirstConsumer'
  | 'ClaimUnbound'
  | 'VolumeUnattached'
  | 'NodeLost'
  /** Refused, to us or to a controller on our behalf. */
  | 'QuotaExceeded'
  | 'NamespaceDeleted'
  | 'AdmissionDenied'
  | 'Forbidden'
  | 'Rejected'
  /** What the step's own `fails` names has shown. */
  | 'NamedFailure'
  /** Asked again and again without being accepted. */
  | 'NotAccepted'
  /** Our own in-flight cap kept it back until its deadline. */
  | 'NotSent'
  /** Somebody else deleted the object. */
  | 'Deleted'
  /** Under way when the run was stopped. */
  | 'CutOff'
  /** Nothing was wrong but the time it took. */
  | 'Slow';

/** Characters of a message: a hundred thousand of them must not make a history of their own. */
export const MESSAGE_MOST = 500;

/**
 * The class that reason and message of a miss entry tell; histories of before there were classes
 * have nothing else. A reason that is not bench's own is the server's, for refusing a request.
 */
export function classOfMiss(reason: string, message: string | undefined): MissClass {
  return OWN_REASONS[reason] ?? classOfRefusal(reason, message ?? '');
}

/**
 * The class of a refusal, by the texts of the API server's admission: quota
 * (plugin/pkg/admission/resourcequota: `exceeded quota: ...`), webhooks and policies
 * (`admission webhook "x" denied the request`, `ValidatingAdmissionPolicy 'x' ... denied request`),
 * and the life of a namespace (lifecycle: `... because it is being terminated`, or not found).
 */
export function classOfRefusal(reason: string, message: string): MissClass {
  if (message.includes('exceeded quota')) return 'QuotaExceeded';
  if (
    /\bin namespace \S+ because it is being terminated|\bnamespaces "\S+" not found/.test(message)
  ) {
    return 'NamespaceDeleted';
  }
  if (/\bdenied (the )?request\b/.test(message)) return 'AdmissionDenied';
  return reason === 'Forbidden' || /\bis forbidden\b/.test(message) ? 'Forbidden' : 'Rejected';
}

const OWN_REASONS = safeTable<MissClass>({
  DataVolumeFailed: 'DataVolumeFailed',
  DataVolumeError: 'DataVolumeError',
  InstanceFailed: 'InstanceFailed',
  InstanceSucceeded: 'InstanceSucceeded',
  Timeout: 'Slow',
  NotSent: 'NotSent',
  Deleted: 'Deleted',
  Aborted: 'CutOff',
  Interrupted: 'CutOff',
});
