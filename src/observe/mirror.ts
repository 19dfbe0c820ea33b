/**
 * Entries back into sightings: how a run learns what another thread has seen, and how a resumed run
 * learns what the session before it saw. The history says it all, so nothing else is told.
 */

import type { DeletedEntry, Entry, ObjectEntry, TransitionEntry } from '../record/entry.ts';
import { createObjectTable } from './object-table.ts';
import type { Past, Sightings } from './reducer.ts';
import { newSeenObject, type SeenObject, setValue, toKnown } from './seen-object.ts';

export interface Mirror {
  /** Entries that tell of no object are none of its business. */
  take(entry: Entry): void;
  /** What it has learnt so far, for the session after this one. */
  past(): Past;
}

export interface MirrorOptions {
  readonly sightings: Sightings;
  /** The run's own namespace, which entries leave out. */
  readonly namespace: string;
}

export function createMirror(options: MirrorOptions): Mirror {
  const { sightings } = options;
  const table = createObjectTable();
  const objects = new Map<number, SeenObject>();
  const clocks: string[] = [];
  const sinceUs: Record<string, number> = {};

  const live = ({ kind }: SeenObject, atUs: number) => {
    sinceUs[kind] = Math.max(sinceUs[kind] ?? 0, atUs);
  };
  const introduce = (entry: ObjectEntry) => {
    if (objects.has(entry.o)) return;
    const namespace = (entry.ns ?? options.namespace) || undefined;
    const ref = { namespace, name: entry.n, uid: entry.u };
    const object = newSeenObject(entry.o, entry.k, ref, entry.w);
    objects.set(entry.o, object);
    const owner = entry.own === undefined ? undefined : objects.get(entry.own);
    const children = table.add(object, owner?.uid ?? entry.ownUid);
    live(object, entry.t);
    sightings.appeared(object);
    for (const child of children) sightings.adopted(child);
  };
  const change = ({ o, t, l, c, probed }: TransitionEntry) => {
    const object = objects.get(o);
    if (object === undefined) return;
    // An answer to a probe does not prove that the watch was alive.
    if (!probed) live(object, t);
    show(object, t, l);
    for (const [name, value, stamp] of c) {
      if (name === 'phase' && stamp !== undefined) object.stamps += 1;
      setValue(object, name, value);
    }
    for (const [name, value] of c) sightings.changed(object, name, value);
  };
  const remove = ({ o, t, l }: DeletedEntry) => {
    const object = objects.get(o);
    if (object === undefined) return;
    live(object, t);
    show(object, t, l);
    objects.delete(o);
    const cleared = table.remove(object);
    sightings.gone(object);
    for (const each of cleared) sightings.cleared(each);
  };
  return {
    take(entry) {
      if (entry.e === 'tr') change(entry);
      else if (entry.e === 'obj') introduce(entry);
      else if (entry.e === 'del') remove(entry);
      else if (entry.e === 'clock') clocks[entry.c] = entry.name;
    },
    past: () => ({ known: [...objects.values()].map(toKnown), clocks, sinceUs }),
  };
}

function show(object: SeenObject, atUs: number, lowerUs: number | undefined): void {
  object.knownUs = atUs;
  object.doubtUs = lowerUs;
}
