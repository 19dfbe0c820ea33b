/**
 * Watch events in, compact transitions out. Pure in the sense that counts: no clock is read and
 * nothing is awaited, so it runs inline in virtual time and in a worker on a real cluster.
 * What a reader would get wrong: a change seen after an interruption did not happen when it was
 * seen. It carries `l`, the last time at which the stream still proved that it had not happened.
 */

import type { KubeObject } from '../api/object.ts';
import { SECOND } from '../core/duration.ts';
import type { StreamItem } from '../kube/list-watch.ts';
import type { Change, ObjectEntry } from '../record/entry.ts';
import type { Notebook } from '../record/notebook.ts';
import { controllerOf, type ObservedKind, phaseClock, type Tell } from './kinds.ts';
import { createObjectTable } from './object-table.ts';
import { newSeenObject, type SeenObject, setValue, valueOf } from './seen-object.ts';
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
  /** What the first lists show was surely not there at this run time: the end of the last session. */
  readonly sinceUs?: number;
}

export interface Reducer {
  /** The consumer of one kind's list-watch. */
  stream(kind: ObservedKind): (item: StreamItem<KubeObject>) => void;
}

/** A resumed stream that was silent for so long has nothing left to replay. */
const REPLAY_SILENCE_US = 5 * SECOND;

export function createReducer(options: ReducerOptions): Reducer {
  const { notebook } = options;
  const reader = createReader(options);
  return {
    stream(kind) {
      const stream: Stream = { kind, lowerUs: options.sinceUs ?? 0, lastUs: 0, listed: new Set() };
      return (item) => take(stream, item, reader, notebook);
    },
  };
}

/** The state of one kind's list-watch. */
interface Stream {
  readonly kind: ObservedKind;
  /** While what arrives may be late: it had not happened by then. */
  lowerUs: number | undefined;
  /** Run time of the last item of a live stream. */
  lastUs: number;
  /** UIDs of the list that is under way. */
  listed: Set<string>;
}

interface Sight {
  readonly atUs: number;
  readonly lowerUs: number | undefined;
  /** From a list: intermediate values are lost. */
  readonly coalesced: boolean;
}

interface Reader {
  see(kind: ObservedKind, object: KubeObject, sight: Sight): void;
  deleted(uid: string, sight: Sight): void;
  dropUnlisted(kind: ObservedKind, listed: ReadonlySet<string>, sight: Sight): void;
}

