/** A history in memory: what would have been written to a run's folder. */

import type { Entry } from '../../src/record/entry.ts';
import type { EntrySink } from '../../src/record/notebook.ts';

export function collectEntries(): EntrySink & { readonly entries: readonly Entry[] } {
  const entries: Entry[] = [];
  return { entries, write: (entry) => entries.push(entry), flush: () => {} };
}
