/** Asks again while the server refuses for the moment; for requests that nobody times. */

import { TransportError } from '../api/transport.ts';
import type { Clock } from '../core/clock.ts';
import { SECOND } from '../core/duration.ts';
import { ApiError } from './api-error.ts';

export interface Patience {
  readonly clock: Clock;
  readonly patienceUs: number;
  /** Once aborted, the request is not made again. */
  readonly signal: AbortSignal;
}

const RETRY_US = 5 * SECOND;

/** The answer; rejects with the last failure once patience is over, or where it is for good. */
export async function persist<T>(
  { clock, patienceUs, signal }: Patience,
  request: () => Promise<T>,
): Promise<T> {
  const giveUpUs = clock.nowUs() + patienceUs;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      const over = signal.aborted || clock.nowUs() >= giveUpUs;
      if (!isPassing(error) || over) throw error;
      await clock.sleep(pauseUs(error), { signal });
    }
  }
}

/** No answer, or one that says: not now. */
function isPassing(error: unknown): boolean {
  if (error instanceof TransportError) return true;
  return error instanceof ApiError && (error.code === 429 || error.code >= 500);
}

function pauseUs(error: unknown): number {
  const seconds = error instanceof ApiError ? error.retryAfterSeconds : undefined;
  return seconds === undefined ? RETRY_US : seconds * SECOND;
}
