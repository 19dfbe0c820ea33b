/** The in-flight cap of a step: a start waits until an operation before it is over, in order. */

import { createFifo } from '../core/fifo.ts';

export interface Slots {
  /** Resolves once there is room; at once where there is no cap. */
  take(): Promise<void>;
  release(): void;
  /** Lets all who wait go on: the run is over for them. */
  open(): void;
}

export function createSlots(max: number | undefined): Slots {
  const waiting = createFifo<() => void>();
  let free = max ?? Number.POSITIVE_INFINITY;
  return {
    take() {
      if (free > 0) {
        free -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    release() {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
    open() {
      free = Number.POSITIVE_INFINITY;
      for (let next = waiting.shift(); next; next = waiting.shift()) next();
    },
  };
}
