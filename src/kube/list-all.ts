/** Whole collections, page by page where the server lets us, so that no single answer is huge. */

import type { KubeList, KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import { isGone } from './api-error.ts';
import type { KubeClient, ListOptions } from './client.ts';
import { ForeignAnswerError } from './foreign-answer.ts';

const PAGE_SIZE = 500;

/**
 * All objects; throws ApiError and TransportError. Where the pages expire before they are read, all
 * is asked for at once, as client-go does: that cannot expire half-way.
 */
export async function listAll<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  options: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'> = {},
): Promise<readonly T[]> {
  try {
    return await listPages(client, resource, { ...options, limit: PAGE_SIZE });
  } catch (error) {
    if (!isGone(error)) throw error;
    return listPages(client, resource, options);
  }
}

async function listPages<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  options: ListOptions,
): Promise<readonly T[]> {
  const found: T[] = [];
  const turn = pageTurner();
  for (;;) {
    const page = await client.list(resource, { ...options, continueToken: turn.token() });
    for (const item of page.items) found.push(item);
    if (turn.isLast(page)) return found;
  }
}

/** So many pages without an object, each promising more, are no list. */
const EMPTY_PAGES_MAX = 10;

/** Goes from page to page, and knows a server that only pretends to have more. */
export interface PageTurner {
  /** Of the next page. */
  token(): string | undefined;
  /** Throws ForeignAnswerError where pages lead nowhere. */
  isLast(page: KubeList): boolean;
}

export function pageTurner(): PageTurner {
  let token: string | undefined;
  let empty = 0;
  return {
    token: () => token,
    isLast({ items, metadata }) {
      const next = metadata.continue || undefined;
      if (next === undefined) return true;
      empty = items.length === 0 ? empty + 1 : 0;
      if (next === token || empty > EMPTY_PAGES_MAX) {
        throw new ForeignAnswerError('the pages of a list lead nowhere');
      }
      token = next;
      return false;
    },
  };
}
