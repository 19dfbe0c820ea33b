/**
 * A local copy of a collection, kept up to date by list-watch. Handlers are called after the copy
 * has changed; deletions that were lost in a gap surface when the next list is complete.
 */

import type { KubeObject } from '../api/object.ts';
import { type ListWatchOptions, startListWatch } from './list-watch.ts';
import { createObjectMap } from './object-map.ts';

export interface Informer<T extends KubeObject> {
  readonly synced: Promise<void>;
  get(namespace: string | undefined, name: string): T | undefined;
  values(): IterableIterator<T>;
  /** The objects filed under `key` by the index of that name. */
  indexed(index: string, key: string): ReadonlySet<T>;
  /** More handlers may be added before the first list arrives. */
  onChange(handler: ChangeHandler<T>): void;
  stop(): void;
}

/** `now` is undefined where the object is gone, `before` where it is new. */
export type ChangeHandler<T> = (now: T | undefined, before: T | undefined) => void;

export type InformerOptions<T extends KubeObject> = Omit<ListWatchOptions<T>, 'onItem'> & {
  /** Names of indexes, and the keys under which each files an object. */
  readonly indexes?: Readonly<Record<string, (object: T) => readonly string[]>>;
};

/** `namespace/name`, or the bare name of a cluster-scoped object. */
export function makeObjectKey(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name);
}

export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The reverse of `objectKey`. */
export function splitKey(key: string): { readonly namespace: string | undefined; name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export function startInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  const objects = createObjectMap<T>();
  const index = createIndexes(options.indexes ?? {});
  const handlers: ChangeHandler<T>[] = [(now, before) => index.replace(before, now)];
  let listed: Set<string> | undefined;
  // One handler that fails on one object must not keep the others from hearing of it.
  const tell = (object: T, now: T | undefined, before: T | undefined) => {
    for (const handler of handlers) {
      try {
        handler(now, before);
      } catch (error) {
        if (!options.onError) throw error;
        options.onError(error, makeObjectKey(object));
      }
    }
  };

  const put = (object: T) => {
    tell(object, object, objects.replace(object));
  };
  const drop = ({ metadata: { namespace, name } }: T) => {
    const before = objects.delete(namespace, name);
    if (before !== undefined) tell(before, undefined, before);
  };
  const dropUnlisted = (seen: ReadonlySet<string>) => {
    for (const object of objects.values()) if (!seen.has(makeObjectKey(object))) drop(object);
  };

  const listWatch = startListWatch<T>({
    ...options,
    onItem: (item) => {
      if (item.kind === 'listed') {
        listed ??= new Set();
        listed.add(makeObjectKey(item.object));
        put(item.object);
      } else if (item.kind === 'synced') {
        dropUnlisted(listed ?? new Set());
        listed = undefined;
      } else if (item.kind === 'changed') {
        if (item.type === 'DELETED') drop(item.object);
        else put(item.object);
      }
    },
  });
  return {
    synced: listWatch.synced,
    get: (namespace, name) => objects.get(namespace, name),
    values: () => objects.values(),
    indexed: (name, key) => index.lookup(name, key),
    onChange: (handler) => {
      handlers.push(handler);
    },
    stop: () => listWatch.stop(),
  };
}

interface Indexes<T> {
  replace(before: T | undefined, now: T | undefined): void;
  lookup(name: string, key: string): ReadonlySet<T>;
}

/** Of most keys there is one object, which then is kept without a set around it. */
type Filed<T> = T | Set<T>;

function createIndexes<T extends object>(
  definitions: Readonly<Record<string, (object: T) => readonly string[]>>,
): Indexes<T> {
  const nothing: ReadonlySet<T> = new Set();
  const tables = Object.entries(definitions).map(([name, keysOf]) => ({
    name,
    keysOf,
    filed: new Map<string, Filed<T>>(),
  }));
  return {
    replace(before, now) {
      for (const { keysOf, filed } of tables) {
        const old = before === undefined ? NONE : keysOf(before);
        const keys = now === undefined ? NONE : keysOf(now);
        // Most changes move nothing: then the keys stay, and only what they stand for changes.
        if (before !== undefined && now !== undefined && isSame(old, keys)) {
          for (const key of keys) swap(filed, key, before, now);
          continue;
        }
        if (before !== undefined) for (const key of old) removeFrom(filed, key, before);
        if (now !== undefined) for (const key of keys) addTo(filed, key, now);
      }
    },
    lookup(name, key) {
      const found = tables.find((table) => table.name === name)?.filed.get(key);
      if (found === undefined) return nothing;
      return found instanceof Set ? found : new Set([found]);
    },
  };
}

const NONE: readonly string[] = [];

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function swap<T extends object>(filed: Map<string, Filed<T>>, key: string, before: T, now: T) {
  const found = filed.get(key);
  if (found instanceof Set) {
    found.delete(before);
    found.add(now);
  } else {
    filed.set(key, now);
  }
}

function addTo<T extends object>(filed: Map<string, Filed<T>>, key: string, value: T): void {
  const found = filed.get(key);
  if (found instanceof Set) found.add(value);
  else filed.set(key, found === undefined ? value : new Set([found, value]));
}

function removeFrom<T extends object>(filed: Map<string, Filed<T>>, key: string, value: T): void {
  const found = filed.get(key);
  if (found instanceof Set) {
    found.delete(value);
    if (found.size === 0) filed.delete(key);
  } else if (found === value) {
    filed.delete(key);
  }
}
