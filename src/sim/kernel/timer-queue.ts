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
  return new HeapOfTimers();
}

class HeapOfTimers implements TimerQueue {
  foreground = 0;
  private sequence = 0;
  private readonly heap = createHeap<Timer>(
    (a, b) => a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.sequence < b.sequence),
  );

  get size(): number {
    return this.heap.size;
  }

  add(dueUs: number, callback: () => void, kind: TimerKind, quiet = false): Timer {
    const timer = { dueUs, sequence: this.sequence++, callback, kind, quiet, cancelled: false };
    this.heap.push(timer);
    if (kind === 'foreground') this.foreground += 1;
    return timer;
  }

  cancel(timer: Timer): void {
    if (timer.cancelled) return;
    timer.cancelled = true;
    if (timer.kind === 'foreground') this.foreground -= 1;
  }

  nextDueUs(): number | undefined {
    return this.next()?.dueUs;
  }

  takeDue(nowUs: number): Timer | undefined {
    const next = this.next();
    if (!next || next.dueUs > nowUs) return undefined;
    this.heap.pop();
    // A fired timer counts as cancelled, so that a late cancel changes no count.
    this.cancel(next);
    return next;
  }

  private next(): Timer | undefined {
    let timer = this.heap.peek();
    for (; timer?.cancelled; timer = this.heap.peek()) this.heap.pop();
    return timer;
  }
}
