/** A lock that is handed over in the order in which it was asked for. */

import { createFifo, type Fifo } from '../../../core/fifo.ts';

export interface FifoLock {
  /** Resolves when the caller holds the lock. */
  acquire(): Promise<void>;
  release(): void;
}

export function createFifoLock(): FifoLock {
  return new QueuedLock();
}

/** A class for the reason that core/fifo.ts gives: every image of a pool has one. */
class QueuedLock implements FifoLock {
  private held = false;
  /** Made for the first who waits: of most images nobody ever does. */
  private waiting: Fifo<() => void> | undefined;

  acquire(): Promise<void> {
    if (!this.held) {
      this.held = true;
      return Promise.resolve();
    }
    this.waiting ??= createFifo();
    const { waiting } = this;
    return new Promise((resolve) => waiting.push(resolve));
  }

  release(): void {
    const next = this.waiting?.shift();
    if (next) next();
    else this.held = false;
  }
}
