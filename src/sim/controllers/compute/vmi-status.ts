/**
 * What virt-controller writes into a VMI's status: phases up to Scheduled, the ends that no
 * node reports, and the conditions that mirror the pod. Pure; from Running on the node's
 * virt-handler writes the rest (kubevirt v1.1.1 pkg/virt-controller/watch/vmi.go updateStatus).
 */

import type { VmiPhase, Pod, VirtualMachineInstance } from '../../../api/compute.ts';
import type { Condition } from '../../../api/object.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../api/storage.ts';
import { has, type Release } from '../../../parameters/release.ts';
import { formatQuantity } from '../../../core/bytes.ts';
import { sameJson } from '../../../core/json.ts';
import { findCondition, replacing, withoutCondition } from './conditions.ts';
import { COMPUTE_CONTAINER, MEMORY_OVERHEAD } from './launcher-pod.ts';
import { isDeleting } from '../chassis/ownership.ts';
import { isFinal } from './run-strategy.ts';
import { type Plugged, vmiVolumes } from './volume-status.ts';

export type VmiStatus = NonNullable<VirtualMachineInstance['status']>;

/** What kept the last step from being done. */
export interface SyncFailure {
  readonly reason: 'FailedPvcNotFound' | 'FailedCreate';
  readonly message: string;
}

export interface VmiFacts {
  readonly vmi: VirtualMachineInstance;
  /** Its launcher pod; undefined where there is none (yet, or any more). */
  readonly pod: Pod | undefined;
  readonly failure: SyncFailure | undefined;
  /** A claim of the VMI's namespace. */
  readonly claim: (name: string) => PersistentVolumeClaim | undefined;
  /** Those behind its volumes, where the release tells of them. */
  readonly dataVolumes?: readonly DataVolume[] | undefined;
  readonly release: Release;
  /** Now as a metav1.Time. */
  readonly stamp: string;
  /** What was plugged into it while it ran; nothing where undefined. */
  readonly plugged?: Plugged | undefined;
}

/** The status to write; the one in place itself where nothing would change. */
export function vmiStatus(facts: VmiFacts): VmiStatus {
  const { vmi } = facts;
  const before: VmiStatus = vmi.status ?? {};
  const phase = nextPhase(facts);
  const entered = phase === before.phase ? before : enterPhase(before, phase, facts.stamp);
  const now: VmiStatus = {
    ...entered,
    ...podFacts(facts, before, phase),
    ...volumeFacts(facts, phase),
    conditions: vmiConditions(facts),
  };
  return sameJson(now, before) ? before : now;
}

