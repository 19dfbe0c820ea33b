/**
 * The one word that `kubectl get vm` shows. The first rule that matches wins, in the order of
 * kubevirt v1.1.1 pkg/virt-controller/watch/vm.go setPrintableStatus; the order is the meaning.
 */

import type { VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../api/storage.ts';
import { findCondition, isTrue } from './conditions.ts';
import { isDeleting } from '../chassis/ownership.ts';
import { failureCount, isFinal, getRunStrategy, wantsToRun } from './run-strategy.ts';

export type PrintableStatus =
  | 'Terminating'
  | 'Stopping'
  | 'Migrating'
  | 'Paused'
  | 'Running'
  | 'ErrorPvcNotFound'
  | 'DataVolumeError'
  | 'ErrorUnschedulable'
  | 'Provisioning'
  | 'WaitingForVolumeBinding'
  | 'Starting'
  | 'CrashLoopBackOff'
  | 'Stopped'
  | 'Unknown';

export interface VmView {
  readonly vm: VirtualMachine;
  readonly vmi: VirtualMachineInstance | undefined;
  /** Behind the volumes of the VM, those that the controller has seen. */
  readonly dataVolumes: readonly DataVolume[];
  /** Behind the volumes of the VM, those that the controller has seen. */
  readonly claims: readonly PersistentVolumeClaim[];
  /** A VMI was created and has not been seen yet. */
  readonly startPending: boolean;
}

export function printableStatus(view: VmView): PrintableStatus {
  for (const [status, matches] of RULES) if (matches(view)) return status;
  return 'Unknown';
}

/** Whether no disk keeps the VM from starting; undefined is one that does not exist (yet). */
export function disksAreReady(dataVolumes: readonly (DataVolume | undefined)[]): boolean {
  return dataVolumes.every((disk) => READY_PHASES.has(disk?.status?.phase ?? ''));
}

const READY_PHASES: ReadonlySet<string> = new Set([
  'Succeeded',
  'WaitForFirstConsumer',
  'PendingPopulation',
]);

const RULES: readonly (readonly [PrintableStatus, (view: VmView) => boolean])[] = [
  ['Terminating', ({ vm }) => isDeleting(vm)],
  ['Stopping', ({ vmi }) => vmi !== undefined && !isFinal(vmi) && isDeleting(vmi)],
  ['Paused', ({ vmi }) => isTrue(vmi?.status?.conditions, 'Paused')],
  ['Running', ({ vmi }) => vmi?.status?.phase === 'Running'],
  ['ErrorPvcNotFound', isClaimMissing],
  ['DataVolumeError', ({ dataVolumes }) => dataVolumes.some(hasFailed)],
  ['ErrorUnschedulable', isUnschedulable],
  ['Provisioning', isProvisioning],
  ['WaitingForVolumeBinding', isWaitingForBinding],
  ['Starting', isStarting],
  ['CrashLoopBackOff', isCrashLooping],
  ['Stopped', ({ vmi }) => vmi === undefined || isFinal(vmi)],
];

function isClaimMissing({ vmi }: VmView): boolean {
  const synchronized = findCondition(vmi?.status?.conditions, 'Synchronized');
  return synchronized?.status === 'False' && synchronized.reason === 'FailedPvcNotFound';
}

function hasFailed({ status }: DataVolume): boolean {
  if (status?.phase === 'Failed') return true;
  const running = findCondition(status?.conditions, 'Running');
  return running?.status === 'False' && running.reason === 'Error';
}

function isUnschedulable({ vmi }: VmView): boolean {
  const scheduled = findCondition(vmi?.status?.conditions, 'PodScheduled');
  return scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
}

/**
 * A disk that is not seen yet is none: a VM whose disk was just created shows Stopped first, where
 * the news of the disk comes after the answer to its creation (HasDataVolumeProvisioning).
 */
function isProvisioning({ dataVolumes }: VmView): boolean {
  return dataVolumes.some(({ status }) => {
    if (status?.phase === 'Succeeded' || status?.phase === 'PendingPopulation') return false;
    return isTrue(status?.conditions, 'Bound') || status?.phase !== 'WaitForFirstConsumer';
  });
}

function isWaitingForBinding({ vm, vmi, claims }: VmView): boolean {
  if (!wantsToRun(vm, vmi)) return false;
  return claims.some(({ status }) => status?.phase !== 'Bound');
}

function isStarting({ vmi, startPending }: VmView): boolean {
  if (!vmi) return startPending;
  const phase = vmi.status?.phase;
  return phase === undefined || BEFORE_RUNNING.has(phase);
}

const BEFORE_RUNNING: ReadonlySet<string> = new Set(['Pending', 'Scheduling', 'Scheduled']);

function isCrashLooping({ vm, vmi }: VmView): boolean {
  if (vmi && !isFinal(vmi)) return false;
  return RESTARTING.has(getRunStrategy(vm)) && failureCount(vm) > 0;
}

const RESTARTING: ReadonlySet<string> = new Set(['Always', 'RerunOnFailure', 'Once']);
