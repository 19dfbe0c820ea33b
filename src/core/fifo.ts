/**
 * A first-in first-out queue with O(1) shift; arrays shift in O(n). A class, as all containers are
 * of which a run has many or that every request passes: V8 keeps a literal with a getter as a
 * dictionary, which takes 0.5 kB, is looked up by hash and is never inlined.
 */

export interface Fifo<T> {
  readonly size: number;
  push(value: T): void;
  peek(): T | undefined;
  shift(): T | undefined;
}

export function createFifo<T>(): Fifo<T> {
  return new ArrayFifo<T>();
}

class ArrayFifo<T> implements Fifo<T> {
  private values: (T | undefined)[] = [];
  private head = 0;

  get size(): number {
    return this.values.length - this.head;
  }

  push(value: T): void {
    this.values.push(value);
  }

  peek(): T | undefined {
    return this.values[this.head];
  }

  shift(): T | undefined {
    const { values, head } = this;
    if (head === values.length) return undefined;
    const value = values[head];
    values[head] = undefined;
    this.head = head + 1;
    if (this.head > 1024 && this.head * 2 > values.length) {
      this.values = values.slice(this.head);
      this.head = 0;
    }
    return value;
  }
}
