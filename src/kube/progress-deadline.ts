/**
 * How long something that goes on by itself is waited for: so long without progress, as a
 * Deployment's progressDeadlineSeconds, not so long in all; ten thousand volumes take their time.
 */

import { MINUTE, SECOND } from '../core/duration.ts';

/** What deletions are given by default, from the last one that was done. */
export const DELETION_DEADLINE_US = 10 * MINUTE;

/** Without progress for so long, people are told what is waited for. */
export const TELL_AFTER_US = 30 * SECOND;

/** `stuck` once, until there is progress again. */
export type Progress = 'wait' | 'stuck' | 'over';

/** From now on. */
export function createProgressDeadline(nowUs: number, timeoutUs: number) {
  let least = Number.POSITIVE_INFINITY;
  let sinceUs = nowUs;
  let told = false;
  return {
    /** `left`: how many are waited for now. */
    look(atUs: number, left: number): Progress {
      if (left < least) {
        least = left;
        sinceUs = atUs;
        told = false;
      }
      if (atUs - sinceUs >= timeoutUs) return 'over';
      if (told || atUs - sinceUs < TELL_AFTER_US) return 'wait';
      told = true;
      return 'stuck';
    },
  };
}
