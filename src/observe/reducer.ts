/**
 * Watch events in, compact transitions out. No clock is read and nothing is awaited, so it runs
 * inline in virtual time and in a worker on a real cluster. A change seen after an interruption did
 * not happen when it was seen. It carries `l`, the last time at which the stream still proved that
 * it had not happened.
 */

import type { KubeObject } from '../api/object.ts';
import { unreachable } from '../core/assert.ts';
import { SECOND } from '../core/duration.ts';
import type { StreamItem } from '../kube/list-watch.ts';
import type { Notebook } from '../record/notebook.ts';
import { createCollected, type EndOf } from './collected.ts';
import { findController, type ObservedKind } from './kinds.ts';
import type { StepWatch } from './step-watch.ts';
import { createPredicateIndex, type PredicateIndex } from './predicate-index.ts';
import type { Strangers } from './made-of.ts';
import { deletedEntry, foundOut, objectEntry, type Sight, transitionEntry } from './notes.ts';
import { createObjectTable } from './object-table.ts';
import type { Tell } from './prober.ts';
import { createReading } from './reading.ts';
import {
  fromKnown,
  type KnownObject,
  newSeenObject,
  type SeenObject,
  setValue,
} from './seen-object.ts';
import { createStamps } from './stamps.ts';

/** Told of what was seen, after it was recorded. */
export interface Sightings {
  appeared(object: SeenObject): void;
  changed(object: SeenObject, name: string, value: string): void;
  /** An object of which an owner was unknown so far has found it. */
  adopted(object: SeenObject): void;
  gone(object: SeenObject): void;
  /** It is gone, and so is all that it owned. */
  cleared(object: SeenObject): void;
}

export interface ReducerOptions {
  readonly notebook: Notebook;
  readonly sightings: Sightings;
  /** The run's own namespace, which entries leave out. */
  readonly namespace: string;
  /** Where nobody planned the objects. */
  readonly strangers?: Strangers | undefined;
  /** What an earlier session of the run knew. */
  readonly past?: Past | undefined;
}

/** The end of the session before, as plain values. */
export interface Past {
  readonly known: readonly KnownObject[];
  /** Names of clocks, by their number. */
  readonly clocks: readonly string[];
  /** By kind: what the first list shows anew had surely not happened by this run time. */
  readonly sinceUs: Readonly<Record<string, number>>;
}

export interface Reducer {
  /** The consumer of one kind's list-watch; of a step's own, where it watches for something. */
  stream(kind: ObservedKind, watch?: StepWatch): (item: StreamItem<KubeObject>) => void;
  /** Takes in what no stream shows: a probe found it out. */
  readonly tell: Tell;
}

/** A resumed stream that was silent for so long has nothing left to replay. */
const REPLAY_SILENCE_US = 5 * SECOND;

export function createReducer(options: ReducerOptions): Reducer {
  const { notebook } = options;
  const viewer = createViewer(options);
  return {
    tell(object, change, atUs, lowerUs) {
      if (object.gone) return;
      const { knownUs, doubtUs } = object;
      const found = foundOut(object, change, atUs, lowerUs);
      notebook.write(found);
      for (const [name, value] of found.c) setValue(object, name, value);
      showAt(object, { atUs, lowerUs, coalesced: false });
      for (const [name, value] of found.c) options.sightings.changed(object, name, value);
      // No watch has shown it then.
      Object.assign(object, { knownUs, doubtUs });
    },
    stream(kind, watch) {
      if (watch) viewer.predicates.add(watch);
      const lowerUs = options.past?.sinceUs[kind.resource.kind] ?? 0;
      const goesOn = options.past !== undefined;
      const stream: Stream = { kind, watch, goesOn, lowerUs, lastUs: 0, listed: new Set() };
      return (item) => take(stream, item, viewer, notebook);
    },
  };
}

/** The state of one kind's list-watch. */
interface Stream {
  readonly kind: ObservedKind;
  /** Undefined where every run has such a stream. */
  readonly watch: StepWatch | undefined;
  /** Objects were there before the first list. */
  readonly goesOn: boolean;
  /** While what arrives may be late: it had not happened by then. */
  lowerUs: number | undefined;
  /** Run time of the last item of a live stream. */
  lastUs: number;
  /** UIDs of the list that is under way. */
  listed: Set<string>;
}

function take(
  stream: Stream,
  item: StreamItem<KubeObject>,
  viewer: Viewer,
  notebook: Notebook,
): void {
  const { kind, watch } = stream;
  switch (item.kind) {
    case 'changed': {
      const sight = makeSight(stream, notebook.sinceStartUs(item.seenUs));
      if (item.type !== 'DELETED') viewer.see(kind, item.object, sight, watch);
      else viewer.deleted(item.object.metadata.uid ?? '', sight);
      return;
    }
    case 'listed': {
      const atUs = notebook.sinceStartUs(item.seenUs);
      stream.listed.add(item.object.metadata.uid ?? '');
      viewer.see(kind, item.object, { atUs, lowerUs: stream.lowerUs, coalesced: true }, watch);
      return;
    }
    case 'synced': {
      const atUs = notebook.sinceStartUs(item.seenUs);
      const sight = { atUs, lowerUs: stream.lowerUs, coalesced: true };
      viewer.dropUnlisted(kind, stream.listed, sight, watch);
      stream.listed = new Set();
      // Until the watch has caught up, it may tell of what came after the list was made.
      stream.lowerUs =
        item.relist || stream.goesOn ? notebook.sinceStartUs(item.askedUs) : undefined;
      stream.lastUs = atUs;
      return;
    }
    case 'alive':
      stream.lowerUs = undefined;
      stream.lastUs = notebook.sinceStartUs(item.seenUs);
      return;
    case 'lost':
      stream.lowerUs ??= notebook.sinceStartUs(item.sinceUs);
      return;
    case 'gap':
      recordGap(stream, item, notebook);
      return;
    default:
      unreachable(item);
  }
}

