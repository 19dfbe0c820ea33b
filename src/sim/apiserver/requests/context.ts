/** What every request handler works with. */

import type { KubeObject } from '../../../api/object.ts';
import { deepFreeze } from '../../../core/json.ts';
import type { Rng } from '../../../core/rng.ts';
import type { Admission, Around } from '../registry/admission.ts';
import type { Registry } from '../registry/registry.ts';
import type { Collection, Draft, Store } from '../registry/store.ts';
import type { WriteOptions } from './write-options.ts';

export interface Context {
  readonly store: Store;
  readonly registry: Registry;
  readonly admission: Admission;
  readonly around: Around;
  readonly rng: Rng;
  /** RFC 3339, whole seconds, by the server's own clock. */
  stamp(offsetSeconds?: number): string;
  nowUnixUs(): number;
  /** The object as a reader gets it, where some of its fields are computed. */
  present(collection: Collection, object: KubeObject): KubeObject;
  /** Told of each eviction before it is decided, as webhooks are. */
  evictionAsked(pod: KubeObject): void;
}

/** Writes the draft, unless the request only asked what would happen. */
export function persist(
  context: Context,
  collection: Collection,
  draft: Draft,
  before: KubeObject | undefined,
  options: WriteOptions,
): KubeObject {
  if (options.dryRun) return deepFreeze(draft);
  return context.store.put(collection, draft, before);
}

/** Deletes, unless the request only asked what would happen. */
export function erase(
  context: Context,
  collection: Collection,
  draft: Draft,
  before: KubeObject,
  options: WriteOptions,
): KubeObject {
  if (options.dryRun) return deepFreeze(draft);
  return context.store.remove(collection, draft, before);
}
