/**
 * Objects by namespace and name. Two levels instead of one joined key: joining strings for each
 * look-up costs more than the look-up.
 */

import type { KubeObject } from '../api/object.ts';

export interface ObjectMap<T extends KubeObject> {
  readonly size: number;
  get(namespace: string | undefined, name: string): T | undefined;
  /** Puts the object in the place of the one with its name, which is returned. */
  replace(object: T): T | undefined;
  /** What was there. */
  delete(namespace: string | undefined, name: string): T | undefined;
  values(): IterableIterator<T>;
}

export function createObjectMap<T extends KubeObject>(): ObjectMap<T> {
  const byNamespace = new Map<string, Map<string, T>>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    get: (namespace = '', name) => byNamespace.get(namespace)?.get(name),
    replace(object) {
      const { namespace = '', name } = object.metadata;
      const byName = byNamespace.get(namespace);
      const before = byName?.get(name);
      if (byName) byName.set(name, object);
      else byNamespace.set(namespace, new Map([[name, object]]));
      if (before === undefined) size += 1;
      return before;
    },
    delete(namespace = '', name) {
      const byName = byNamespace.get(namespace);
      const before = byName?.get(name);
      if (byName === undefined || before === undefined) return undefined;
      byName.delete(name);
      size -= 1;
      if (byName.size === 0) byNamespace.delete(namespace);
      return before;
    },
    *values() {
      for (const byName of byNamespace.values()) yield* byName.values();
    },
  };
}
