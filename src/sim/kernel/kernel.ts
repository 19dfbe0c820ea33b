/**
 * The discrete-event kernel in virtual time: it fires the next timers, lets every promise they
 * resolved settle, and only then lets time move on. Nothing inside a run may wait for anything but
 * this clock or a Transport built on it: the kernel sees no other waits and would jump past them.
 */

import { BrokenInvariant } from '../../core/assert.ts';
import type { Clock, WaitOptions } from '../../core/clock.ts';
import { sleepBy } from '../../core/system-clock.ts';
import { UsageError } from '../../core/usage-error.ts';
import { stepWhenSettled } from './settling.ts';
import { createTimerQueue, type TimerQueue } from './timer-queue.ts';

export interface Kernel extends Clock {
  /**
   * A callback that resolves no promise, directly or through others: many of them may fire
   * without a settling turn between. For hot stations only; `schedule` is always safe.
   */
  scheduleQuiet(delayUs: number, callback: () => void): void;
  /** Ends the run with this error: for defects in what only timers call. */
  crash(error: unknown): void;
  /**
   * Moves time until `main` is done; its outcome is the outcome.
   * Throws BrokenInvariant where nothing but background timers is left while `main` waits;
   * `describeWaits` then names who waits for what.
   */
  run<T>(main: () => Promise<T>, describeWaits?: () => string): Promise<T>;
}

/** Virtual time starts here, 2024-06-01T00:00:00Z, so that the same seed gives the same stamps. */
const VIRTUAL_EPOCH_UNIX_US = 1_717_200_000 * 1e6;

export function createKernel(epochUnixUs = VIRTUAL_EPOCH_UNIX_US): Kernel {
  const queue = createTimerQueue();
  const lastUs = Number.MAX_SAFE_INTEGER - epochUnixUs;
  const state: KernelState = { nowUs: 0, lastUs, unsettled: true, crashed: undefined, queue };
  const schedule = (delayUs: number, callback: () => void, options?: WaitOptions) => {
    const dueUs = state.nowUs + Math.max(0, Math.round(delayUs));
    const timer = queue.add(dueUs, callback, options?.kind ?? 'foreground');
    return () => queue.cancel(timer);
  };
  return {
    nowUs: () => state.nowUs,
    wallUs: () => epochUnixUs + state.nowUs,
    schedule,
    sleep: (durationUs, options) => sleepBy(schedule, durationUs, options),
    scheduleQuiet(delayUs, callback) {
      queue.add(state.nowUs + Math.max(0, Math.round(delayUs)), callback, 'foreground', true);
    },
    crash(error) {
      state.crashed ??= { error };
    },
    run: (main, describeWaits) => run(state, main, describeWaits),
  };
}

const TOO_LONG =
  'simulated time goes beyond the year 2255: ' +
  'a duration of the scenario is too long, or a rate too low';

interface KernelState {
  nowUs: number;
  /** Later than that, microseconds since 1970 are no longer exact. */
  readonly lastUs: number;
  /** True when a fired callback may have resolved a promise. */
  unsettled: boolean;
  crashed: { readonly error: unknown } | undefined;
  readonly queue: TimerQueue;
}

function run<T>(
  state: KernelState,
  main: () => Promise<T>,
  describeWaits?: () => string,
): Promise<T> {
  let done = false;
  const outcome = main().finally(() => {
    done = true;
  });
  // The rejection reaches the caller through the promise below.
  outcome.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const step = () => {
      state.unsettled = false;
      while (!state.unsettled) {
        if (state.crashed) throw state.crashed.error;
        if (done) return false;
        advance(state, describeWaits);
      }
      return true;
    };
    stepWhenSettled(() => {
      try {
        const goesOn = step();
        if (!goesOn) resolve(outcome);
        return goesOn;
      } catch (error) {
        reject(error);
        return false;
      }
    });
  });
}

/** Jumps to the next due time and fires all that is due then. */
function advance(state: KernelState, describeWaits?: () => string): void {
  const { queue } = state;
  const dueUs = queue.nextDueUs();
  if (dueUs === undefined || queue.foreground === 0) {
    throw new BrokenInvariant(
      `virtual time stands still at ${state.nowUs} us: ${queue.size} background timers are left ` +
        `and the run waits for ${describeWaits?.() ?? 'something that no timer will bring'}`,
    );
  }
  if (dueUs > state.lastUs) throw new UsageError(TOO_LONG);
  state.nowUs = dueUs;
  for (let timer = queue.takeDue(dueUs); timer; timer = queue.takeDue(dueUs)) {
    if (!timer.quiet) state.unsettled = true;
    timer.callback();
  }
}
