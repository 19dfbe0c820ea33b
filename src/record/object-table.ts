/**
 * All objects of a run with their changes, in columns: 100,000 VMs bring half a million objects and
 * four million changes, which as small objects would not fit. An object is an index into the table.
 * It is known by its UID, so one that was re-created under its name is another object.
 */

import { type Groups, groupByKey, indexColumn, timeColumn } from './column.ts';
import { type Dictionary, dictionary } from './dictionary.ts';
import type { Change, ObjectEntry } from './entry.ts';

/** When something was seen of an object. */
export interface Sighting {
  readonly atUs: number;
  /** It had surely not happened by then; equals `atUs` where the time is exact. */
  readonly afterUs: number;
}

/** A time by the clock of that index, in Unix seconds. */
interface Stamp {
  readonly seconds: number;
  readonly clock: number;
}

interface ObjectChange extends Sighting {
  readonly name: string;
  readonly value: string;
  /** The server's own. */
  readonly stamp: Stamp | undefined;
  /** Several updates may have been seen as one. */
  readonly isCoalesced: boolean;
}

/** A creation or a change that carries a stamp. */
export interface StampedSighting extends Sighting {
  readonly object: number;
  readonly seconds: number;
  /** Index of the clock; undefined for a creation, which the API server stamps. */
  readonly clock: number | undefined;
  /** What changed, and to what; empty for a creation. */
  readonly name: string;
  readonly value: string;
}

export interface ObjectTable {
  readonly size: number;
  kindOf(object: number): string;
  nameOf(object: number): string;
  /** Undefined where it is the run's own. */
  namespaceOf(object: number): string | undefined;
  uidOf(object: number): string;
  /** Where a DataVolume's content comes from; undefined where it was not recorded. */
  sourceOf(object: number): string | undefined;
  /** The name of that, with its namespace where it is another one; observed runs only. */
  madeOf(object: number): string | undefined;
  /** What its label calls its image; observed runs only. */
  imageOf(object: number): string | undefined;
  ownerOf(object: number): number | undefined;
  /** First sight of the object. */
  seen(object: number): Sighting;
  deleted(object: number): Sighting | undefined;
  /** metadata.creationTimestamp, Unix seconds. */
  createdSeconds(object: number): number | undefined;
  /** The first time that `name` was seen with this value. */
  first(object: number, name: string, value: string): ObjectChange | undefined;
  /** The last value seen of `name`. */
  latest(object: number, name: string): string | undefined;
  /** In order of sight. */
  changesOf(object: number): readonly ObjectChange[];
  /** Objects owned by this one, in order of first sight. */
  childrenOf(object: number): readonly number[];
  /** Objects of this kind and name, in order of first sight. */
  named(kind: string, name: string): readonly number[];
  withUid(uid: string): number | undefined;
  /** Visits all that carries a stamp, in order of sight. The visited value is used again. */
  visitStamped(visit: (sighting: StampedSighting) => void): void;
}

export interface ObjectTableBuilder {
  /** The object of an entry; a UID that is known already is the object that it was. */
  add(entry: ObjectEntry, owner: number | undefined): number;
  change(object: number, change: Change, sighting: Sighting & { isCoalesced: boolean }): void;
  remove(object: number, atUs: number, afterUs: number): void;
  /** Resolves owners that came after what they own. To be called once, at the end. */
  build(): ObjectTable;
}

const NONE = -1;

