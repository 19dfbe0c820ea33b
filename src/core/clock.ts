/**
 * The one way to tell or to wait for time. Everything that needs it takes a Clock, so the same
 * harness runs in virtual time, in paced time and on the wall clock.
 */

export type TimerKind = 'foreground' | 'background';

export interface WaitOptions {
  /** Background waits (heartbeats, leases) never keep virtual time going by themselves. */
  readonly kind?: TimerKind;
  /** Ends the wait early, by resolving it: the caller looks at the signal. */
  readonly signal?: AbortSignal;
}

export interface Clock {
  /** Monotonic microseconds since this clock's origin. */
  nowUs(): number;
  /** Microseconds since the Unix epoch, for stamps; may be stepped by others. */
  wallUs(): number;
  /** Resolves after `durationUs`, or at once when it is zero or negative. */
  sleep(durationUs: number, options?: WaitOptions): Promise<void>;
  /** Calls back after `delayUs`; returns what cancels it. */
  schedule(delayUs: number, callback: () => void, options?: WaitOptions): () => void;
}
