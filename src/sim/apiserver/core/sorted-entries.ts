/**
 * Entries in the order of their keys, so that lists come as etcd gives them and a page can start
 * anywhere. A list of short sorted runs: adding and deleting move at most one run's worth of
 * pointers.
 */

export interface Keyed {
  readonly key: string;
}

export interface SortedEntries<T extends Keyed> {
  readonly size: number;
  add(entry: T): void;
  delete(key: string): void;
  /** Calls `visit` for each entry from key `from` on, in order, until it returns false. */
  scan(from: string, visit: (entry: T) => boolean): void;
}

const RUN_LENGTH = 256;

export function createSortedEntries<T extends Keyed>(): SortedEntries<T> {
  return new SortedRuns<T>();
}

/** A class for the reason that core/fifo.ts gives. */
class SortedRuns<T extends Keyed> implements SortedEntries<T> {
  size = 0;
  private readonly runs: T[][] = [[]];

  add(entry: T): void {
    const { runs } = this;
    const at = runIndex(runs, entry.key);
    const run = runs[at] as T[];
    const index = lowerBound(run, entry.key);
    if (run[index]?.key === entry.key) return;
    if (index === run.length) run.push(entry);
    else run.splice(index, 0, entry);
    this.size += 1;
    if (run.length > RUN_LENGTH) runs.splice(at + 1, 0, splitOff(run, index));
  }

  delete(key: string): void {
    const { runs } = this;
    const at = runIndex(runs, key);
    const run = runs[at] as T[];
    const index = lowerBound(run, key);
    if (run[index]?.key !== key) return;
    run.splice(index, 1);
    this.size -= 1;
    if (run.length === 0 && runs.length > 1) runs.splice(at, 1);
  }

  scan(from: string, visit: (entry: T) => boolean): void {
    const { runs } = this;
    let at = runIndex(runs, from);
    let index = lowerBound(runs[at] as T[], from);
    for (; at < runs.length; at++, index = 0) {
      const run = runs[at] as T[];
      for (; index < run.length; index++) if (!visit(run[index] as T)) return;
    }
  }
}

/** Keys mostly arrive in ascending order: then the full run stays full and a new one starts. */
function splitOff<T>(run: T[], lastInserted: number): T[] {
  return run.splice(lastInserted === run.length - 1 ? run.length - 1 : run.length >> 1);
}

/** The last run whose first key is not beyond `key`. */
function runIndex(runs: readonly Keyed[][], key: string): number {
  let low = 0;
  let high = runs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const first = (runs[middle] as Keyed[])[0] as Keyed;
    if (first.key <= key) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lowerBound(run: readonly Keyed[], key: string): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run[middle] as Keyed).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
