/** Creation by whoever may have made it before: controllers, and hosts that are started again. */

import type { KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import { isAlreadyExists } from './api-error.ts';
import type { KubeClient } from './client.ts';

/**
 * Makes the object where there is none of its name: one that is there stays as it is. What was
 * made, or undefined.
 */
export async function createOnce<T extends KubeObject>(
  client: Pick<KubeClient, 'create'>,
  resource: Resource<T>,
  object: T,
): Promise<T | undefined> {
  try {
    return await client.create(resource, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return undefined;
  }
}
