/**
 * What a run created, by its history: the only objects that may be deleted in its name. What a
 * reader would get wrong: the history of a run that only looked on is full of objects, and none of
 * them is its own.
 */

import type { Entry } from './entry.ts';
import { readEntries } from './reader.ts';

export interface RecordedObjects {
  /** UIDs that creations returned, and of all that was seen to grow out of them. */
  readonly uids: ReadonlySet<string>;
  /** `kind/name` of creations that were sent and whose answer is not known. */
  readonly unanswered: ReadonlySet<string>;
}

/** Throws HistoryError where there is no history. */
export function recordedObjects(historyPath: string): RecordedObjects {
  const uids = new Set<string>();
  const sent = new Map<number, string>();
  for (const entry of readEntries(historyPath, () => {})) {
    if (entry.e === 'step' && entry.kind === 'observe') return NOTHING;
    note(entry, uids, sent);
  }
  return { uids, unanswered: new Set(sent.values()) };
}

const NOTHING: RecordedObjects = { uids: new Set(), unanswered: new Set() };

function note(entry: Entry, uids: Set<string>, sent: Map<number, string>): void {
  if (entry.e === 'send' && entry.v === 'create') sent.set(entry.p, `${entry.k}/${entry.n}`);
  if (entry.e === 'ack') {
    sent.delete(entry.p);
    if (entry.u !== undefined) uids.add(entry.u);
  }
  if (entry.e === 'obj' && (entry.own !== undefined || entry.ownUid !== undefined)) {
    uids.add(entry.u);
  }
}
