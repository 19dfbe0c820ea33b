/** The wall clock. The only room that touches the machine's timers and time of day. */

import { hrtime } from 'node:process';
import type { Clock, WaitOptions } from './clock.ts';

/** The machine's monotonic time: the same in every thread of a process. */
export function monotonicNs(): bigint {
  return hrtime.bigint();
}

/**
 * A Clock on the machine's monotonic time; its origin is the moment of the call, or that of another
 * thread's clock, whose times are then the same.
 */
export function systemClock(originNs: bigint = hrtime.bigint()): Clock {
  const nowUs = () => Number((hrtime.bigint() - originNs) / 1000n);
  const schedule = (delayUs: number, callback: () => void, options?: WaitOptions) => {
    const timer = setTimeout(callback, Math.max(0, delayUs / 1000));
    if (options?.kind === 'background') timer.unref();
    return () => clearTimeout(timer);
  };
  const sleep = (durationUs: number, options?: WaitOptions) =>
    sleepBy(schedule, durationUs, options);
  return { nowUs, wallUs: () => Date.now() * 1000, sleep, schedule };
}

/** A sleep built from any schedule function; honours the abort signal by resolving early. */
export function sleepBy(
  schedule: Clock['schedule'],
  durationUs: number,
  options?: WaitOptions,
): Promise<void> {
  const signal = options?.signal;
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = schedule(durationUs, done, options);
    const onAbort = () => {
      cancel();
      done();
    };
    function done() {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