function take(
  stream: Stream,
  item: StreamItem<KubeObject>,
  reader: Reader,
  notebook: Notebook,
): void {
  switch (item.kind) {
    case 'changed': {
      const sight = sightOf(stream, notebook.sinceStartUs(item.seenUs));
      if (item.type !== 'DELETED') reader.see(stream.kind, item.object, sight);
      else reader.deleted(item.object.metadata.uid ?? '', sight);
      return;
    }
    case 'listed': {
      const atUs = notebook.sinceStartUs(item.seenUs);
      stream.listed.add(item.object.metadata.uid ?? '');
      reader.see(stream.kind, item.object, { atUs, lowerUs: stream.lowerUs, coalesced: true });
      return;
    }
    case 'synced': {
      const atUs = notebook.sinceStartUs(item.seenUs);
      const sight = { atUs, lowerUs: stream.lowerUs, coalesced: true };
      reader.dropUnlisted(stream.kind, stream.listed, sight);
      stream.listed = new Set();
      stream.lowerUs = item.relist ? atUs : undefined;
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
    default:
      recordGap(stream, item, notebook);
  }
}

/** How well the time of an event is known; ends the replay where the stream has caught up. */
function sightOf(stream: Stream, atUs: number): Sight {
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

function createReader({ notebook, sightings, namespace }: ReducerOptions): Reader {
  const table = createObjectTable();
  const stamps = createStamps(notebook);
  let nextId = 0;
  let subject: SeenObject | undefined;
  let changes: Change[] = [];

  const tell: Tell = (name, value, stamp, clock) => {
    if (subject === undefined || !setValue(subject, name, value)) return;
    const seconds = stamps.secondsOf(stamp);
    if (seconds === undefined || clock === undefined) changes.push([name, value]);
    else changes.push([name, value, seconds, stamps.clockOf(clock)]);
  };
  const introduce = (kind: ObservedKind, object: KubeObject, sight: Sight) => {
    const { metadata } = object;
    const seen = newSeenObject(nextId++, kind.resource.kind, {
      namespace: metadata.namespace,
      name: metadata.name,
      uid: metadata.uid ?? '',
    });
    const ownerUid = controllerOf(object)?.uid;
    const children = table.add(seen, ownerUid);
    const at = stamps.secondsOf(metadata.creationTimestamp);
    notebook.write(
      objectEntry(seen, { sight, ownerUid, at, namespace, src: kind.source?.(object) }),
    );
    sightings.appeared(seen);
    return { seen, children };
  };
  const readChanges = (seen: SeenObject, kind: ObservedKind, object: KubeObject, sight: Sight) => {
    subject = seen;
    const skipped = tellTransitions(seen, kind, object, tell);
    kind.values(object, tell);
    tellAnnotations(seen, kind, object, tell);
    tellConditions(seen, kind, object, tell);
    subject = undefined;
    const news = changes;
    if (news.length === 0) return;
    changes = [];
    const coalesced = skipped || sight.coalesced;
    const lowerUs = sight.lowerUs ?? (skipped ? seen.knownUs : undefined);
    notebook.write({
      e: 'tr',
      t: sight.atUs,
      o: seen.id,
      c: news,
      ...(lowerUs === undefined ? {} : { l: lowerUs }),
      ...(coalesced ? { coalesced } : {}),
    });
    for (const [name, value] of news) sightings.changed(seen, name, value);
  };
  const remove = (seen: SeenObject, sight: Sight) => {
    const cleared = table.remove(seen);
    const { atUs, lowerUs } = sight;
    notebook.write({
      e: 'del',
      t: atUs,
      o: seen.id,
      ...(lowerUs === undefined ? {} : { l: lowerUs }),
    });
    sightings.gone(seen);
    for (const object of cleared) sightings.cleared(object);
  };
  return {
    see(kind, object, sight) {
      if (!kind.accepts(object)) return;
      const known = table.get(object.metadata.uid ?? '');
      const { seen, children } = known
        ? { seen: known, children: [] }
        : introduce(kind, object, sight);
      readChanges(seen, kind, object, sight);
      seen.knownUs = sight.atUs;
      for (const child of children) sightings.adopted(child);
    },
    deleted(uid, sight) {
      const seen = table.get(uid);
      if (seen) remove(seen, sight);
    },
    dropUnlisted(kind, listed, sight) {
      for (const seen of table.ofKind(kind.resource.kind)) {
        if (!listed.has(seen.uid)) remove(seen, sight);
      }
    },
  };
}

function objectEntry(
  seen: SeenObject,
  facts: {
    readonly sight: Sight;
    readonly ownerUid: string | undefined;
    readonly at: number | undefined;
    readonly namespace: string;
    readonly src: string | undefined;
  },
): ObjectEntry {
  const { sight, ownerUid, at, src } = facts;
  const foreign = seen.namespace !== undefined && seen.namespace !== facts.namespace;
  return {
    e: 'obj',
    t: sight.atUs,
    o: seen.id,
    k: seen.kind,
    n: seen.name,
    ...(foreign ? { ns: seen.namespace } : {}),
    u: seen.uid,
    ...(seen.owner === undefined ? {} : { own: seen.owner.id }),
    ...(seen.owner !== undefined || ownerUid === undefined ? {} : { ownUid: ownerUid }),
    ...(at === undefined ? {} : { at }),
    ...(sight.lowerUs === undefined ? {} : { l: sight.lowerUs }),
    ...(src === undefined ? {} : { src }),
  };
}

/** Tells the phases stamped since the last look; true where more than one was, so some were missed. */
function tellTransitions(
  seen: SeenObject,
  kind: ObservedKind,
  object: KubeObject,
  tell: Tell,
): boolean {
  const transitions = kind.transitions?.(object);
  if (transitions === undefined || transitions.length <= seen.stamps) return false;
  const fresh = transitions.length - seen.stamps;
  for (const { phase, phaseTransitionTimestamp } of transitions.slice(seen.stamps)) {
    tell('phase', phase, phaseTransitionTimestamp, phaseClock(phase, object));
  }
  seen.stamps = transitions.length;
  return fresh > 1;
}

function tellAnnotations(
  seen: SeenObject,
  kind: ObservedKind,
  object: KubeObject,
  tell: Tell,
): void {
  const { annotations } = object.metadata;
  if (kind.annotations === undefined || annotations === undefined) return;
  if (annotations === seen.annotations) return;
  seen.annotations = shareable(annotations);
  for (const key in kind.annotations) {
    const value = annotations[key];
    if (value) tell(kind.annotations[key] ?? key, value);
  }
}

/** A condition not true yet is as good as absent: its first word is worth a line only when true. */
function tellConditions(
  seen: SeenObject,
  kind: ObservedKind,
  object: KubeObject,
  tell: Tell,
): void {
  const conditions = kind.conditions(object);
  if (conditions === undefined || conditions === seen.conditions) return;
  seen.conditions = shareable(conditions);
  for (const condition of conditions) {
    const { type, status } = condition;
    if (kind.conditionTypes !== undefined && !kind.conditionTypes.has(type)) continue;
    const known = valueOf(seen, type);
    if (known === status) continue;
    if (known === undefined && status !== 'True' && type !== 'PodScheduled') continue;
    const stamp = condition.lastTransitionTime ?? condition.lastProbeTime;
    tell(type, status, stamp, kind.conditionClock(condition, object));
  }
}

/** Frozen parts are shared with their store, so keeping them is free and identity means equality. */
function shareable<T extends object>(part: T): T | undefined {
  return Object.isFrozen(part) ? part : undefined;
}
