import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFifo } from '../../src/core/fifo.ts';
import { createHeap } from '../../src/core/heap.ts';

test('a heap gives its values in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (values) => {
      const heap = createHeap<number>((a, b) => a < b);
      for (const value of values) heap.push(value);
      const popped = values.map(() => heap.pop());
      expect(popped).toEqual(values.toSorted((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('a fifo behaves like an array, pushes and shifts in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer()), { maxLength: 5000 }), (steps) => {
      const fifo = createFifo<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === null) expect(fifo.shift()).toBe(model.shift());
        else {
          fifo.push(step);
          model.push(step);
        }
        expect(fifo.size).toBe(model.length);
        expect(fifo.peek()).toBe(model[0]);
      }
    }),
  );
});
