/** Requests on objects of any kind: what `apply` and `act` of a scenario are on the wire. */

import type { Node } from '../api/compute.ts';
import type { KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import type { Action } from '../catalogue/tests.ts';
import { isConflict } from '../kube/api-error.ts';
import { unreachable } from '../core/assert.ts';
import type { KubeClient } from '../kube/client.ts';
import { objectPath, subresourcePath } from '../kube/paths.ts';
import type { Answer } from './answer.ts';

export interface Ref {
  /** Undefined where its kind lives in none. */
  readonly namespace: string | undefined;
  readonly name: string;
}

export function refOf(
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

/** Throws ApiError. */
export async function actOn(
  client: KubeClient,
  resource: Resource,
  ref: Ref,
  action: Exclude<Action, { readonly do: 'delete' | 'external' }>,
): Promise<Answer> {
  switch (action.do) {
    case 'patch': {
      const { patch, type = 'merge' } = action;
      const shown = await client.patch(resource, ref, patch, { type });
      return { kind: 'accepted', code: 200, shown };
    }
    case 'subresource': {
      const path = subresourcePath(resource, ref, action.subresource);
      const { status } = await client.raw({ method: 'PUT', path, body: action.body });
      return { kind: 'accepted', code: status };
    }
    case 'evict': {
      const path = objectPath(resource, ref, 'eviction');
      const { namespace, name } = ref;
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
      const { status } = await client.raw({ method: 'POST', path, body });
      return { kind: 'accepted', code: status };
    }
    case 'taint':
      return taint(client, resource, ref, action.taints);
    case 'watch':
      return { kind: 'accepted', code: 200 };
    default:
      return unreachable(action);
  }
}

/** Others taint nodes as well: their changes in between are seen, and theirs stay. */
const TRIES = 5;

/** Throws ApiError: 409 where others are always faster. */
async function taint(
  client: KubeClient,
  resource: Resource,
  ref: Ref,
  wanted: Readonly<Record<string, string | null>>,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const { metadata, spec } = (await client.get(resource, ref)) as Node;
    const { resourceVersion } = metadata;
    const others = (spec.taints ?? []).filter(({ key }) => !Object.hasOwn(wanted, key));
    const own = Object.entries(wanted).flatMap(([key, text]) => {
      const [value = '', effect = ''] = text?.split(':') ?? [];
      return text === null ? [] : [{ key, ...(value === '' ? {} : { value }), effect }];
    });
    const patch = { metadata: { resourceVersion }, spec: { taints: [...others, ...own] } };
    try {
      return { kind: 'accepted', code: 200, shown: await client.patch(resource, ref, patch) };
    } catch (error) {
      if (!isConflict(error) || tries === TRIES) throw error;
    }
  }
}