/** How well the time of an event is known; ends the replay where the stream has caught up. */
function makeSight(stream: Stream, atUs: number): Sight {
  if (stream.lowerUs !== undefined && atUs - stream.lastUs > REPLAY_SILENCE_US) {
    stream.lowerUs = undefined;
  }
  stream.lastUs = atUs;
  return { atUs, lowerUs: stream.lowerUs, coalesced: false };
}

function recordGap(
  stream: Stream,
  gap: StreamItem<KubeObject> & { kind: 'gap' },
  notebook: Notebook,
): void {
  const t = notebook.sinceStartUs(gap.toUs);
  stream.lastUs = t;
  notebook.write({
    e: 'gap',
    k: stream.kind.resource.plural,
    from: notebook.sinceStartUs(gap.fromUs),
    t,
    cause: gap.cause,
    relist: gap.relist || gap.cause === 'gone',
  });
}

/** All streams share it: objects own each other across kinds. */
interface Viewer {
  readonly predicates: PredicateIndex;
  see(kind: ObservedKind, object: KubeObject, sight: Sight, watch: StepWatch | undefined): void;
  deleted(uid: string, sight: Sight): void;
  /** Of what the stream shows and no other does, so that one does not drop what it cannot see. */
  dropUnlisted(
    kind: ObservedKind,
    listed: ReadonlySet<string>,
    sight: Sight,
    watch: StepWatch | undefined,
  ): void;
}

function createViewer({ past, ...options }: ReducerOptions): Viewer {
  const { notebook, sightings, namespace, strangers } = options;
  const table = createObjectTable();
  const stamps = createStamps(notebook, past?.clocks);
  const wording = { stamps, namespace, strangers };
  const predicates = createPredicateIndex();
  const read = createReading(stamps, predicates.tell);
  let nextId = 0;
  for (const known of past?.known ?? []) {
    table.add(fromKnown(known), known.ownerUid);
    nextId = Math.max(nextId, known.id + 1);
  }

  const introduce = (kind: ObservedKind, object: KubeObject, sight: Sight, step?: number) => {
    const { namespace: home, name, uid = '' } = object.metadata;
    const ref = { namespace: home, name, uid };
    const seen = newSeenObject(nextId++, kind.resource.kind, ref, step);
    const children = table.add(seen, findController(object)?.uid);
    notebook.write(objectEntry(seen, kind, object, sight, wording));
    sightings.appeared(seen);
    return { seen, children };
  };
  const succeed = (volume: SeenObject, sight: Sight) => {
    setValue(volume, ...SUCCEEDED);
    notebook.write(transitionEntry(volume, { changes: [SUCCEEDED], skipped: false }, sight));
    showAt(volume, sight);
    sightings.changed(volume, ...SUCCEEDED);
  };
  const drop = (seen: SeenObject, sight: Sight) => {
    const cleared = table.remove(seen);
    notebook.write(deletedEntry(seen, sight));
    showAt(seen, sight);
    sightings.gone(seen);
    for (const object of cleared) sightings.cleared(object);
  };
  const end: EndOf = (seen, fate, sight) => {
    if (fate === 'done') succeed(seen, sight);
    drop(seen, sight);
  };
  const collected = createCollected(end);
  const remove = (seen: SeenObject, sight: Sight) => {
    const fate = collected.fateOf(seen, sight);
    if (fate !== 'wait') end(seen, fate, sight);
  };
  return {
    predicates,
    see(kind, object, sight, watch) {
      const known = table.get(object.metadata.uid ?? '');
      if (!known && !(watch ? predicates.isFor(watch, object) : kind.accepts(object))) return;
      const { seen, children } = known
        ? { seen: known, children: NOBODY }
        : introduce(kind, object, sight, watch?.id);
      const found = read(seen, kind, object);
      if (found.changes.length > 0) notebook.write(transitionEntry(seen, found, sight));
      showAt(seen, sight);
      for (const [name, value] of found.changes) sightings.changed(seen, name, value);
      for (const child of children) sightings.adopted(child);
      collected.looked(seen, object, sight);
    },
    deleted(uid, sight) {
      const seen = table.get(uid);
      if (seen) remove(seen, sight);
    },
    dropUnlisted(kind, listed, sight, watch) {
      for (const seen of table.ofKind(kind.resource.kind)) {
        if (seen.watch === watch?.id && !listed.has(seen.uid)) remove(seen, sight);
      }
    },
  };
}

const SUCCEEDED = ['phase', 'Succeeded'] as const;

function showAt(seen: SeenObject, { atUs, lowerUs }: Sight): void {
  seen.knownUs = atUs;
  seen.doubtUs = lowerUs;
}

const NOBODY: readonly SeenObject[] = [];
