/** The words that steps look out for, by kind: who they are for, and what they are on an object. */

import type { KubeObject } from '../api/object.ts';
import type { Tell } from './kinds.ts';
import { FALSE, type Look, NO_FAILURE, placeOf, TRUE } from './look.ts';
import { type Reader, wordReader } from './words.ts';

export interface WordBook {
  add(look: Look): void;
  /** Whether the step looks at this object of its kind. */
  isFor(look: Look, object: KubeObject): boolean;
  /**
   * Tells the words of all steps that look at the object; first what is not so any more, since one
   * sight may end one word and make another true.
   */
  tell(kind: string, object: KubeObject, tell: Tell): void;
}

interface Page {
  readonly places: ReadonlySet<string> | undefined;
  readonly readers: readonly (readonly [change: string, read: Reader])[];
}

export function createWordBook(): WordBook {
  const pages = new Map<Look, Page>();
  const byKind = new Map<string, Page[]>();
  const add = (look: Look) => {
    const page: Page = {
      places: look.places && new Set(look.places),
      readers: look.words.map((word) => [word.change, wordReader(word)]),
    };
    pages.set(look, page);
    const { kind } = look.resource;
    byKind.set(kind, [...(byKind.get(kind) ?? []), page]);
  };
  return {
    add,
    isFor(look, object) {
      const page = pages.get(look);
      if (page === undefined) return false;
      if (page.places !== undefined) return covers(page, object);
      return page.readers.some(([, read]) => !SILENT.has(read(object)));
    },
    tell(kind, object, tell) {
      for (const page of byKind.get(kind) ?? []) {
        if (!covers(page, object)) continue;
        const node = page.places === undefined ? nodeOf(object) : undefined;
        if (node !== undefined) tell('node', node);
        const words = page.readers.map(([change, read]) => [change, read(object)] as const);
        for (const [change, value] of words) if (value !== TRUE) tell(change, value);
        for (const [change, value] of words) if (value === TRUE) tell(change, value);
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

function covers({ places }: Page, { metadata }: KubeObject): boolean {
  return places?.has(placeOf(metadata.namespace, metadata.name)) ?? true;
}
