/**
 * What a VM's spec asks for: run, stop, or leave it. Pure decisions after kubevirt v1.1.1
 * pkg/virt-controller/watch/vm.go startStop. `running: true` is only another way to say Always.
 */

import type { RunStrategy, VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import { unreachable } from '../../../core/assert.ts';
import { SECOND } from '../../../core/duration.ts';
import { parseRfc3339 } from '../../../core/time-text.ts';
import { isDeleting } from '../chassis/ownership.ts';

export interface StartFailure {
  readonly consecutiveFailCount?: number;
  readonly lastFailedVMIUID?: string;
  readonly retryAfterTimestamp?: string;
}

export type PowerDecision = 'start' | 'stop' | 'leave';

export function getRunStrategy(vm: VirtualMachine): RunStrategy {
  const { running, runStrategy } = vm.spec;
  if (runStrategy !== undefined) return runStrategy;
  return running === true ? 'Always' : 'Halted';
}

export function isFinal(vmi: VirtualMachineInstance): boolean {
  const phase = vmi.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Whether the VM is set to run, now or as soon as it can (isSetToStart). */
export function wantsToRun(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): boolean {
  const strategy = getRunStrategy(vm);
  if (strategy === 'Manual') return isStartRequested(vm, vmi);
  return strategy !== 'Halted';
}

/** What to do about the VMI; disks and back-off are the caller's business. */
export function powerDecision(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): PowerDecision {
  const strategy = getRunStrategy(vm);
  switch (strategy) {
    case 'Always':
      if (!vmi) return 'start';
      return isFinal(vmi) || isStopRequested(vm, vmi) ? 'stop' : 'leave';
    case 'RerunOnFailure':
      if (!vmi) return 'start';
      if (vmi.status?.phase === 'Failed') return 'stop';
      return isStopRequested(vm, vmi) ? 'stop' : 'leave';
    case 'Manual':
      if (!vmi) return isStartRequested(vm, vmi) ? 'start' : 'leave';
      return isStopRequested(vm, vmi) ? 'stop' : 'leave';
    case 'Halted':
      if (!vmi) return isStartRequested(vm, vmi) ? 'start' : 'leave';
      return 'stop';
    case 'Once':
      return vmi ? 'leave' : 'start';
    default:
      return unreachable(strategy);
  }
}

/**
 * State change requests that are not fulfilled yet; undefined where none is left. They are worked
 * off in order: a restart is a Stop of this VMI, then a Start (trimDoneVMChangeRequests).
 */
export function openRequests(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): NonNullable<VirtualMachine['status']>['stateChangeRequests'] {
  const requests = vm.status?.stateChangeRequests;
  const first = requests?.[0];
  if (!requests || !first) return undefined;
  const done =
    first.action === 'Start'
      ? vmi !== undefined
      : vmi?.metadata.uid === undefined || vmi.metadata.uid !== first.uid;
  if (!done) return requests;
  return requests.length > 1 ? requests.slice(1) : undefined;
}

export function failureCount(vm: VirtualMachine): number {
  return (vm.status?.startFailure as StartFailure | undefined)?.consecutiveFailCount ?? 0;
}

/** Microseconds until a VM whose VMIs fail may start again (CrashLoopBackOff). */
export function startDelayUs(vm: VirtualMachine, wallUs: number): number {
  const failure = vm.status?.startFailure as StartFailure | undefined;
  const retryUs = parseRfc3339(failure?.retryAfterTimestamp ?? '');
  return retryUs === undefined ? 0 : Math.max(0, retryUs - wallUs);
}

/** 10 s times the square of the failures, plus up to half, at most 300 s; `spread` in [0, 1). */
export function startBackoffUs(failures: number, spread: number): number {
  const baseSeconds = 10 * failures * failures;
  return Math.min(300, baseSeconds + (baseSeconds / 2) * spread) * SECOND;
}

function isStartRequested(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): boolean {
  return openRequests(vm, vmi)?.[0]?.action === 'Start';
}

function isStopRequested(vm: VirtualMachine, vmi: VirtualMachineInstance): boolean {
  if (isDeleting(vmi)) return false;
  const first = openRequests(vm, vmi)?.[0];
  return first?.action === 'Stop' && first.uid === vmi.metadata.uid;
}