/** Enters a phase: the first time of each is stamped, in whole seconds. */
export function enterPhase(status: VmiStatus, phase: VmiPhase, stamp: string): VmiStatus {
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
export function isUnprocessed(vmi: VirtualMachineInstance): boolean {
  const phase = vmi.status?.phase;
  return phase === undefined || phase === 'Pending';
}

export function isPodDown(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

function nextPhase({ vmi, pod }: VmiFacts): VmiPhase {
  const phase = vmi.status?.phase;
  if (phase !== undefined && isFinal(vmi)) return phase;
  if (!pod) return isUnprocessed(vmi) && !isDeleting(vmi) ? 'Pending' : 'Failed';
  if (pod.status?.phase === 'Failed') return 'Failed';
  if (isUnprocessed(vmi)) return 'Scheduling';
  if (phase === 'Scheduling') {
    if (isPodDown(pod)) return 'Failed';
    return isPodUp(pod) && !isDeleting(vmi) ? 'Scheduled' : 'Scheduling';
  }
  return phase ?? 'Unknown';
}

/** The guest's container runs, whether it is ready or not, and all others are ready. */
function isPodUp({ status, metadata }: Pod): boolean {
  if (status?.phase !== 'Running' || metadata.deletionTimestamp !== undefined) return false;
  return (
    status.containerStatuses?.every(({ name, ready, state }) =>
      name === COMPUTE_CONTAINER ? state?.['running'] !== undefined : ready,
    ) ?? false
  );
}

/** What is copied from the pod: where it is, its image, and once it is scheduled its class. */
function podFacts(facts: VmiFacts, before: VmiStatus, phase: VmiPhase): Partial<VmiStatus> {
  const { pod } = facts;
  if (!pod) return {};
  const node = pod.spec.nodeName ?? '';
  const compute = pod.spec.containers.find(({ name }) => name === COMPUTE_CONTAINER);
  const qosClass = pod.status?.qosClass;
  return {
    activePods: { [pod.metadata.uid ?? '']: node },
    launcherContainerImageVersion: compute?.image ?? '',
    ...memoryFacts(before, pod),
    ...(before.phase === 'Scheduling' && qosClass ? { qosClass } : {}),
    ...(phase === 'Scheduled' && before.phase !== 'Scheduled'
      ? { nodeName: node, migrationTransport: 'Unix', ...networkFacts(facts) }
      : {}),
  };
}

/** What the launcher costs beside its guest, where the release has its pod say so. */
function memoryFacts(before: VmiStatus, { metadata }: Pod): Partial<VmiStatus> {
  const bytes = Number(metadata.annotations?.[MEMORY_OVERHEAD]);
  if (Number.isNaN(bytes)) return {};
  return { memory: { ...before.memory, memoryOverhead: formatQuantity(bytes) } };
}

/** Which of the pod's interfaces the guest's is behind. */
function networkFacts(facts: VmiFacts): Partial<VmiStatus> {
  if (!has(facts, 'podInterfaceTold')) return {};
  return { interfaces: [{ name: 'default', podInterfaceName: 'eth0' }] };
}

/** The claims behind the volumes: told with Scheduled, and brought up to date while it runs. */
function volumeFacts(facts: VmiFacts, phase: VmiPhase): Partial<VmiStatus> {
  const { vmi, pod, claim, plugged } = facts;
  const before = vmi.status?.phase;
  const tells = before === 'Running' || (phase === 'Scheduled' && before !== 'Scheduled');
  if (!tells || !pod) return {};
  const namesClaims = has(facts, 'claimNamed');
  return { volumeStatus: vmiVolumes(vmi, claim, { plugged, namesClaims }) };
}

function vmiConditions(facts: VmiFacts): readonly Condition[] {
  const { vmi, pod, failure, stamp } = facts;
  const phase = vmi.status?.phase;
  let list = replacing(vmi.status?.conditions, readiness(facts));
  const disks = disksReady(facts.dataVolumes ?? []);
  if (disks) list = replacing(list, disks);
  // Whoever else writes now is the node's virt-handler, or nobody.
  if (phase === 'Scheduled' || phase === 'Running') return list;
  if (phase === 'Scheduling' && pod) list = mirrorScheduling(list, pod);
  if (failure?.reason === 'FailedPvcNotFound' && !pod) {
    list = [...withoutCondition(list, 'PodScheduled'), unschedulable(failure.message)];
  }
  if (!failure) return withoutCondition(list, 'Synchronized');
  const known = findCondition(list, 'Synchronized');
  if (known?.status === 'False' && known.reason === failure.reason) return list;
  return [
    ...withoutCondition(list, 'Synchronized'),
    {
      type: 'Synchronized',
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime: stamp,
      ...failure,
    },
  ];
}

/** One that is surely not ready outweighs one of which nothing is known. */
function disksReady(dataVolumes: readonly DataVolume[]): Condition | undefined {
  if (dataVolumes.length === 0) return undefined;
  const all = dataVolumes.map(
    ({ status }) => findCondition(status?.conditions, 'Ready')?.status ?? 'Unknown',
  );
  const status = (['False', 'Unknown'] as const).find((each) => all.includes(each)) ?? 'True';
  return {
    type: 'DataVolumesReady',
    status,
    lastProbeTime: null,
    lastTransitionTime: null,
    ...(status === 'True'
      ? { reason: 'AllDVsReady', message: "All of the VMI's DVs are bound and ready" }
      : { reason: 'NotAllDVsReady', message: "Not all of the VMI's DVs are ready" }),
  };
}

function unschedulable(message: string): Condition {
  return {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: null,
    reason: 'Unschedulable',
    message,
  };
}

/** Of a running guest the pod's own condition with its stamps, which are older than the write. */
function readiness({ vmi, pod, stamp }: VmiFacts): Condition {
  const notReady = (reason: string, message: string): Condition => ({
    type: 'Ready',
    status: 'False',
    lastProbeTime: stamp,
    lastTransitionTime: stamp,
    reason,
    message,
  });
  if (!pod) return notReady('PodNotExists', 'virt-launcher pod has not yet been scheduled');
  if (isDeleting(pod) || isPodDown(pod)) {
    return notReady('PodTerminating', 'virt-launcher pod is terminating');
  }
  if (vmi.status?.phase !== 'Running') {
    return notReady('GuestNotRunning', 'Guest VM is not reported as running');
  }
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (!ready) {
    return notReady('PodConditionMissing', 'virt-launcher pod is missing the Ready condition');
  }
  const { status, lastProbeTime = null, lastTransitionTime = null, reason, message } = ready;
  return {
    type: 'Ready',
    status,
    lastProbeTime,
    lastTransitionTime,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
  };
}

/** PodScheduled is copied while it is False, and only then. */
function mirrorScheduling(list: readonly Condition[], pod: Pod): readonly Condition[] {
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.status !== 'False') return withoutCondition(list, 'PodScheduled');
  return findCondition(list, 'PodScheduled') ? list : [...list, scheduled];
}
