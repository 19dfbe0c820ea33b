/**
 * What a claim says of the pod that works for it (pkg/controller/util.go
 * setAnnotationsFromPodWithPrefix, v1.58.4). One thing is easily missed: a pod that does not run
 * takes the condition Running away from the claim whosever pod it is.
 */

import type { ContainerStatus, Pod } from '../../../../api/compute.ts';
import { ANNOTATION } from '../vocabulary.ts';

type Annotations = Readonly<Record<string, string>>;

/** Names of the three annotations of a condition. */
interface ConditionNames {
  readonly value: string;
  readonly message: string;
  readonly reason: string;
}

const RUNNING: ConditionNames = {
  value: ANNOTATION.running,
  message: ANNOTATION.runningMessage,
  reason: ANNOTATION.runningReason,
};

/** Of the pod that sends the bytes of a copy. */
export const SOURCE_RUNNING: ConditionNames = {
  value: ANNOTATION.sourceRunning,
  message: ANNOTATION.sourceRunningMessage,
  reason: ANNOTATION.sourceRunningReason,
};

/** Nothing before its kubelet has told of its containers. */
export function reportPod({ status }: Pod, names: ConditionNames = RUNNING): Annotations {
  const [container] = status?.containerStatuses ?? [];
  if (!container) return {};
  return {
    [ANNOTATION.podRestarts]: String(container.restartCount ?? 0),
    ...reportContainer(container, names),
  };
}

export function isReady({ status }: Pod): boolean {
  const { containerStatuses = [] } = status ?? {};
  return containerStatuses.length > 0 && containerStatuses.every(({ ready }) => ready);
}

function reportContainer({ state = {} }: ContainerStatus, names: ConditionNames): Annotations {
  const said = (message = '', reason = '') => ({
    [names.message]: message,
    [names.reason]: reason,
  });
  if (state['running']) return { [names.value]: 'true', ...said('', 'Pod is running') };
  const stopped = { [ANNOTATION.running]: 'false' };
  const { waiting, terminated } = state as Partial<Record<string, Ended>>;
  // What the container said last is kept while it waits to be started again.
  if (waiting?.reason === 'CrashLoopBackOff') return stopped;
  const { message, reason } = waiting ?? terminated ?? {};
  return { ...stopped, ...said(message && readMessage(message), reason) };
}

interface Ended {
  readonly reason?: string;
  readonly message?: string;
}

/** Since v1.59 containers leave JSON. */
function readMessage(text: string): string {
  try {
    return String((JSON.parse(text) as Ended).message ?? '');
  } catch {
    return text;
  }
}
