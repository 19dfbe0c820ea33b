/** A pod's READY, STATUS and RESTARTS, as printPod of Kubernetes' printers works them out. */

import type { KubeObject } from '../../../api/object.ts';
import { formatAge } from './human-duration.ts';

interface ContainerState {
  readonly running?: unknown;
  readonly waiting?: { readonly reason?: string };
  readonly terminated?: {
    readonly reason?: string;
    readonly signal?: number;
    readonly exitCode?: number;
    readonly finishedAt?: string;
  };
}

interface ContainerStatus {
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface PodLike {
  readonly spec?: {
    readonly containers?: readonly unknown[];
    readonly initContainers?: readonly unknown[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly conditions?: readonly { type: string; status: string; reason?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** `1/1`. */
export function podReady(object: KubeObject): string {
  const pod = object as PodLike;
  const running = (pod.status?.containerStatuses ?? []).filter(isUp);
  return `${running.length}/${pod.spec?.containers?.length ?? 0}`;
}

/** `Running`, `Terminating`, `ContainerCreating`, `Init:0/1`, ... */
export function podStatus(object: KubeObject): string {
  const pod = object as PodLike;
  if (object.metadata.deletionTimestamp !== undefined) {
    return pod.status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  }
  const initializing = initReason(pod);
  if (initializing !== undefined && !isTrue(pod, 'Initialized')) return initializing;
  const reason = containersReason(pod);
  if (reason !== 'Completed' || !(pod.status?.containerStatuses ?? []).some(isUp)) return reason;
  return isTrue(pod, 'Ready') ? 'Running' : 'NotReady';
}

/** `0`, or `2 (5m ago)`. */
export function podRestarts(object: KubeObject, nowUnixUs: number): string {
  const statuses = (object as PodLike).status?.containerStatuses ?? [];
  const restarts = statuses.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0);
  const times = statuses.flatMap(({ lastState }) => lastState?.terminated?.finishedAt ?? []);
  const last = times.sort().at(-1);
  return restarts === 0 || last === undefined
    ? String(restarts)
    : `${restarts} (${formatAge(last, nowUnixUs)} ago)`;
}

function isUp({ ready, state }: ContainerStatus): boolean {
  return ready === true && state?.running !== undefined;
}

function isTrue(pod: PodLike, type: string): boolean {
  return (
    pod.status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false
  );
}

function initReason(pod: PodLike): string | undefined {
  const statuses = pod.status?.initContainerStatuses ?? [];
  for (const [i, { state }] of statuses.entries()) {
    if (state?.terminated?.exitCode === 0) continue;
    if (state?.terminated) return `Init:${describeExit(state.terminated)}`;
    const waiting = state?.waiting?.reason;
    if (waiting && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${i}/${pod.spec?.initContainers?.length ?? 0}`;
  }
  return undefined;
}

function containersReason(pod: PodLike): string {
  const gated = pod.status?.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  let reason = gated ? 'SchedulingGated' : (pod.status?.reason ?? pod.status?.phase ?? 'Unknown');
  for (const { state } of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    if (state?.waiting?.reason) reason = state.waiting.reason;
    else if (state?.terminated) reason = describeExit(state.terminated);
  }
  return reason;
}

function describeExit(terminated: NonNullable<ContainerState['terminated']>): string {
  if (terminated.reason) return terminated.reason;
  if (terminated.signal) return `Signal:${terminated.signal}`;
  return `ExitCode:${terminated.exitCode ?? 0}`;
}
