/**
 * The stored objects as a whole, to be written to a file and to be put back into a new server.
 * Versions go on from the saved one: whoever watched the old server is told to list again.
 */

import type { KubeObject } from '../../../api/object.ts';
import { UsageError } from '../../../core/usage-error.ts';
import { DEFINITIONS } from '../kinds/stored-kinds.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import type { Context } from '../requests/context.ts';
import type { Draft } from '../registry/store.ts';
import { holdAgainst } from '../schema/validate.ts';

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

/**
 * Puts the objects in place of whatever has their names. Throws UsageError where one is of a kind
 * that is not served, or is nothing that such a kind can be: the file may be damaged.
 */
export function restoreObjects(
  context: Context,
  { objects }: SavedObjects,
  define: (definition: KubeObject) => void,
): void {
  const { registry, store } = context;
  for (const object of objects) {
    if (object.kind !== DEFINITIONS.kind) continue;
    checkShape(registry.ofKind(object.apiVersion, object.kind), object);
    define(object);
  }
  for (const object of objects) {
    const definition = checkShape(registry.ofKind(object.apiVersion, object.kind), object);
    const collection = store.collection(definition);
    const { namespace, name } = object.metadata;
    const draft: Draft = { ...object, metadata: { ...object.metadata } };
    store.put(collection, draft, collection.get(namespace, name));
  }
  store.compact();
}

/** Of a served kind, which its schema knows; status and all. */
function checkShape(definition: KindDefinition | undefined, object: KubeObject): KindDefinition {
  const { apiVersion, kind, metadata } = object;
  if (!definition) throw new UsageError(`the saved objects are of ${apiVersion} ${kind}: unknown`);
  const [cause] = holdAgainst(object, definition.schema).causes;
  if (cause === undefined) return definition;
  const { field, message } = cause;
  throw new UsageError(`the saved ${kind} ${metadata.name} is damaged: ${field}: ${message}`);
}
