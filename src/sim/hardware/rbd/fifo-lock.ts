/** A lock that is handed over in the order in which it was asked for. */

import { createFifo } from '../../../core/fifo.ts';

export interface FifoLock {
  /** Resolves when the caller holds the lock. */
  acquire(): Promise<void>;
  release(): void;
}

export function createFifoLock(): FifoLock {
  const waiting = createFifo<() => void>();
  let held = false;
  return {
    acquire() {
      if (!held) {
        held = true;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    release() {
      const next = waiting.shift();
      if (next) next();
      else held = false;
    },
  };
}
