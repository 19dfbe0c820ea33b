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

export function getRunStrategy(machine: VirtualMachine): RunStrategy {
  const { running, runStrategy } = machine.spec;
  if (runStrategy !== undefined) return runStrategy;
  return running === true ? 'Always' : 'Halted';
}

export function isFinal(instance: VirtualMachineInstance): boolean {
  const phase = instance.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Whether the VM is set to run, now or as soon as it can (isSetToStart). */
export function wantsToRun(
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
): boolean {
  const strategy = getRunStrategy(machine);
  if (strategy === 'Manual') return isStartRequested(machine, instance);
  return strategy !== 'Halted';
}

/** What to do about the instance; disks and back-off are the caller's business. */
export function powerDecision(
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
): PowerDecision {
  const strategy = getRunStrategy(machine);
  switch (strategy) {
    case 'Always':
      if (!instance) return 'start';
      return isFinal(instance) || isStopRequested(machine, instance) ? 'stop' : 'leave';
    case 'RerunOnFailure':
      if (!instance) return 'start';
      if (instance.status?.phase === 'Failed') return 'stop';
      return isStopRequested(machine, instance) ? 'stop' : 'leave';
    case 'Manual':
      if (!instance) return isStartRequested(machine, instance) ? 'start' : 'leave';
      return isStopRequested(machine, instance) ? 'stop' : 'leave';
    case 'Halted':
      if (!instance) return isStartRequested(machine, instance) ? 'start' : 'leave';
      return 'stop';
    case 'Once':
      return instance ? 'leave' : 'start';
    default:
      return unreachable(strategy);
  }
}

/**
 * State change requests that are not fulfilled yet; undefined where none is left. They are worked
 * off in order: a restart is a Stop of this instance, then a Start (trimDoneVMChangeRequests).
 */
export function openRequests(
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
): NonNullable<VirtualMachine['status']>['stateChangeRequests'] {
  const requests = machine.status?.stateChangeRequests;
  const first = requests?.[0];
  if (!requests || !first) return undefined;
  const done =
    first.action === 'Start'
      ? instance !== undefined
      : instance?.metadata.uid === undefined || instance.metadata.uid !== first.uid;
  if (!done) return requests;
  return requests.length > 1 ? requests.slice(1) : undefined;
}

export function failureCount(machine: VirtualMachine): number {
  return (machine.status?.startFailure as StartFailure | undefined)?.consecutiveFailCount ?? 0;
}

/** Microseconds until a VM whose instances fail may start again (CrashLoopBackOff). */
export function startDelayUs(machine: VirtualMachine, wallUs: number): number {
  const failure = machine.status?.startFailure as StartFailure | undefined;
  const retryUs = parseRfc3339(failure?.retryAfterTimestamp ?? '');
  return retryUs === undefined ? 0 : Math.max(0, retryUs - wallUs);
}

/** 10 s times the square of the failures, plus up to half, at most 300 s; `spread` in [0, 1). */
export function startBackoffUs(failures: number, spread: number): number {
  const baseSeconds = 10 * failures * failures;
  return Math.min(300, baseSeconds + (baseSeconds / 2) * spread) * SECOND;
}

function isStartRequested(
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
): boolean {
  return openRequests(machine, instance)?.[0]?.action === 'Start';
}

function isStopRequested(machine: VirtualMachine, instance: VirtualMachineInstance): boolean {
  if (isDeleting(instance)) return false;
  const first = openRequests(machine, instance)?.[0];
  return first?.action === 'Stop' && first.uid === instance.metadata.uid;
}
