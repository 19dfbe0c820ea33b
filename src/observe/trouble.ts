/**
 * What is wrong with an object right now, in the words of its own status. Trouble is no failure.
 * All of it may pass, so it settles nothing; it is the last word on an object whose deadline has
 * come. By source:
 *
 * - ErrorUnschedulable: the scheduler tries again as soon as something is given back.
 * - ErrorPvcNotFound: virt-controller waits for the claim to appear (storage/types: "We wait for
 *   them to appear").
 * - DataVolumeError (a DataVolume's Running condition False for reason Error): CDI restarts
 *   importer pods and clones by itself and leaves the phase; only a lost claim makes it Failed.
 * - CrashLoopBackOff: virt-controller starts the next VMI after at most 300 s (vm.go
 *   calculateStartBackoffTime); the VMI that failed has ended its own boot already.
 * - ErrImagePull, ImagePullBackOff: kubelet pulls again.
 * - Refused creations (FailedCreate; ErrExceededQuota of CDI): controllers ask again, and a quota
 *   that is raised or given back lets them (CDI's tests: "recover when quota fixed").
 */

import { safeTable } from '../core/table.ts';
import type { Pod, VirtualMachine, VirtualMachineInstance } from '../api/compute.ts';
import type { Condition, KubeObject } from '../api/object.ts';
import type { DataVolume, VolumeSnapshot } from '../api/storage.ts';
import { excerpt } from '../core/excerpt.ts';
import { classOfRefusal, MESSAGE_MOST, type MissClass } from '../record/miss-class.ts';

export interface Trouble {
  readonly class: MissClass;
  /** The cluster's own words; empty where it has none. */
  readonly message: string;
}

/** Names of the changes that tell of trouble, and the value of its end. */
export const TROUBLE = 'trouble';
export const TROUBLE_MESSAGE = 'troubleMessage';
export const NO_TROUBLE = 'none';

/** Undefined where nothing is wrong. `kind`: items of a list do not always say it themselves. */
export function findTrouble(kind: string, object: KubeObject): Trouble | undefined {
  const trouble = TROUBLES[kind]?.(object);
  return trouble && { ...trouble, message: excerpt(trouble.message, MESSAGE_MOST) };
}

/** A VM's words for trouble (KubeVirt types.go VirtualMachinePrintableStatus, of all versions). */
const PRINTED = safeTable<MissClass>({
  ErrorUnschedulable: 'ErrorUnschedulable',
  DataVolumeError: 'DataVolumeError',
  CrashLoopBackOff: 'CrashLoopBackOff',
  ErrImagePull: 'ErrImagePull',
  ImagePullBackOff: 'ErrImagePull',
  ErrorPvcNotFound: 'ErrorPvcNotFound',
  ErrorDataVolumeNotFound: 'ErrorPvcNotFound',
});

/** Reasons of a VMI's Synchronized condition that have a class of their own. */
const UNSYNCHRONIZED = safeTable<MissClass>({
  FailedPvcNotFound: 'ErrorPvcNotFound',
  FailedDataVolumeNotFound: 'ErrorPvcNotFound',
  ErrImagePull: 'ErrImagePull',
  ImagePullBackOff: 'ErrImagePull',
});

/** Of a DataVolume whose class waits for a consumer (CDI datavolume/controller-base.go). */
const WAITING_PHASES: ReadonlySet<string> = new Set(['WaitForFirstConsumer', 'PendingPopulation']);

const TROUBLES = safeTable<(object: KubeObject) => Trouble | undefined>({
  VirtualMachine(object) {
    const { printableStatus = '', conditions } = (object as VirtualMachine).status ?? {};
    const failure = conditions?.find(({ type, status }) => type === 'Failure' && status === 'True');
    const printed = PRINTED[printableStatus];
    if (printed !== undefined) return { class: printed, message: failure?.message ?? '' };
    return failure && refusedCreation(failure);
  },
  VirtualMachineInstance(object) {
    const conditions = (object as VirtualMachineInstance).status?.conditions;
    return unsynchronized(conditions) ?? unscheduled(conditions) ?? paused(conditions);
  },
  Pod(object) {
    const { conditions, reason, message = '' } = (object as Pod).status ?? {};
    if (reason === 'NodeLost') return { class: 'NodeLost', message };
    return unscheduled(conditions);
  },
  DataVolume(object) {
    const { phase = '' } = (object as DataVolume).status ?? {};
    if (WAITING_PHASES.has(phase)) {
      return { class: 'WaitForFirstConsumer', message: 'nobody uses its claim yet' };
    }
    for (const condition of (object as DataVolume).status?.conditions ?? []) {
      const trouble = volumeTrouble(condition);
      if (trouble) return trouble;
    }
    return undefined;
  },
  VolumeSnapshot(object) {
    const error = (object as VolumeSnapshot).status?.error;
    return error && { class: 'SnapshotError', message: error.message ?? '' };
  },
});

function unsynchronized(conditions: readonly Condition[] | undefined): Trouble | undefined {
  const condition = conditions?.find(({ type }) => type === 'Synchronized');
  if (condition?.status !== 'False') return undefined;
  const { reason = '', message = '' } = condition;
  const known = UNSYNCHRONIZED[reason];
  if (known !== undefined) return { class: known, message };
  return reason === 'FailedCreate' ? refusedCreation(condition) : undefined;
}

/** By virt-handler, from the domain's own word (api.ReasonPausedIOError). */
function paused(conditions: readonly Condition[] | undefined): Trouble | undefined {
  const condition = conditions?.find(({ type }) => type === 'Paused');
  if (condition?.status !== 'True' || condition.reason !== 'PausedIOError') return undefined;
  return { class: 'PausedIOError', message: condition.message ?? '' };
}

function unscheduled(conditions: readonly Condition[] | undefined): Trouble | undefined {
  const condition = conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False' || condition.reason !== 'Unschedulable') return undefined;
  return { class: 'ErrorUnschedulable', message: condition.message ?? '' };
}

/** As KubeVirt reads it (storage/types HasDataVolumeErrors, HasDataVolumeExceededQuotaError). */
function volumeTrouble({ type, status, reason, message = '' }: Condition): Trouble | undefined {
  if (status === 'True') return undefined;
  if (reason === 'ErrExceededQuota') return { class: 'QuotaExceeded', message };
  if (type !== 'Running' || status !== 'False') return undefined;
  if (reason === 'Unschedulable') return { class: 'ErrorUnschedulable', message };
  if (reason !== 'Error' && reason !== 'ImagePullFailed') return undefined;
  return { class: 'DataVolumeError', message };
}

/** What a controller was refused; it passes the server's words on. */
function refusedCreation({ reason = '', message = '' }: Condition): Trouble {
  const refusal = classOfRefusal(reason, message);
  return { class: refusal === 'Rejected' ? 'FailedCreate' : refusal, message };
}
