/** How each kind of action is asked of the cluster, or of a program of the user's. */

import type { Node } from '../api/compute.ts';
import type { Resource } from '../api/resources.ts';
import type { Action, ActionKind } from '../catalogue/actions.ts';
import { isConflict } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { objectPath, subresourcePath } from '../kube/paths.ts';
import type { Answer } from './answer.ts';
import type { Ref } from './any-object.ts';
import { askExternal, type RunExternal } from './external.ts';

/** The object that something is done to, and by what. */
export interface ActedOn {
  readonly client: KubeClient;
  readonly resource: Resource;
  readonly ref: Ref;
  /** Undefined where no programs may be run. */
  readonly external: RunExternal | undefined;
  /** Deletes it where it is the run's. */
  readonly remove: () => Promise<Answer>;
}

/** Throws ApiError. */
export function askAction<Kind extends ActionKind>(
  target: ActedOn,
  action: Action<Kind>,
): Promise<Answer> {
  return REQUESTS[action.do](target, action);
}

const REQUESTS: {
  readonly [Kind in ActionKind]: (target: ActedOn, action: Action<Kind>) => Promise<Answer>;
} = {
  async patch({ client, resource, ref }, action) {
    const { patch, type = 'merge' } = action;
    const shown = await client.patch(resource, ref, patch, { type });
    return { kind: 'accepted', code: 200, shown };
  },
  taint: (target, { taints }) => taint(target, taints),
  external: ({ external }, { command }) => askExternal(external, command),
  async subresource({ client, resource, ref }, { subresource, body }) {
    const path = subresourcePath(resource, ref, subresource);
    const { status } = await client.raw({ method: 'PUT', path, body });
    return { kind: 'accepted', code: status };
  },
  async evict({ client, resource, ref }) {
    const path = objectPath(resource, ref, 'eviction');
    const { namespace, name } = ref;
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
    const { status } = await client.raw({ method: 'POST', path, body });
    return { kind: 'accepted', code: status };
  },
  delete: ({ remove }) => remove(),
  watch: () => Promise.resolve({ kind: 'accepted', code: 200 }),
};

/** Others taint nodes as well: their changes in between are seen, and theirs stay. */
const TRIES = 5;

/** Throws ApiError: 409 where others are always faster. */
async function taint(
  { client, resource, ref }: ActedOn,
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
