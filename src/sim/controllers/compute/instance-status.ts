/**
 * What virt-controller writes into an instance's status: phases up to Scheduled, the ends that no
 * node reports, and the conditions that mirror the pod. Pure; from Running on the node's
 * virt-handler writes the rest (kubevirt v1.1.1 pkg/virt-controller/watch/vmi.go updateStatus).
 */

import type { InstancePhase, Pod, VirtualMachineInstance } from '../../../api/compute.ts';
import type { Condition } from '../../../api/object.ts';
import { findCondition, isTrue, withCondition, withoutCondition } from './conditions.ts';
import { COMPUTE_CONTAINER, LAUNCHER_IMAGE } from './launcher-pod.ts';
import { isDeleting } from './ownership.ts';
import { isFinal } from './run-strategy.ts';

export type InstanceStatus = NonNullable<VirtualMachineInstance['status']>;

export interface InstanceFacts {
  readonly instance: VirtualMachineInstance;
  /** Its launcher pod; undefined where there is none (yet, or any more). */
  readonly pod: Pod | undefined;
  /** Of a claim that a volume names and that does not exist. */
  readonly missingClaim: string | undefined;
  /** Now as a metav1.Time. */
  readonly stamp: string;
}

/** The status to write; the one in place itself where nothing would change. */
export function instanceStatus(facts: InstanceFacts): InstanceStatus {
  const { instance, pod } = facts;
  const before: InstanceStatus = instance.status ?? {};
  const phase = nextPhase(facts);
  let now = phase === before.phase ? before : enterPhase(before, phase, facts.stamp);
  if (phase !== before.phase && pod) now = { ...now, ...podFacts(phase, pod) };
  const conditions = instanceConditions(facts, phase);
  return conditions === now.conditions ? now : { ...now, conditions };
}

/** Enters a phase: the first time of each is stamped, in whole seconds. */
export function enterPhase(
  status: InstanceStatus,
  phase: InstancePhase,
  stamp: string,
): InstanceStatus {
  const stamps = status.phaseTransitionTimestamps ?? [];
  const known = stamps.some((entry) => entry.phase === phase);
  return {
    ...status,
    phase,
    phaseTransitionTimestamps: known
      ? stamps
      : [...stamps, { phase, phaseTransitionTimestamp: stamp }],
  };
}

/** Whether virt-controller still has to give it a pod. */
export function isUnprocessed(instance: VirtualMachineInstance): boolean {
  const phase = instance.status?.phase;
  return phase === undefined || phase === 'Pending';
}

export function isPodDown(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

function nextPhase({ instance, pod }: InstanceFacts): InstancePhase {
  const phase = instance.status?.phase;
  if (phase !== undefined && isFinal(instance)) return phase;
  if (!pod) return isUnprocessed(instance) && !isDeleting(instance) ? 'Pending' : 'Failed';
  if (pod.status?.phase === 'Failed') return 'Failed';
  if (isUnprocessed(instance)) return 'Scheduling';
  if (phase === 'Scheduling') {
    if (isPodDown(pod)) return 'Failed';
    return isComputeRunning(pod) ? 'Scheduled' : 'Scheduling';
  }
  return phase ?? 'Unknown';
}

function isComputeRunning({ status }: Pod): boolean {
  if (status?.phase !== 'Running') return false;
  const compute = status.containerStatuses?.find(({ name }) => name === COMPUTE_CONTAINER);
  return compute?.state?.['running'] !== undefined;
}

/** What is known of the pod once the phase has moved. */
function podFacts(phase: InstancePhase, pod: Pod): Partial<InstanceStatus> {
  const node = pod.spec.nodeName ?? '';
  const activePods = { [pod.metadata.uid ?? '']: node };
  if (phase === 'Scheduling') {
    return {
      activePods,
      qosClass: 'Burstable',
      runtimeUser: 107,
      launcherContainerImageVersion: LAUNCHER_IMAGE,
    };
  }
  return phase === 'Scheduled' ? { activePods, nodeName: node } : {};
}

function instanceConditions(facts: InstanceFacts, phase: InstancePhase): readonly Condition[] {
  const { instance, pod, missingClaim, stamp } = facts;
  let list = withCondition(instance.status?.conditions, readiness(facts, phase), stamp);
  list = mirrorScheduling(list, pod);
  if (missingClaim !== undefined) {
    const message = `PVC ${missingClaim} does not exist, waiting for it to appear`;
    const reason = 'FailedPvcNotFound';
    return withCondition(list, { type: 'Synchronized', status: 'False', reason, message }, stamp);
  }
  const stale = findCondition(list, 'Synchronized')?.reason === 'FailedPvcNotFound';
  return stale ? withoutCondition(list, 'Synchronized') : list;
}

function readiness({ pod }: InstanceFacts, phase: InstancePhase) {
  const notReady = (reason: string, message: string) =>
    ({ type: 'Ready', status: 'False', reason, message }) as const;
  if (!pod) return notReady('PodNotExists', 'virt-launcher pod has not yet been scheduled');
  if (isDeleting(pod)) return notReady('PodTerminating', 'virt-launcher pod is terminating');
  if (phase !== 'Running') {
    return notReady('GuestNotRunning', 'Guest VM is not reported as running');
  }
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (isTrue(pod.status?.conditions, 'Ready')) return { type: 'Ready', status: 'True' } as const;
  return {
    type: 'Ready',
    status: 'False',
    reason: ready?.reason ?? 'PodConditionMissing',
    message: ready?.message,
  } as const;
}

/** PodScheduled is copied while it is False, and only then. */
function mirrorScheduling(list: readonly Condition[], pod: Pod | undefined): readonly Condition[] {
  const scheduled = findCondition(pod?.status?.conditions, 'PodScheduled');
  if (scheduled?.status !== 'False') return withoutCondition(list, 'PodScheduled');
  return withCondition(list, scheduled, scheduled.lastTransitionTime ?? '');
}
