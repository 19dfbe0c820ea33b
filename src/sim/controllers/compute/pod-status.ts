/** What a kubelet says of a pod at each stage of its life. Pure; the node's clock stamps it. */

import type { Container, ContainerStatus, Pod } from '../../../api/compute.ts';
import type { Condition } from '../../../api/object.ts';
import { type ConditionValue, isTrue, withCondition } from './conditions.ts';

/** `stopped` is the end: nothing of the pod is left on the node. */
export type PodStage = 'mounting' | 'starting' | 'running' | 'stopping' | 'stopped';

/** A container that has failed and will be started again. */
export type Crash = 'exited' | 'backingOff';

export interface PodView {
  readonly pod: Pod;
  readonly stage: PodStage;
  /** Once the sandbox is up. */
  readonly address: string | undefined;
  readonly hostAddress: string | undefined;
  /** Whether probes have found its containers ready; those without a probe are, once they run. */
  readonly isProbed: boolean;
  /** It ended by being killed, not by itself. */
  readonly failed: boolean;
  /** How often its container was started again, and what it is while it is down. */
  readonly restarts?: number;
  readonly crash?: Crash | undefined;
  /** What it left to be read where it ended by itself. */
  readonly message?: string | undefined;
  /** Of the node, as a metav1.Time. */
  readonly stamp: string;
}

export type PodStatus = NonNullable<Pod['status']>;

/** The status to write; the one in place itself where nothing would change. */
export function podStatus(view: PodView): PodStatus {
  const { pod, stamp, address, hostAddress } = view;
  const before: PodStatus = pod.status ?? {};
  const phase = choosePhase(view);
  const conditions = podConditions(view);
  const kept = before.phase === phase ? withReadiness(view) : undefined;
  const isSame = kept === before.containerStatuses && conditions === before.conditions;
  if (kept && isSame && before.startTime) return before;
  return {
    ...before,
    phase,
    conditions,
    startTime: before.startTime ?? stamp,
    ...(hostAddress === undefined || before.hostIP ? {} : { hostIP: hostAddress }),
    containerStatuses: kept ?? containers(view),
    ...(pod.spec.initContainers && !kept ? { initContainerStatuses: initContainers(view) } : {}),
    ...(address === undefined || before.podIP ? {} : { podIP: address, podIPs: [{ ip: address }] }),
  };
}

function choosePhase({ stage, failed, pod }: PodView): NonNullable<PodStatus['phase']> {
  if (stage === 'running') return 'Running';
  if (stage === 'stopped') return failed ? 'Failed' : 'Succeeded';
  return pod.status?.phase ?? 'Pending';
}

function podConditions(view: PodView): readonly Condition[] {
  const { pod, stage, stamp } = view;
  const up = stage === 'running';
  const ready = pod.spec.containers.every((container) => isReady(container, view));
  let list = withCondition(pod.status?.conditions, { type: 'Initialized', status: 'True' }, stamp);
  if (up) list = withCondition(list, { type: SANDBOX_READY, status: 'True' }, stamp);
  list = withCondition(list, readiness(pod, ready, stage), stamp);
  const unready = { status: 'False', ...notRunning(stage) } as const;
  return withCondition(
    list,
    { type: 'ContainersReady', ...(ready ? ({ status: 'True' } as const) : unready) },
    stamp,
  );
}

/**
 * Sandbox and containers are started within one sync of the kubelet, and the status of the next
 * tells of both: the stamp is the time of that status (status_manager.go), not of the sandbox. On
 * by default since Kubernetes 1.29; clients of today take a running pod without it for a broken
 * one.
 */
const SANDBOX_READY = 'PodReadyToStartContainers';

function isReady({ readinessProbe }: Container, view: PodView): boolean {
  const { stage, isProbed, crash } = view;
  return stage === 'running' && !crash && (isProbed || readinessProbe === undefined);
}

function readiness(pod: Pod, ready: boolean, stage: PodStage): ConditionValue {
  if (!ready) return { type: 'Ready', status: 'False', ...notRunning(stage) };
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    if (isTrue(pod.status?.conditions, conditionType)) continue;
    return {
      type: 'Ready',
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: `corresponding condition of pod readiness gate "${conditionType}" does not exist.`,
    };
  }
  return { type: 'Ready', status: 'True' };
}

function notRunning(stage: PodStage): { readonly reason: string; readonly message?: string } {
  return stage === 'stopped' ? { reason: 'PodCompleted' } : { reason: 'ContainersNotReady' };
}

function containers(view: PodView): readonly ContainerStatus[] {
  return view.pod.spec.containers.map((container) => containerStatus(container, view));
}

/** Those that run beside the others are like them; the rest are over before the others start. */
function initContainers(view: PodView): readonly ContainerStatus[] {
  return (view.pod.spec.initContainers ?? []).map((container) => {
    const up = view.stage === 'running';
    if (container.restartPolicy === 'Always') {
      return { ...containerStatus(container, view), started: up };
    }
    const status = { ...containerStatus(container, view), started: false };
    if (view.stage === 'mounting' || view.stage === 'starting') return status;
    const state = { terminated: { exitCode: 0, reason: 'Completed', finishedAt: view.stamp } };
    return { ...status, ready: true, state };
  });
}

/** As told before but for readiness and crashes; the same where neither has changed. */
function withReadiness(view: PodView): readonly ContainerStatus[] | undefined {
  const { spec, status } = view.pod;
  const before = status?.containerStatuses;
  const next = before?.map((each) => {
    const container = spec.containers.find(({ name }) => name === each.name);
    if (container && crashesDiffer(each, view)) return containerStatus(container, view);
    const ready = container ? isReady(container, view) : each.ready;
    return ready === each.ready ? each : { ...each, ready };
  });
  return next?.every((each, i) => each === before?.[i]) ? before : next;
}

function crashesDiffer({ restartCount = 0, state }: ContainerStatus, view: PodView): boolean {
  const { reason } = (state?.['waiting'] ?? {}) as { readonly reason?: string };
  const before = reason === BACKING_OFF.reason ? 'backingOff' : state?.['terminated'] && 'exited';
  return restartCount !== (view.restarts ?? 0) || before !== view.crash;
}

const BACKING_OFF = { reason: 'CrashLoopBackOff' };

function containerStatus(container: Container, view: PodView): ContainerStatus {
  const { name, image = '' } = container;
  const { stage, restarts = 0, crash, message, stamp } = view;
  const end = { terminated: { exitCode: 1, reason: 'Error', message, finishedAt: stamp } };
  /** Before: what it is now stands for itself. */
  const hasEnded = crash === undefined ? restarts > 0 : crash === 'backingOff';
  return {
    name,
    image,
    ready: isReady(container, view),
    restartCount: restarts,
    lastState: hasEnded ? end : {},
    imageID: '',
    state: crash ? (hasEnded ? { waiting: BACKING_OFF } : end) : containerState(stage, view),
  };
}

function containerState(
  stage: PodStage,
  { stamp, failed, message }: PodView,
): Record<string, unknown> {
  if (stage === 'running') return { running: { startedAt: stamp } };
  if (stage !== 'stopped') return { waiting: { reason: 'ContainerCreating' } };
  const exitCode = failed ? 137 : 0;
  const reason = failed ? 'Error' : 'Completed';
  const said = failed || message === undefined ? {} : { message };
  return { terminated: { exitCode, reason, ...said, finishedAt: stamp } };
}
