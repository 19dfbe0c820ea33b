/** Requests on objects of any kind, in whichever scope they live. */

import type { KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import type { KubeClient } from '../kube/client.ts';
import { objectPath } from '../kube/paths.ts';
import type { Answer } from './answer.ts';

export interface Ref {
  /** Undefined where its kind lives in none. */
  readonly namespace: string | undefined;
  readonly name: string;
}

export function objectRef(
  { namespaced }: Resource,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Ref {
  return { namespace: namespaced ? namespace : undefined, name };
}

/** A server-side apply over an object that is there. Throws ApiError: 409 where fields conflict. */
export async function applyOver(
  client: KubeClient,
  resource: Resource,
  ref: Ref,
  body: KubeObject,
  { maker, force }: { readonly maker: string; readonly force: boolean },
): Promise<Answer> {
  const { status, body: shown } = await client.raw({
    method: 'PATCH',
    path: objectPath(resource, ref),
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager: maker, ...(force ? { force: 'true' } : {}) },
    body,
  });
  return { kind: 'accepted', code: status, shown: shown as KubeObject };
}
