/** A binary min-heap. Ties keep no order: put a sequence number into the comparison. */

export interface Heap<T> {
  readonly size: number;
  push(value: T): void;
  peek(): T | undefined;
  pop(): T | undefined;
}

/** An empty heap whose `peek` is the value that no other `precedes`. */
export function createHeap<T>(precedes: (a: T, b: T) => boolean): Heap<T> {
  return new ArrayHeap(precedes);
}

/** A class for the reason that fifo.ts gives. */
class ArrayHeap<T> implements Heap<T> {
  private readonly values: T[] = [];
  private readonly precedes: (a: T, b: T) => boolean;

  constructor(precedes: (a: T, b: T) => boolean) {
    this.precedes = precedes;
  }

  get size(): number {
    return this.values.length;
  }

  push(value: T): void {
    this.values.push(value);
    siftUp(this.values, this.precedes);
  }

  peek(): T | undefined {
    return this.values[0];
  }

  pop(): T | undefined {
    const { values } = this;
    const top = values[0];
    const last = values.pop();
    if (values.length > 0) {
      values[0] = last as T;
      siftDown(values, this.precedes);
    }
    return top;
  }
}

function siftUp<T>(values: T[], precedes: (a: T, b: T) => boolean): void {
  let child = values.length - 1;
  const value = values[child] as T;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!precedes(value, values[parent] as T)) break;
    values[child] = values[parent] as T;
    child = parent;
  }
  values[child] = value;
}

function siftDown<T>(values: T[], precedes: (a: T, b: T) => boolean): void {
  const value = values[0] as T;
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= values.length) break;
    if (child + 1 < values.length && precedes(values[child + 1] as T, values[child] as T)) child++;
    if (!precedes(values[child] as T, value)) break;
    values[parent] = values[child] as T;
    parent = child;
  }
  values[parent] = value;
}
