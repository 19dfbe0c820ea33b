/**
 * All kinds of objects that live in namespaces, as the server lists them. Groups are served by
 * programs of their own, and one that is down must not hide the rest.
 */

import type { Resource } from '../api/resources.ts';
import { ApiError, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { ForeignAnswerError } from '../kube/foreign-answer.ts';

export interface VisibleKinds {
  readonly kinds: readonly Resource[];
  /** What else there may be, and why it cannot be seen. */
  readonly unseen: readonly string[];
}

/** Undefined where the server does not say. */
export async function servedKinds(client: KubeClient): Promise<VisibleKinds | undefined> {
  const groups = await read<Groups>(client, '/apis', isGroups);
  if (groups === 'absent') return undefined;
  if ('trouble' in groups) return { kinds: [], unseen: [`everything (${groups.trouble})`] };
  const versions = groups.groups.map(({ preferredVersion }) => preferredVersion.groupVersion);
  const parts = await Promise.all([
    kindsAt(client, '/api/v1', 'v1'),
    ...versions.map((version) => kindsAt(client, `/apis/${version}`, version)),
  ]);
  return {
    kinds: parts.flatMap(({ kinds }) => kinds),
    unseen: parts.flatMap(({ unseen }) => unseen),
  };
}

interface Groups {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}

function isGroups(body: unknown): boolean {
  const { groups } = (body ?? {}) as Partial<Groups>;
  return (
    Array.isArray(groups) &&
    groups.every((group) => typeof group?.preferredVersion?.groupVersion === 'string')
  );
}

interface ApiKind {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Null for what virt-api lists, which is made of subresources. */
  readonly verbs: readonly string[] | null;
}

interface ApiKinds {
  readonly resources: readonly ApiKind[];
}

function isKinds(body: unknown): boolean {
  const { resources } = (body ?? {}) as Partial<ApiKinds>;
  return (
    Array.isArray(resources) &&
    resources.every(
      (each) =>
        typeof each?.name === 'string' &&
        typeof each.kind === 'string' &&
        (each.verbs === null || Array.isArray(each.verbs)),
    )
  );
}

async function kindsAt(
  client: KubeClient,
  path: string,
  groupVersion: string,
): Promise<VisibleKinds> {
  const listed = await read<ApiKinds>(client, path, isKinds);
  // A definition that was deleted meanwhile.
  if (listed === 'absent') return { kinds: [], unseen: [] };
  if ('trouble' in listed) {
    return { kinds: [], unseen: [`everything of ${groupVersion} (${listed.trouble})`] };
  }
  const [version = '', group = ''] = groupVersion.split('/').reverse();
  const kinds = listed.resources
    .filter(isStored)
    .map(
      ({ name, kind }) => ({ group, version, plural: name, kind, namespaced: true }) as Resource,
    );
  return { kinds, unseen: [] };
}

/** Not ours to mind: records of what happened, and shadows of Services. */
const IGNORED: ReadonlySet<string> = new Set(['events', 'endpoints', 'endpointslices']);

/** What is listed and cannot be deleted is computed, and lives nowhere. */
function isStored({ name, namespaced, verbs }: ApiKind): boolean {
  return (
    namespaced &&
    !name.includes('/') &&
    !IGNORED.has(name) &&
    verbs !== null &&
    verbs.includes('list') &&
    verbs.includes('delete')
  );
}

async function read<T>(
  client: KubeClient,
  path: string,
  isIt: (body: unknown) => boolean,
): Promise<T | 'absent' | { readonly trouble: string }> {
  try {
    const { body } = await client.raw({ method: 'GET', path });
    return isIt(body) ? (body as T) : { trouble: 'its answer is no list of kinds' };
  } catch (error) {
    return isNotFound(error) ? 'absent' : { trouble: describeTrouble(error) };
  }
}

/** Of one program behind the server; throws whatever concerns the server as a whole. */
export function describeTrouble(error: unknown): string {
  if (error instanceof ForeignAnswerError) return error.message;
  if (error instanceof ApiError && (error.code === 403 || error.code >= 500)) {
    return error.status?.message ?? `HTTP ${error.code}`;
  }
  throw error;
}
