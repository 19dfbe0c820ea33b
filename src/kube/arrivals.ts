/**
 * What has arrived and is not read yet. Sockets come first: between two looks at them only so much
 * is parsed, so that a burst makes the reading late and never the stamps of what came behind.
 */

import { createFifo } from '../core/fifo.ts';
import { settle } from '../core/settle.ts';

export interface Arrivals {
  /** `read` is called later, after everything that was put before; `bytes` is what it will cost. */
  put(bytes: number, read: () => void): void;
  /** More is waiting than may be kept: whoever brings it should stop, and go on at `resume`. */
  holdBack(resume: () => void): boolean;
}

export interface ArrivalsOptions {
  /** Bytes parsed in one turn; a first one is always taken. */
  readonly turnBytes?: number;
  /** Bytes that may wait. */
  readonly bytesMax?: number;
  /** Resolves when sockets have been looked at. */
  readonly nextTurn?: () => Promise<void>;
}

/** Half a millisecond of parsing. */
const TURN_BYTES = 64 * 1024;

/** Some thousand objects: a quarter of a second's work. */
const BYTES_MAX = 16 * 1024 * 1024;

export function createArrivals(options: ArrivalsOptions = {}): Arrivals {
  const { turnBytes = TURN_BYTES, bytesMax = BYTES_MAX, nextTurn = settle } = options;
  const waiting = createFifo<{ readonly bytes: number; readonly read: () => void }>();
  let waitingBytes = 0;
  let isTurning = false;
  let heldBack: (() => void)[] = [];
  const letGo = () => {
    const released = heldBack;
    heldBack = [];
    for (const resume of released) resume();
  };
  const turnLater = () => {
    if (isTurning || waiting.size === 0) return;
    isTurning = true;
    void nextTurn().then(turn);
  };
  const turn = () => {
    for (let done = 0; done < turnBytes; ) {
      const next = waiting.shift();
      if (next === undefined) break;
      waitingBytes -= next.bytes;
      done += next.bytes;
      next.read();
    }
    if (waitingBytes <= bytesMax / 2) letGo();
    isTurning = false;
    turnLater();
  };
  return {
    put(bytes, read) {
      waitingBytes += bytes;
      waiting.push({ bytes, read });
      turnLater();
    },
    holdBack(resume) {
      if (waitingBytes <= bytesMax) return false;
      heldBack.push(resume);
      return true;
    },
  };
}
