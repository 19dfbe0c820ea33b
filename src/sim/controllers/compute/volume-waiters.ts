/**
 * Pods that no node may have before their claims are bound, as kube-scheduler's queue keeps them
 * (pkg/scheduler/backend/queue/scheduling_queue.go): one that was refused waits for a change that
 * may help it, and then out its back-off, which is over at the queue's next look, once a second.
 */

import type { Pod } from '../../../api/compute.ts';
import { CLAIMS, VOLUMES } from '../../../api/resources.ts';
import { SECOND } from '../../../core/duration.ts';
import { backoffUs } from '../../../kube/backoff.ts';
import { makeObjectKey, objectKey } from '../../../kube/informer.ts';
import { has } from '../../../parameters/release.ts';
import type { ComputeLab } from './lab.ts';

export interface VolumeWaiters {
  /** Its claims, by name, are not bound: `retry` is told its key once it is to be tried again. */
  refused(pod: Pod, claims: readonly string[]): void;
  /** Whether it was refused before; what is written into it meanwhile helps nobody. */
  has(pod: Pod): boolean;
  /** It has its volumes, or is gone. */
  forget(pod: Pod): void;
}

/** podInitialBackoffSeconds and podMaxBackoffSeconds of KubeSchedulerConfiguration. */
const BACKOFF = { firstUs: SECOND, maxUs: 10 * SECOND, factor: 2 };

/** flushBackoffQCompleted, since the scheduler began. */
const FLUSH_US = SECOND;

interface Waiter {
  /** Of all tries. */
  readonly refusals: number;
  readonly refusedUs: number;
}

export function createVolumeWaiters(
  lab: ComputeLab,
  retry: (podKey: string) => void,
): VolumeWaiters {
  const { clock, parameters } = lab;
  const startUs = clock.nowUs();
  const waiters = new Map<string, Waiter>();
  /** Keys of refused pods that no change has helped yet, and the keys of their claims. */
  const idle = new Map<string, readonly string[]>();
  const move = (pod: string) => {
    const waiter = waiters.get(pod) as Waiter;
    idle.delete(pod);
    const restUs = waiter.refusedUs + backoffUs(BACKOFF, waiter.refusals - 1) - clock.nowUs();
    if (restUs <= 0 || has(parameters, 'backoffCutShort')) return retry(pod);
    const looks = Math.ceil((clock.nowUs() + restUs - startUs) / FLUSH_US);
    clock.schedule(startUs + looks * FLUSH_US - clock.nowUs(), () => retry(pod));
  };
  const moveAll = () => {
    for (const pod of idle.keys()) move(pod);
  };
  lab.informer(CLAIMS).onChange((now) => {
    if (!now || idle.size === 0) return;
    if (!has(parameters, 'schedulerHints')) return moveAll();
    const claim = makeObjectKey(now);
    for (const [pod, claims] of idle) if (claims.includes(claim)) move(pod);
  });
  lab.informer(VOLUMES).onChange((now) => {
    if (now) moveAll();
  });
  return {
    refused(pod, claims) {
      const key = makeObjectKey(pod);
      const refusals = (waiters.get(key)?.refusals ?? 0) + 1;
      waiters.set(key, { refusals, refusedUs: clock.nowUs() });
      idle.set(
        key,
        claims.map((name) => objectKey(pod.metadata.namespace, name)),
      );
    },
    has: (pod) => waiters.has(makeObjectKey(pod)),
    forget(pod) {
      const key = makeObjectKey(pod);
      waiters.delete(key);
      idle.delete(key);
    },
  };
}
