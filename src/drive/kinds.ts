/** The kinds that a run deals with, by name: those that bench knows, and what discovery told of. */

import { DATA_VOLUMES, type Resource, SNAPSHOTS, VIRTUAL_MACHINES } from '../api/resources.ts';
import { present } from '../core/assert.ts';
import type { KindEntry } from '../record/any-object-entry.ts';

export interface Kinds {
  /** Undefined where nothing has told of it so far. */
  find(kind: string): Resource | undefined;
  /** Of a kind that must be there: operations on others are not sent. */
  get(kind: string): Resource;
  add(resource: Resource): void;
}

const CREATED: readonly Resource[] = [VIRTUAL_MACHINES, DATA_VOLUMES, SNAPSHOTS];

export function createKinds(): Kinds {
  const known = new Map(CREATED.map((resource) => [resource.kind, resource]));
  return {
    find: (kind) => known.get(kind),
    get: (kind) => present(known.get(kind), `kind ${kind}`),
    add: (resource) => {
      known.set(resource.kind, resource);
    },
  };
}

export function kindEntry({ kind, group, version, plural, namespaced }: Resource, t: number) {
  return { e: 'kind', t, k: kind, group, version, plural, namespaced } as const satisfies KindEntry;
}

export function kindIn({ k, group, version, plural, namespaced }: KindEntry): Resource {
  return { group, version, plural, kind: k, namespaced };
}
