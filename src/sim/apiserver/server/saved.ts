/**
 * The stored objects as a whole, to be written to a file and to be put back into a new server.
 * Versions go on from the saved one: whoever watched the old server is told to list again.
 */

import type { KubeObject } from '../../../api/object.ts';
import { BrokenInvariant } from '../../../core/assert.ts';
import { DEFINITIONS } from '../kinds/stored-kinds.ts';
import type { Context } from '../requests/context.ts';
import type { Draft } from '../registry/store.ts';

export interface SavedObjects {
  /** Of the last write before saving. */
  readonly version: number;
  readonly objects: readonly KubeObject[];
}

export function saveObjects({ store, registry }: Context): SavedObjects {
  const objects: KubeObject[] = [];
  for (const definition of registry.definitions) {
    if (definition.storedAs) continue;
    store.collection(definition).scan(undefined, (object) => {
      objects.push(object);
      return true;
    });
  }
  return { version: store.version, objects };
}

/** Puts the objects in place of whatever has their names; throws for kinds that are not served. */
export function restoreObjects(
  context: Context,
  { objects }: SavedObjects,
  define: (definition: KubeObject) => void,
): void {
  const { registry, store } = context;
  for (const object of objects) if (object.kind === DEFINITIONS.kind) define(object);
  for (const object of objects) {
    const definition = registry.ofKind(object.apiVersion, object.kind);
    if (!definition) throw new BrokenInvariant(`no kind ${object.apiVersion}/${object.kind}`);
    const collection = store.collection(definition);
    const { namespace, name } = object.metadata;
    const draft: Draft = { ...object, metadata: { ...object.metadata } };
    store.put(collection, draft, collection.get(namespace, name));
  }
  store.compact();
}
