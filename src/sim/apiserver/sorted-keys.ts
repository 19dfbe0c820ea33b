/**
 * Keys in order, so that lists come as etcd gives them and a page can start anywhere. A list of
 * short sorted runs: adding and deleting move at most one run's worth of pointers.
 */

export interface SortedKeys {
  readonly size: number;
  add(key: string): void;
  delete(key: string): void;
  /** Calls `visit` for each key from `from` on, in order, until it returns false. */
  scan(from: string, visit: (key: string) => boolean): void;
}

const RUN_LENGTH = 256;

export function createSortedKeys(): SortedKeys {
  const runs: string[][] = [[]];
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(key) {
      const at = runIndex(runs, key);
      const run = runs[at] as string[];
      const index = lowerBound(run, key);
      if (run[index] === key) return;
      if (index === run.length) run.push(key);
      else run.splice(index, 0, key);
      size += 1;
      if (run.length > RUN_LENGTH) runs.splice(at + 1, 0, splitOff(run, index));
    },
    delete(key) {
      const at = runIndex(runs, key);
      const run = runs[at] as string[];
      const index = lowerBound(run, key);
      if (run[index] !== key) return;
      run.splice(index, 1);
      size -= 1;
      if (run.length === 0 && runs.length > 1) runs.splice(at, 1);
    },
    scan(from, visit) {
      let at = runIndex(runs, from);
      let index = lowerBound(runs[at] as string[], from);
      for (; at < runs.length; at++, index = 0) {
        const run = runs[at] as string[];
        for (; index < run.length; index++) if (!visit(run[index] as string)) return;
      }
    },
  };
}

/** Keys mostly arrive in ascending order: then the full run stays full and a new one starts. */
function splitOff(run: string[], lastInserted: number): string[] {
  return run.splice(lastInserted === run.length - 1 ? run.length - 1 : run.length >> 1);
}

/** The last run whose first key is not beyond `key`. */
function runIndex(runs: readonly string[][], key: string): number {
  let low = 0;
  let high = runs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((runs[middle]?.[0] as string) <= key) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lowerBound(run: readonly string[], key: string): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
