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
  return new NestedMap<T>();
}

/** A class for the reason that core/fifo.ts gives. */
class NestedMap<T extends KubeObject> implements ObjectMap<T> {
  size = 0;
  private readonly byNamespace = new Map<string, Map<string, T>>();

  get(namespace = '', name: string): T | undefined {
    return this.byNamespace.get(namespace)?.get(name);
  }

  replace(object: T): T | undefined {
    const { namespace = '', name } = object.metadata;
    const byName = this.byNamespace.get(namespace);
    const before = byName?.get(name);
    if (byName) byName.set(name, object);
    else this.byNamespace.set(namespace, new Map([[name, object]]));
    if (before === undefined) this.size += 1;
    return before;
  }

  delete(namespace = '', name: string): T | undefined {
    const byName = this.byNamespace.get(namespace);
    const before = byName?.get(name);
    if (byName === undefined || before === undefined) return undefined;
    byName.delete(name);
    this.size -= 1;
    if (byName.size === 0) this.byNamespace.delete(namespace);
    return before;
  }

  *values(): IterableIterator<T> {
    for (const byName of this.byNamespace.values()) yield* byName.values();
  }
}
