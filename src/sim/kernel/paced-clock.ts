/**
 * The kernel at a pace: the same timers as in virtual time, but simulated time passes as a multiple
 * of the wall clock's. Timers fire at exactly their due times, however late the machine gets to
 * them: what is late is only what the outside sees, and the lag says by how much.
 */

import type { Clock, WaitOptions } from '../../core/clock.ts';
import { settle } from '../../core/settle.ts';
import { sleepBy } from '../../core/system-clock.ts';
import type { Kernel } from './kernel.ts';
import { createTimerQueue, type TimerQueue } from './timer-queue.ts';

export interface PacedKernel extends Kernel {
  /** Simulated seconds in one of the wall clock's. */
  readonly speed: number;
  /** For what comes from outside: runs `callback` at the paced time, in order with the timers. */
  inject(callback: () => void): void;
  /** How far simulated time is behind its pace, in simulated microseconds; 0 when idle. */
  lagUs(): number;
  /** The largest lag so far. */
  worstLagUs(): number;
}

export interface PacedKernelOptions {
  readonly speed: number;
  /** The real clock. */
  readonly wall: Clock;
  /** What simulated stamps begin with, microseconds since 1970; the wall clock's where absent. */
  readonly epochUnixUs?: number;
  /** Told of what a timer's callback threw, after which time goes on; absent, that ends the run. */
  readonly onThrow?: (error: unknown) => void;
}

interface PacedState {
  nowUs: number;
  unsettled: boolean;
  crashed: { readonly error: unknown } | undefined;
  worstLagUs: number;
  wake: () => void;
  readonly queue: TimerQueue;
  readonly pacedUs: () => number;
}

export function createPacedKernel(options: PacedKernelOptions): PacedKernel {
  const { speed, wall } = options;
  const originUs = wall.nowUs();
  const epochUnixUs = options.epochUnixUs ?? wall.wallUs();
  const state: PacedState = {
    nowUs: 0,
    unsettled: true,
    crashed: undefined,
    worstLagUs: 0,
    wake: () => {},
    queue: createTimerQueue(),
    pacedUs: () => (wall.nowUs() - originUs) * speed,
  };
  const { onThrow } = options;
  const loud = (callback: () => void) => () => {
    state.unsettled = true;
    if (onThrow) survived(callback, onThrow);
    else callback();
  };
  const schedule = (delayUs: number, callback: () => void, wait?: WaitOptions) => {
    const dueUs = state.nowUs + Math.max(0, Math.round(delayUs));
    const timer = state.queue.add(dueUs, loud(callback), wait?.kind ?? 'foreground');
    state.wake();
    return () => state.queue.cancel(timer);
  };
  return {
    speed,
    nowUs: () => state.nowUs,
    wallUs: () => epochUnixUs + state.nowUs,
    schedule,
    sleep: (durationUs, wait) => sleepBy(schedule, durationUs, wait),
    scheduleQuiet: (delayUs, callback) => {
      schedule(delayUs, callback);
    },
    crash(error) {
      state.crashed ??= { error };
      state.wake();
    },
    inject(callback) {
      const arrivedUs = Math.max(state.nowUs, Math.round(state.pacedUs()));
      state.queue.add(arrivedUs, loud(callback), 'foreground');
      state.wake();
    },
    lagUs: () => getLag(state),
    worstLagUs: () => state.worstLagUs,
    run: (main) => run(state, speed, wall, main),
  };
}

function survived(callback: () => void, onThrow: (error: unknown) => void): void {
  try {
    callback();
  } catch (error) {
    onThrow(error);
  }
}

/** Nothing is late unless a timer is overdue. */
function getLag({ queue, pacedUs }: PacedState): number {
  const dueUs = queue.nextDueUs();
  return dueUs === undefined ? 0 : Math.max(0, Math.round(pacedUs() - dueUs));
}

async function run<T>(
  state: PacedState,
  speed: number,
  wall: Clock,
  main: () => Promise<T>,
): Promise<T> {
  let done = false;
  const outcome = main().finally(() => {
    done = true;
    state.wake();
  });
  // The rejection reaches the caller through the return below.
  outcome.catch(() => undefined);
  for (;;) {
    if (state.unsettled) {
      state.unsettled = false;
      await settle();
    }
    if (state.crashed) throw state.crashed.error;
    if (done) return outcome;
    const waitUs = advance(state);
    if (waitUs === undefined || waitUs > 0) await idle(state, wall, waitUs, speed);
  }
}

/** Fires what is due next, if its time has come; otherwise how long until then, in simulated us. */
function advance(state: PacedState): number | undefined {
  const { queue } = state;
  const dueUs = queue.nextDueUs();
  if (dueUs === undefined) return undefined;
  const aheadUs = dueUs - state.pacedUs();
  if (aheadUs > 0) return aheadUs;
  state.worstLagUs = Math.max(state.worstLagUs, Math.round(-aheadUs));
  state.nowUs = Math.max(state.nowUs, dueUs);
  for (let timer = queue.takeDue(dueUs); timer; timer = queue.takeDue(dueUs)) timer.callback();
  return 0;
}

/** Until the time has come, or something new may be due earlier. */
function idle(
  state: PacedState,
  wall: Clock,
  waitUs: number | undefined,
  speed: number,
): Promise<void> {
  return new Promise((resolve) => {
    const cancel =
      waitUs === undefined ? () => {} : wall.schedule(waitUs / speed, () => state.wake());
    state.wake = () => {
      state.wake = () => {};
      cancel();
      resolve();
    };
  });
}
