/**
 * The one retry policy: what is worth asking again, after how long, and how often. Every loop
 * against a server takes its pauses from here: exponential with jitter, no shorter for one that
 * asks for no pause at all, and never longer than a bound for one that asks for days.
 */

import { TransportError } from '../api/transport.ts';
import type { Clock } from '../core/clock.ts';
import { MILLISECOND, SECOND } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';
import { ApiError } from './api-error.ts';
import { type BackoffPolicy, jitteredBackoffUs } from './backoff.ts';

export const RETRY_BACKOFF: BackoffPolicy = {
  firstUs: 500 * MILLISECOND,
  maxUs: 30 * SECOND,
  factor: 2,
};

/** Longer pauses are not kept, whatever the server wishes for. */
const ASKED_MAX_US = 30 * SECOND;

export interface RetryOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  /** Once aborted, the request is not made again. */
  readonly signal?: AbortSignal | undefined;
  readonly backoff?: BackoffPolicy;
  /** After this long, the last failure is the answer. */
  readonly timeoutUs: number;
  /** The same after so many requests. */
  readonly triesMax?: number;
  /** What is asked again; whatever may pass by itself where undefined. */
  readonly isPassing?: (error: unknown) => boolean;
  /** Told of each failure that is not the last. */
  readonly onRetry?: (error: unknown) => void;
}

/** The pause after `failures` failures in a row, of which there is at least one. */
export function retryPauseUs(
  backoff: BackoffPolicy,
  failures: number,
  rng: Rng,
  askedSeconds?: number,
): number {
  const ownUs = jitteredBackoffUs(backoff, failures - 1, rng);
  if (askedSeconds === undefined || !(askedSeconds > 0)) return ownUs;
  return Math.max(ownUs, Math.min(askedSeconds * SECOND, ASKED_MAX_US));
}

/** The answer; rejects with the last failure once the time is up, or where it is for good. */
export async function retry<T>(options: RetryOptions, request: () => Promise<T>): Promise<T> {
  const { clock, rng, signal, backoff = RETRY_BACKOFF, isPassing = mayPass } = options;
  const giveUpUs = clock.nowUs() + options.timeoutUs;
  for (let tries = 1; ; tries++) {
    try {
      return await request();
    } catch (error) {
      const isOver = signal?.aborted || clock.nowUs() >= giveUpUs || tries === options.triesMax;
      if (isOver || !isPassing(error)) throw error;
      options.onRetry?.(error);
      const wishedUs = retryPauseUs(backoff, tries, rng, askedSecondsOf(error));
      // The last request is made when time is up, whatever pause the server wishes for.
      const pauseUs = Math.min(wishedUs, giveUpUs - clock.nowUs());
      await clock.sleep(pauseUs, signal === undefined ? {} : { signal });
      if (signal?.aborted) throw error;
    }
  }
}

/** No answer, or one that says: not now. */
function mayPass(error: unknown): boolean {
  if (error instanceof TransportError) return true;
  return error instanceof ApiError && isPassingStatus(error.code);
}

export function isPassingStatus(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Of an answer that says so, an API server's or another's. */
function askedSecondsOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('retryAfterSeconds' in error)) return undefined;
  return typeof error.retryAfterSeconds === 'number' ? error.retryAfterSeconds : undefined;
}