export function objectTableBuilder(): ObjectTableBuilder {
  const columns = createColumns();
  const { objects, changes, uids, kinds, names, sources } = columns;
  return {
    add(entry, owner) {
      const known = uids.find(entry.u);
      if (known !== undefined) return known;
      const object = uids.code(entry.u);
      objects.kind.push(kinds.code(entry.k));
      objects.name.push(names.code(entry.n));
      objects.namespace.push(encodeText(columns.namespaces, entry.ns));
      objects.source.push(encodeText(sources, entry.src));
      objects.madeOf.push(encodeText(columns.origins, entry.of));
      objects.image.push(encodeText(columns.images, entry.img));
      objects.owner.push(owner ?? NONE);
      objects.seenUs.push(entry.t);
      objects.seenAfterUs.push(entry.l ?? entry.t);
      objects.deletedUs.push(NONE);
      objects.deletedAfterUs.push(NONE);
      objects.createdSeconds.push(entry.at ?? NONE);
      if (entry.ownUid !== undefined) columns.orphans.set(object, entry.ownUid);
      return object;
    },
    change(object, [name, value, seconds, clock], { atUs, afterUs, isCoalesced }) {
      changes.object.push(object);
      changes.name.push(columns.changeNames.code(name));
      changes.value.push(columns.changeValues.code(value));
      changes.atUs.push(atUs);
      changes.afterUs.push(afterUs);
      changes.seconds.push(seconds ?? NONE);
      changes.clock.push(clock ?? NONE);
      changes.coalesced.push(isCoalesced ? 1 : 0);
    },
    remove(object, atUs, afterUs) {
      objects.deletedUs.set(object, atUs);
      objects.deletedAfterUs.set(object, afterUs);
    },
    build: () => objectTable(columns),
  };
}

type Columns = ReturnType<typeof createColumns>;

function createColumns() {
  return {
    objects: {
      kind: indexColumn(),
      name: indexColumn(),
      namespace: indexColumn(),
      source: indexColumn(),
      madeOf: indexColumn(),
      image: indexColumn(),
      owner: indexColumn(),
      seenUs: timeColumn(),
      seenAfterUs: timeColumn(),
      deletedUs: timeColumn(),
      deletedAfterUs: timeColumn(),
      createdSeconds: timeColumn(),
    },
    changes: {
      object: indexColumn(),
      name: indexColumn(),
      value: indexColumn(),
      atUs: timeColumn(),
      afterUs: timeColumn(),
      seconds: timeColumn(),
      clock: indexColumn(),
      coalesced: indexColumn(),
    },
    /** An object's code is its index. */
    uids: dictionary(),
    kinds: dictionary(),
    names: dictionary(),
    namespaces: dictionary(),
    sources: dictionary(),
    origins: dictionary(),
    images: dictionary(),
    changeNames: dictionary(),
    changeValues: dictionary(),
    orphans: new Map<number, string>(),
  };
}

function objectTable(columns: Columns): ObjectTable {
  const { objects, uids, kinds, names, sources } = columns;
  adoptOrphans(columns);
  const size = uids.size;
  const children = groupByKey(objects.owner.values(), size);
  const sameName = groupByKey(objects.name.values(), names.size);
  return {
    size,
    kindOf: (object) => kinds.text(objects.kind.get(object)),
    nameOf: (object) => names.text(objects.name.get(object)),
    uidOf: (object) => uids.text(object),
    namespaceOf: (object) => decodeText(columns.namespaces, objects.namespace.get(object)),
    sourceOf: (object) => decodeText(sources, objects.source.get(object)),
    madeOf: (object) => decodeText(columns.origins, objects.madeOf.get(object)),
    imageOf: (object) => decodeText(columns.images, objects.image.get(object)),
    ownerOf: (object) => known(objects.owner.get(object)),
    seen: (object) => ({
      atUs: objects.seenUs.get(object),
      afterUs: objects.seenAfterUs.get(object),
    }),
    deleted(object) {
      const atUs = objects.deletedUs.get(object);
      return atUs === NONE ? undefined : { atUs, afterUs: objects.deletedAfterUs.get(object) };
    },
    createdSeconds: (object) => known(objects.createdSeconds.get(object)),
    ...changeReaders(columns, size),
    childrenOf: (object) => [...getItems(children, object)],
    named(kind, name) {
      const nameCode = names.find(name);
      const kindCode = kinds.find(kind);
      if (nameCode === undefined || kindCode === undefined) return [];
      return [...getItems(sameName, nameCode)].filter((o) => objects.kind.get(o) === kindCode);
    },
    withUid: (uid) => uids.find(uid),
    visitStamped: (visit) => visitStamped(columns, visit),
  };
}

