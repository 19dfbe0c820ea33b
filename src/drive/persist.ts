/** Asks again while the server refuses for the moment; for requests that are no operations. */

import type { Clock } from '../core/clock.ts';
import { SECOND } from '../core/duration.ts';
import { answerOf } from './actions.ts';

const RETRY_US = 5 * SECOND;

/** The answer; rejects with the last failure once `patienceUs` are over, or it is for good. */
export async function persist<T>(
  clock: Clock,
  patienceUs: number,
  request: () => Promise<T>,
): Promise<T> {
  const giveUpUs = clock.nowUs() + patienceUs;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      const answer = answerOf(error);
      if (answer.kind === 'rejected' || clock.nowUs() >= giveUpUs) throw error;
      await clock.sleep(answer.afterUs ?? RETRY_US);
    }
  }
}
