/**
 * All objects, under one counter of versions. Writers hand over drafts that nobody else holds; the
 * store stamps the version, keeps them frozen, and tells subscribers in commit order. Everything
 * here is synchronous: between reading an object and writing it back nothing can intervene.
 */

import type { KubeObject, ObjectMeta } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import type { WatchEvent, WatchEventType } from '../../../api/transport.ts';
import { compactCopy, deepFreeze } from '../../../core/json.ts';
import { type Commit, createHistory, type History } from '../core/history.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { createSortedEntries, type SortedEntries } from '../core/sorted-entries.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A fresh object with fresh metadata: the store may write to both. */
export interface Draft {
  apiVersion: string;
  kind: string;
  metadata: Mutable<ObjectMeta>;
  spec?: unknown;
  status?: unknown;
}

export interface Collection {
  readonly definition: KindDefinition;
  readonly size: number;
  readonly history: History;
  get(namespace: string | undefined, name: string): KubeObject | undefined;
  /** Visits in key order, from key `from` on, until `visit` returns false. */
  scan(namespace: string | undefined, visit: (object: KubeObject) => boolean, from?: string): void;
  /** `dropped` is called where the kind is served no more. */
  subscribe(subscriber: (commit: Commit) => void, dropped?: () => void): () => void;
}

export type CommitListener = (commit: Commit, definition: KindDefinition) => void;

export interface Store {
  /** The version of the last write. */
  readonly version: number;
  collection(definition: KindDefinition): Collection;
  /** Writes `draft`, which replaces `before`; the stored object. */
  put(collection: Collection, draft: Draft, before: KubeObject | undefined): KubeObject;
  /** Deletes; the last state with the version of the deletion. */
  remove(collection: Collection, draft: Draft, before: KubeObject): KubeObject;
  onCommit(listener: CommitListener): void;
  /** Ends the subscriptions to the kind of a resource, which is served no more. */
  drop(resource: Resource): void;
  /** Forgets the history of all collections. */
  compact(): void;
  /** Keeps so many commits of each collection from now on, if that is more than before. */
  keepHistory(length: number): void;
}

/** `namespace/name`, or the bare name of a cluster-scoped object. */
export function storeKey(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** A draft of what admission returned, which may be frozen or shared. */
export function ownDraft(object: KubeObject): Draft {
  if (!Object.isFrozen(object) && !Object.isFrozen(object.metadata)) return object;
  return { ...object, metadata: { ...object.metadata } };
}

export function createStore(firstHistoryLength: number, firstVersion = 1): Store {
  const collections = new Map<string, WritableCollection>();
  // A kind that is defined anew keeps its objects; all it takes is another definition.
  const byDefinition = new Map<KindDefinition, WritableCollection>();
  const listeners: CommitListener[] = [];
  let historyLength = firstHistoryLength;
  const collection = (definition: KindDefinition) => {
    let found = byDefinition.get(definition);
    if (found) return found;
    const key = collectionKey(definition.resource);
    found = collections.get(key);
    if (found) {
      byDefinition.delete(found.definition);
      found.definition = definition;
    } else {
      found = new EntryCollection(definition, historyLength);
      // Nothing is known of what a store before this one did.
      found.history.compact(firstVersion);
      collections.set(key, found);
    }
    byDefinition.set(definition, found);
    return found;
  };
  const commit = (type: WatchEventType, to: Collection, draft: Draft, before?: KubeObject) => {
    const version = (store.version += 1);
    draft.metadata.resourceVersion = String(version);
    const object = before ? deepFreeze(draft, before) : compactCopy(draft);
    const event: WatchEvent = Object.freeze({ type, object });
    const made: Commit = { version, event, before };
    (to as WritableCollection).apply(made);
    for (const listener of listeners) listener(made, to.definition);
    return object;
  };
  // No getter, for the reason that core/fifo.ts gives: every request passes here.
  const store: Mutable<Store> = {
    version: firstVersion,
    collection,
    put: (to, draft, before) => commit(before ? 'MODIFIED' : 'ADDED', to, draft, before),
    remove: (from, draft, before) => commit('DELETED', from, draft, before),
    onCommit: (listener) => {
      listeners.push(listener);
    },
    drop: (resource) => collections.get(collectionKey(resource))?.drop(),
    compact() {
      for (const each of collections.values()) each.history.compact(store.version);
    },
    keepHistory(length) {
      historyLength = Math.max(historyLength, length);
      for (const each of collections.values()) each.history.grow(length);
    },
  };
  return store;
}

interface WritableCollection extends Collection {
  definition: KindDefinition;
  apply(commit: Commit): void;
  drop(): void;
}

/** Objects of all versions of a kind are stored together. */
function collectionKey({ group, plural }: Resource): string {
  return `${group}/${plural}`;
}

interface Subscriber {
  readonly told: (commit: Commit) => void;
  readonly dropped: () => void;
}

/** An object's place: found by key, passed in order, filled anew with each write. */
interface Entry {
  readonly key: string;
  object: KubeObject;
}

/** A class for the reason that core/fifo.ts gives. */
class EntryCollection implements WritableCollection {
  definition: KindDefinition;
  readonly history: History;
  private readonly entries = createEntries();
  private readonly sorted = createSortedEntries<Entry>();
  private subscribers: readonly Subscriber[] = [];

  constructor(definition: KindDefinition, historyLength: number) {
    this.definition = definition;
    this.history = createHistory(historyLength);
  }

  get size(): number {
    return this.sorted.size;
  }

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.entries.get(namespace, name)?.object;
  }

  scan(namespace: string | undefined, visit: (object: KubeObject) => boolean, from?: string): void {
    const prefix = namespace === undefined ? '' : `${namespace}/`;
    this.sorted.scan(from ?? prefix, (entry) => {
      if (prefix !== '' && !entry.key.startsWith(prefix)) return false;
      return visit(entry.object);
    });
  }

  subscribe(told: (commit: Commit) => void, dropped: () => void = () => {}): () => void {
    const subscriber = { told, dropped };
    this.subscribers = [...this.subscribers, subscriber];
    return () => {
      this.subscribers = this.subscribers.filter((other) => other !== subscriber);
    };
  }

  drop(): void {
    for (const { dropped } of this.subscribers) dropped();
  }

  apply(commit: Commit): void {
    replace(this.entries, this.sorted, commit);
    this.history.push(commit);
    for (const { told } of this.subscribers) told(commit);
  }
}

/** By namespace and name; joining the two for each look-up costs more than the look-up. */
function createEntries() {
  const byNamespace = new Map<string, Map<string, Entry>>();
  return {
    get: (namespace = '', name: string) => byNamespace.get(namespace)?.get(name),
    add(namespace = '', name: string, entry: Entry) {
      const byName = byNamespace.get(namespace);
      if (byName) byName.set(name, entry);
      else byNamespace.set(namespace, new Map([[name, entry]]));
    },
    delete: (namespace = '', name: string) => byNamespace.get(namespace)?.delete(name),
  };
}

function replace(
  entries: ReturnType<typeof createEntries>,
  sorted: SortedEntries<Entry>,
  { event }: Commit,
): void {
  const { object, type } = event;
  const { namespace, name } = object.metadata;
  if (type === 'DELETED') {
    entries.delete(namespace, name);
    sorted.delete(storeKey(namespace, name));
    return;
  }
  const entry = entries.get(namespace, name);
  if (entry) {
    entry.object = object;
    return;
  }
  const added = { key: storeKey(namespace, name), object };
  entries.add(namespace, name, added);
  sorted.add(added);
}