/** Both columns are in order of sight: the two are merged. */
function visitStamped(
  { objects, changes, changeNames, changeValues }: Columns,
  visit: (sighting: StampedSighting) => void,
): void {
  const sighting = {
    object: 0,
    atUs: 0,
    afterUs: 0,
    seconds: 0,
    clock: 0 as number | undefined,
    name: '',
    value: '',
  };
  let object = 0;
  const visitCreations = (untilUs: number) => {
    for (; object < objects.seenUs.length && objects.seenUs.get(object) <= untilUs; object++) {
      sighting.seconds = objects.createdSeconds.get(object);
      if (sighting.seconds === NONE) continue;
      sighting.object = object;
      sighting.atUs = objects.seenUs.get(object);
      sighting.afterUs = objects.seenAfterUs.get(object);
      sighting.clock = undefined;
      sighting.name = '';
      sighting.value = '';
      visit(sighting);
    }
  };
  for (let change = 0; change < changes.object.length; change++) {
    const atUs = changes.atUs.get(change);
    visitCreations(atUs);
    sighting.seconds = changes.seconds.get(change);
    if (sighting.seconds === NONE) continue;
    sighting.object = changes.object.get(change);
    sighting.atUs = atUs;
    sighting.afterUs = changes.afterUs.get(change);
    sighting.clock = changes.clock.get(change);
    sighting.name = changeNames.text(changes.name.get(change));
    sighting.value = changeValues.text(changes.value.get(change));
    visit(sighting);
  }
  visitCreations(Number.POSITIVE_INFINITY);
}

function changeReaders(
  { changes, changeNames, changeValues }: Columns,
  size: number,
): Pick<ObjectTable, 'first' | 'latest' | 'changesOf'> {
  const byObject = groupByKey(changes.object.values(), size);
  const read = (change: number): ObjectChange => ({
    name: changeNames.text(changes.name.get(change)),
    value: changeValues.text(changes.value.get(change)),
    atUs: changes.atUs.get(change),
    afterUs: changes.afterUs.get(change),
    stamp: makeStamp(changes.seconds.get(change), changes.clock.get(change)),
    isCoalesced: changes.coalesced.get(change) === 1,
  });
  return {
    first(object, name, value) {
      const nameCode = changeNames.find(name);
      const valueCode = changeValues.find(value);
      if (nameCode === undefined || valueCode === undefined) return undefined;
      const found = getItems(byObject, object).find(
        (c) => changes.value.get(c) === valueCode && changes.name.get(c) === nameCode,
      );
      return found === undefined ? undefined : read(found);
    },
    latest(object, name) {
      const nameCode = changeNames.find(name);
      const found = getItems(byObject, object).findLast((c) => changes.name.get(c) === nameCode);
      return found === undefined ? undefined : changeValues.text(changes.value.get(found));
    },
    changesOf: (object) => Array.from(getItems(byObject, object), read),
  };
}

/** Joins objects to owners that were named by UID and seen later. */
function adoptOrphans({ orphans, objects, uids }: Columns): void {
  for (const [object, uid] of orphans) {
    if (objects.owner.get(object) === NONE) objects.owner.set(object, uids.find(uid) ?? NONE);
  }
  orphans.clear();
}

function getItems({ starts, items }: Groups, key: number): Int32Array {
  return items.subarray(starts[key], starts[key + 1]);
}

function known(value: number): number | undefined {
  return value === NONE ? undefined : value;
}

function encodeText(texts: Dictionary, text: string | undefined): number {
  return text === undefined ? NONE : texts.code(text);
}

function decodeText(texts: Dictionary, code: number): string | undefined {
  return code === NONE ? undefined : texts.text(code);
}

function makeStamp(seconds: number, clock: number): Stamp | undefined {
  return seconds === NONE ? undefined : { seconds, clock };
}
