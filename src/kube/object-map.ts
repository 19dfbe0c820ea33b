/**
 * Objects by namespace and name. Two levels instead of one joined key: joining strings for each
 * look-up costs more than the look-up.
 */

import type { KubeObject } from '../api/object.ts';

export interface ObjectMap<T extends KubeObject> {
  readonly size: number;
  get(namespace: string | undefined, name: string): T | undefined;
  set(object: T): void;
  delete(namespace: string | undefined, name: string): void;
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
    set(object) {
      const { namespace = '', name } = object.metadata;
      let byName = byNamespace.get(namespace);
      if (!byName) {
        byName = new Map();
        byNamespace.set(namespace, byName);
      }
      if (!byName.has(name)) size += 1;
      byName.set(name, object);
    },
    delete(namespace = '', name) {
      const byName = byNamespace.get(namespace);
      if (!byName?.delete(name)) return;
      size -= 1;
      if (byName.size === 0) byNamespace.delete(namespace);
    },
    *values() {
      for (const byName of byNamespace.values()) yield* byName.values();
    },
  };
}
