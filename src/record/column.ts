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

function column(allocate: (size: number) => Float64Array | Int32Array): Column {
  let values = allocate(1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === values.length) {
        const grown = allocate(2 * length);
        grown.set(values);
        values = grown;
      }
      values[length] = value;
      length += 1;
    },
    get: (index) => values[index] as number,
    set: (index, value) => {
      values[index] = value;
    },
    values: () => values.subarray(0, length),
  };
}
