/** Numbers that grow at the end and cost their own size only: the columns of an ObjectTable. */

export interface Column {
  readonly length: number;
  push(value: number): void;
  get(index: number): number;
  set(index: number, value: number): void;
  /** A view on the values so far; valid until the next push. */
  values(): Float64Array | Int32Array;
}

/** Indexes and codes: whole numbers of 32 bits. */
export function indexColumn(): Column {
  return column((size) => new Int32Array(size));
}

/** Times: whole microseconds, exact up to 285 years. */
export function timeColumn(): Column {
  return column((size) => new Float64Array(size));
}

/** Numbers grouped by a key: `items` of key k stand from `starts[k]` up to `starts[k + 1]`. */
export interface Groups {
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

/** Groups 0 .. keys.length - 1 by their key below `size`, in order; negative keys are left out. */
export function groupByKey(keys: ArrayLike<number>, size: number): Groups {
  const starts = new Int32Array(size + 1);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    if (key >= 0) starts[key + 1] = (starts[key + 1] as number) + 1;
  }
  for (let key = 0; key < size; key++) {
    starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
  }
  const next = starts.slice(0, size);
  const items = new Int32Array(starts[size] as number);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    if (key < 0) continue;
    const position = next[key] as number;
    items[position] = i;
    next[key] = position + 1;
  }
  return { starts, items };
}

type Allocate = (size: number) => Float64Array | Int32Array;

function column(allocate: Allocate): Column {
  return new GrowingColumn(allocate);
}

/** A class for the reason that core/fifo.ts gives. */
class GrowingColumn implements Column {
  length = 0;
  private readonly allocate: Allocate;
  private array: Float64Array | Int32Array;

  constructor(allocate: Allocate) {
    this.allocate = allocate;
    this.array = allocate(1024);
  }

  push(value: number): void {
    if (this.length === this.array.length) {
      const grown = this.allocate(2 * this.length);
      grown.set(this.array);
      this.array = grown;
    }
    this.array[this.length] = value;
    this.length += 1;
  }

  get(index: number): number {
    return this.array[index] as number;
  }

  set(index: number, value: number): void {
    this.array[index] = value;
  }

  values(): Float64Array | Int32Array {
    return this.array.subarray(0, this.length);
  }
}
