/**
 * What a run created, by its history: the only objects that may be deleted in its name. The history
 * of a run that only looked on is full of objects, and none of them is its own; and that of any run
 * has objects that others labelled like it.
 */

import type { KindEntry } from './any-object-entry.ts';
import type { Entry, ObjectEntry } from './entry.ts';
import { readEntries } from './reader.ts';

export interface RecordedObjects {
  /** UIDs that creations returned, and of all that was seen to grow out of them. */
  readonly uids: ReadonlySet<string>;
  /** `kind/name` of creations that were sent and whose answer is not known. */
  readonly unanswered: ReadonlySet<string>;
  /** Kinds that the run applied objects of and that no run knows by itself, the first one first. */
  readonly kinds: readonly KindEntry[];
  /** The run's own field manager; absent in histories of before there was one. */
  readonly maker: string | undefined;
}

/** Throws HistoryError where there is no history. */
export function recordedObjects(historyPath: string): RecordedObjects {
  const uids = new Set<string>();
  const sent = new Map<number, string>();
  const kinds = new Map<string, KindEntry>();
  const applied = new Set<string>();
  const seen = new Map<number, ObjectEntry>();
  const owned: { readonly uid: string; readonly owner: string }[] = [];
  let maker: string | undefined;
  for (const entry of readEntries(historyPath, () => {})) {
    if (entry.e === 'step' && entry.kind === 'observe') return NOTHING;
    if (entry.e === 'header') maker = entry.maker;
    if (entry.e === 'kind') kinds.set(entry.k, entry);
    if (entry.e === 'send' && entry.v === 'apply') applied.add(entry.k);
    if (entry.e === 'obj') {
      seen.set(entry.o, entry);
      const owner = entry.ownUid ?? seen.get(entry.own ?? -1)?.u;
      if (owner !== undefined) owned.push({ uid: entry.u, owner });
    }
    note(entry, uids, sent);
  }
  grow(uids, owned);
  const madeOf = [...applied].flatMap((kind) => kinds.get(kind) ?? []);
  return { uids, unanswered: new Set(sent.values()), kinds: madeOf, maker };
}

const NOTHING: RecordedObjects = {
  uids: new Set(),
  unanswered: new Set(),
  kinds: [],
  maker: undefined,
};

const MAKING: ReadonlySet<string> = new Set(['create', 'apply']);

function note(entry: Entry, uids: Set<string>, sent: Map<number, string>): void {
  if (entry.e === 'send' && MAKING.has(entry.v)) sent.set(entry.p, `${entry.k}/${entry.n}`);
  if (entry.e === 'made') uids.add(entry.u);
  if (entry.e === 'ack') {
    sent.delete(entry.p);
    if (entry.u !== undefined) uids.add(entry.u);
  }
}

/** Adds what is owned by what is in the set; an owner may have been seen after what it owns. */
function grow(
  uids: Set<string>,
  owned: readonly { readonly uid: string; readonly owner: string }[],
): void {
  let left = owned;
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    left = left.filter(({ uid, owner }) => {
      if (!uids.has(owner)) return true;
      uids.add(uid);
      return false;
    });
  }
}
