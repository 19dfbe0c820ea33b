/** The predicates that steps watch for, by kind: of which objects, and whether they are true. */

import type { KubeObject } from '../api/object.ts';
import type { Tell } from './kinds.ts';
import { FALSE, type StepWatch, NO_FAILURE, namespacedName, TRUE } from './step-watch.ts';
import { type Reader, predicateReader } from './predicate.ts';

export interface PredicateIndex {
  add(watch: StepWatch): void;
  /** Whether the step watches this object of its kind. */
  isFor(watch: StepWatch, object: KubeObject): boolean;
  /**
   * Tells the predicates of all steps that watch the object; first those that are not true any
   * more, since one change of it may end one and make another true.
   */
  tell(kind: string, object: KubeObject, tell: Tell): void;
}

interface Indexed {
  readonly places: ReadonlySet<string> | undefined;
  readonly readers: readonly (readonly [change: string, read: Reader])[];
}

export function createPredicateIndex(): PredicateIndex {
  const indexed = new Map<StepWatch, Indexed>();
  const byKind = new Map<string, Indexed[]>();
  const add = (watch: StepWatch) => {
    const one: Indexed = {
      places: watch.places && new Set(watch.places),
      readers: watch.predicates.map((predicate) => [predicate.change, predicateReader(predicate)]),
    };
    indexed.set(watch, one);
    const { kind } = watch.resource;
    byKind.set(kind, [...(byKind.get(kind) ?? []), one]);
  };
  return {
    add,
    isFor(watch, object) {
      const one = indexed.get(watch);
      if (one === undefined) return false;
      if (one.places !== undefined) return covers(one, object);
      return one.readers.some(([, read]) => !SILENT.has(read(object)));
    },
    tell(kind, object, tell) {
      for (const one of byKind.get(kind) ?? []) {
        if (!covers(one, object)) continue;
        const node = one.places === undefined ? nodeOf(object) : undefined;
        if (node !== undefined) tell('node', node);
        const predicates = one.readers.map(([change, read]) => [change, read(object)] as const);
        for (const [change, value] of predicates) if (value !== TRUE) tell(change, value);
        for (const [change, value] of predicates) if (value === TRUE) tell(change, value);
      }
    },
  };
}

/** Where one of many lives: a pod, a local volume, what was found on a node. */
function nodeOf({ metadata, spec }: KubeObject & { readonly spec?: unknown }): string | undefined {
  const { nodeName } = (spec ?? {}) as { readonly nodeName?: unknown };
  const hostname = metadata.labels?.['kubernetes.io/hostname'];
  return typeof nodeName === 'string' ? nodeName : hostname;
}

/** What says nothing of an object. */
const SILENT: ReadonlySet<string> = new Set([FALSE, NO_FAILURE]);

function covers({ places }: Indexed, { metadata }: KubeObject): boolean {
  return places?.has(namespacedName(metadata.namespace, metadata.name)) ?? true;
}
