/**
 * The shape of every controller: a deduplicating work queue of keys and a few workers that bring
 * the world one step nearer to the spec of the key's object. Level-based: a key says which object
 * to look at, never what happened. Semantics of client-go's workqueue.
 */

import type { Clock } from '../core/clock.ts';
import { MILLISECOND, SECOND } from '../core/duration.ts';
import { createFifo } from '../core/fifo.ts';
import { isAlreadyExists, isConflict } from './api-error.ts';
import { type BackoffPolicy, backoffUs } from './backoff.ts';

/** When to look again by itself; undefined waits for the next change. */
export type ReconcileResult = { readonly afterUs: number } | undefined;

export interface ControllerOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly workers: number;
  /** One step for the object of `key`; a rejection is retried with back-off. */
  readonly reconcile: (key: string) => Promise<ReconcileResult>;
  readonly backoff?: BackoffPolicy;
  /** Told of each failed step, unless only a copy was behind. */
  readonly onError?: (error: unknown, key: string) => void;
}

export interface Controller {
  /** Asks for a look at `key`; one look serves all who asked before it starts. */
  enqueue(key: string): void;
  enqueueAfter(key: string, delayUs: number): void;
  stop(): void;
  /** Keys that wait for a worker. */
  depth(): number;
}

/** client-go's default: 5 ms doubling to 1,000 s. */
const DEFAULT_BACKOFF: BackoffPolicy = {
  firstUs: 5 * MILLISECOND,
  maxUs: 1000 * SECOND,
  factor: 2,
};

export function startController(options: ControllerOptions): Controller {
  const { clock, reconcile } = options;
  const backoff = options.backoff ?? DEFAULT_BACKOFF;
  const ready = createFifo<string>();
  /** Of each key that anybody waits for; `again` where it was asked for while it is worked on. */
  const states = new Map<string, 'waiting' | 'working' | 'again'>();
  const failures = new Map<string, number>();
  let idle = options.workers;
  let stopped = false;

  const enqueue = (key: string) => {
    if (stopped) return;
    const state = states.get(key);
    if (state === 'working') states.set(key, 'again');
    if (state !== undefined) return;
    states.set(key, 'waiting');
    ready.push(key);
    startWorkers();
  };
  const enqueueAfter = (key: string, delayUs: number) => {
    if (delayUs <= 0) enqueue(key);
    else clock.schedule(delayUs, () => enqueue(key));
  };
  const startWorkers = () => {
    while (idle > 0 && ready.size > 0) {
      idle -= 1;
      void work();
    }
  };
  const work = async () => {
    for (let key = ready.shift(); key !== undefined && !stopped; key = ready.shift()) {
      states.set(key, 'working');
      await step(key);
      const again = states.get(key) === 'again';
      states.delete(key);
      if (again) enqueue(key);
    }
    idle += 1;
  };
  const step = async (key: string) => {
    try {
      const result = await reconcile(key);
      failures.delete(key);
      if (result) enqueueAfter(key, result.afterUs);
    } catch (error) {
      const attempt = failures.get(key) ?? 0;
      failures.set(key, attempt + 1);
      if (!isBehind(error) && !isPassing(error)) options.onError?.(error, key);
      enqueueAfter(key, backoffUs(backoff, attempt));
    }
  };
  return {
    enqueue,
    enqueueAfter,
    stop: () => {
      stopped = true;
    },
    depth: () => ready.size,
  };
}

/** Changed, or made, by somebody whose write has not been seen yet. */
function isBehind(error: unknown): boolean {
  return isConflict(error) || isAlreadyExists(error);
}

const PASSING = Symbol('passing');

/** A failure that the next look mends, as it does in every run of the real controller. */
export function passingFailure(message: string): Error {
  return new Error(message, { cause: PASSING });
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && error.cause === PASSING;
}
