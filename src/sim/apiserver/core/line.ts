/**
 * Things on their way that leave in the order they came: one timer for the head of the line instead
 * of one for each. This is why a busy watch costs no timer per event.
 */

import type { Clock } from '../../../core/clock.ts';
import { createFifo } from '../../../core/fifo.ts';

export interface Line<T> {
  /** The item leaves `delayUs` from now, and never before those in front of it. */
  push(item: T): void;
}

interface Waiting<T> {
  readonly dueUs: number;
  readonly item: T;
}

/** How long each takes, µs; drawn for each where it varies. */
export type Delay = number | (() => number);

/** `schedule` fires the head; quiet where leaving resolves no promise. */
export function createLine<T>(
  clock: Clock,
  delayUs: Delay,
  leave: (item: T) => void,
  schedule: (delayUs: number, callback: () => void) => void = (us, callback) => {
    clock.schedule(us, callback);
  },
): Line<T> {
  const waiting = createFifo<Waiting<T>>();
  let armed = false;
  let lastUs = 0;
  const arm = () => {
    const head = waiting.peek();
    armed = head !== undefined;
    if (head) schedule(head.dueUs - clock.nowUs(), fire);
  };
  const fire = () => {
    const nowUs = clock.nowUs();
    try {
      for (let head = waiting.peek(); head && head.dueUs <= nowUs; head = waiting.peek()) {
        waiting.shift();
        leave(head.item);
      }
    } finally {
      // Whoever fails on an item must not hold up those behind it.
      arm();
    }
  };
  return {
    push(item) {
      const ownUs = clock.nowUs() + (typeof delayUs === 'number' ? delayUs : delayUs());
      lastUs = Math.max(lastUs, ownUs);
      waiting.push({ dueUs: lastUs, item });
      if (!armed) arm();
    },
  };
}
