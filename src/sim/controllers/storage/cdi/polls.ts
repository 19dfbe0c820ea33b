/**
 * Requeues of CDI that poll a cached fact every few seconds, without a timer while nothing happens:
 * who waits is woken when the fact changes, at the moment of the poll that would have seen it.
 */

import type { Clock } from '../../../../core/clock.ts';

export interface Polls {
  /** `key` looks again at `subject` every `periodUs` from its first wait on. */
  wait(subject: string, key: string): void;
  /** Something about `subject` may have changed. */
  changed(subject: string): void;
}

export function createPolls(
  clock: Clock,
  periodUs: number,
  enqueueAfter: (key: string, delayUs: number) => void,
  /** Every poll is a look of its own, where looks that find nothing leave a trace. */
  looksEachTime: boolean,
): Polls {
  const waiting = new Map<string, Map<string, number>>();
  return {
    wait(subject, key) {
      let keys = waiting.get(subject);
      if (!keys) {
        keys = new Map();
        waiting.set(subject, keys);
      }
      if (!keys.has(key)) keys.set(key, clock.nowUs());
      if (looksEachTime) enqueueAfter(key, periodUs);
    },
    changed(subject) {
      const keys = waiting.get(subject);
      if (!keys) return;
      waiting.delete(subject);
      for (const [key, sinceUs] of keys) {
        enqueueAfter(key, periodUs - ((clock.nowUs() - sinceUs) % periodUs));
      }
    },
  };
}

/** Plans a look at `key` after a time, unless one is planned: client-go's queue plans one a key. */
export type Repeats = (key: string, afterUs: number) => void;

export function createRepeats(clock: Clock, enqueue: (key: string) => void): Repeats {
  const planned = new Set<string>();
  return (key, afterUs) => {
    if (planned.has(key)) return;
    planned.add(key);
    clock.schedule(afterUs, () => {
      planned.delete(key);
      enqueue(key);
    });
  };
}
