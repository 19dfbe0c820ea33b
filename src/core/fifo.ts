/** A first-in first-out queue with O(1) shift; arrays shift in O(n). */

export interface Fifo<T> {
  readonly size: number;
  push(value: T): void;
  peek(): T | undefined;
  shift(): T | undefined;
}

export function createFifo<T>(): Fifo<T> {
  let values: (T | undefined)[] = [];
  let head = 0;
  return {
    get size() {
      return values.length - head;
    },
    push: (value) => {
      values.push(value);
    },
    peek: () => values[head],
    shift() {
      if (head === values.length) return undefined;
      const value = values[head];
      values[head] = undefined;
      head += 1;
      if (head > 1024 && head * 2 > values.length) {
        values = values.slice(head);
        head = 0;
      }
      return value;
    },
  };
}
