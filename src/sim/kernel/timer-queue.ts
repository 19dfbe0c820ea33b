/**
 * What is due when. Ties are ordered by sequence, so the same program gives the same order; that
 * pair (time, sequence) is the whole secret of determinism.
 */

import type { TimerKind } from '../../core/clock.ts';
import { createHeap } from '../../core/heap.ts';

export interface Timer {
  readonly dueUs: number;
  readonly sequence: number;
  readonly callback: () => void;
  readonly kind: TimerKind;
  /** Its callback resolves no promise. */
  readonly quiet: boolean;
  cancelled: boolean;
}

export interface TimerQueue {
  /** Live foreground timers. */
  readonly foreground: number;
  readonly size: number;
  add(dueUs: number, callback: () => void, kind: TimerKind, quiet?: boolean): Timer;
  cancel(timer: Timer): void;
  /** When the next live timer is due; undefined where there is none. */
  nextDueUs(): number | undefined;
  /** Takes the next timer due at or before `nowUs`. */
  takeDue(nowUs: number): Timer | undefined;
}

export function createTimerQueue(): TimerQueue {
  const heap = createHeap<Timer>(
    (a, b) => a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.sequence < b.sequence),
  );
  let sequence = 0;
  let foreground = 0;
  const leave = (timer: Timer) => {
    if (timer.kind === 'foreground') foreground -= 1;
  };
  const dropCancelled = () => {
    while (heap.peek()?.cancelled) heap.pop();
  };
  return {
    get foreground() {
      return foreground;
    },
    get size() {
      return heap.size;
    },
    add(dueUs, callback, kind, quiet = false) {
      const timer = { dueUs, sequence: sequence++, callback, kind, quiet, cancelled: false };
      heap.push(timer);
      if (kind === 'foreground') foreground += 1;
      return timer;
    },
    cancel(timer) {
      if (timer.cancelled) return;
      timer.cancelled = true;
      leave(timer);
    },
    nextDueUs() {
      dropCancelled();
      return heap.peek()?.dueUs;
    },
    takeDue(nowUs) {
      dropCancelled();
      const next = heap.peek();
      if (!next || next.dueUs > nowUs) return undefined;
      heap.pop();
      leave(next);
      // A fired timer counts as cancelled, so that a late cancel changes no count.
      next.cancelled = true;
      return next;
    },
  };
}
