/**
 * ceph-mgr's rbd_support module: one thread answers commands, another works off the tasks they
 * add, one at a time and in order (ceph src/pybind/mgr/rbd_support/task.py). A campaign of PVC
 * clones sends more than a million commands, so this station uses plain callbacks: no promise
 * resolves before a caller's last command is answered.
 */

import { createFifo } from '../../../core/fifo.ts';
import type { Kernel } from '../../kernel/kernel.ts';

/** Where time passes for hardware. */
export type HardwareClock = Pick<
  Kernel,
  'nowUs' | 'wallUs' | 'sleep' | 'schedule' | 'scheduleQuiet'
>;

export interface CommandThread {
  readonly answered: number;
  /**
   * Sends one command an item, each after the answer to the one before, and calls `carryOut` at
   * each answer. Callers take turns: whoever has got an answer queues again at the end.
   */
  sendEach<T>(items: readonly T[], carryOut: (item: T) => void): Promise<void>;
}

export interface Task {
  readonly kind: 'flatten' | 'trashRemove';
  /** Two tasks of one kind and image are one. */
  readonly imageName: string;
  /** Asked when the task starts. */
  durationUs(): number;
  finish(): void;
}

export interface TaskThread {
  /** Puts the task at the end of the queue unless its like is queued or running. */
  add(task: Task): void;
  /** Whether such a task is queued or running. */
  has(kind: Task['kind'], imageName: string): boolean;
  readonly queued: number;
  /** Queued and running ones, in order. */
  pending(): readonly Pick<Task, 'kind' | 'imageName'>[];
}

interface Caller {
  answer(): void;
  left: number;
  finish(): void;
}

export function createCommandThread(clock: HardwareClock, commandTimeUs: number): CommandThread {
  const waiting = createFifo<Caller>();
  let current: Caller | undefined;
  let answered = 0;
  const serve = () => {
    current = waiting.shift();
    if (!current) return;
    if (current.left > 1) clock.scheduleQuiet(commandTimeUs, answer);
    else clock.schedule(commandTimeUs, answer);
  };
  const answer = () => {
    const caller = current as Caller;
    answered += 1;
    caller.left -= 1;
    caller.answer();
    if (caller.left > 0) waiting.push(caller);
    else caller.finish();
    serve();
  };
  return {
    get answered() {
      return answered;
    },
    sendEach: (items, carryOut) =>
      new Promise((resolve) => {
        if (items.length === 0) return resolve();
        let next = 0;
        const answerOne = () => carryOut(items[next++] as (typeof items)[number]);
        waiting.push({ answer: answerOne, left: items.length, finish: resolve });
        if (!current) serve();
      }),
  };
}

export function createTaskThread(clock: HardwareClock): TaskThread {
  const waiting = createFifo<Task>();
  /** In the order in which they were added. */
  const known = new Set<Task>();
  /** A campaign asks a million times for what is queued already. */
  const imagesOf = { flatten: new Set<string>(), trashRemove: new Set<string>() };
  let current: Task | undefined;
  const serve = () => {
    current = waiting.shift();
    if (current) clock.schedule(current.durationUs(), finish);
  };
  const finish = () => {
    const task = current as Task;
    known.delete(task);
    imagesOf[task.kind].delete(task.imageName);
    task.finish();
    serve();
  };
  return {
    get queued() {
      return waiting.size + (current ? 1 : 0);
    },
    pending: () => [...known].map(({ kind, imageName }) => ({ kind, imageName })),
    has: (kind, imageName) => imagesOf[kind].has(imageName),
    add(task) {
      const images = imagesOf[task.kind];
      if (images.has(task.imageName)) return;
      images.add(task.imageName);
      known.add(task);
      waiting.push(task);
      if (!current) serve();
    },
  };
}
