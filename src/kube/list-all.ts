/** Whole collections, page by page, so that no single answer is huge. */

import type { KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import { isGone } from './api-error.ts';
import type { KubeClient, ListOptions } from './client.ts';

const PAGE_SIZE = 500;

/** All objects; throws ApiError and TransportError. A list that expires half-way starts again. */
export async function listAll<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  options: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'> = {},
): Promise<readonly T[]> {
  for (;;) {
    try {
      return await listOnce(client, resource, options);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

async function listOnce<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  options: ListOptions,
): Promise<readonly T[]> {
  const found: T[] = [];
  let continueToken: string | undefined;
  do {
    const page = await client.list(resource, { ...options, limit: PAGE_SIZE, continueToken });
    for (const item of page.items) found.push(item);
    continueToken = page.metadata.continue || undefined;
  } while (continueToken !== undefined);
  return found;
}
