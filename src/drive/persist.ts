/** Asks again while the server refuses for the moment; for requests that are no operations. */

import type { Clock } from '../core/clock.ts';
import { SECOND } from '../core/duration.ts';
import { answerOf } from './actions.ts';

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
      const answer = answerOf(error);
      const over = signal.aborted || clock.nowUs() >= giveUpUs;
      if (answer.kind === 'rejected' || over) throw error;
      await clock.sleep(answer.afterUs ?? RETRY_US, { signal });
    }
  }
}
