/**
 * What keeps an object from going once it has been deleted. A finalizer names who has to let go,
 * not why; of claims in use and of namespaces the cluster knows more than that, and is quoted.
 */

import type { Pod } from '../api/compute.ts';
import type { Condition, KubeObject } from '../api/object.ts';
import { CLAIMS, NAMESPACES, PODS, type Resource, VOLUMES } from '../api/resources.ts';
import { TransportError } from '../api/transport.ts';
import { excerpt } from '../core/excerpt.ts';
import { neutralText } from '../core/neutral-text.ts';
import { ApiError, isNotFound } from './api-error.ts';
import type { KubeClient } from './client.ts';
import { listAll } from './list-all.ts';
import type { ObjectRef } from './paths.ts';

/** kube-controller-manager's, on claims that pods use. */
const CLAIM_IN_USE = 'kubernetes.io/pvc-protection';

const QUOTE_MOST = 200;

/** As `Kind namespace/name: what holds it`; undefined where it is gone. */
export async function describeHolder(
  client: KubeClient,
  resource: Resource,
  ref: ObjectRef,
): Promise<string | undefined> {
  const { namespace, name } = ref;
  const place = namespace === undefined ? name : `${namespace}/${name}`;
  const what = await findHolder(client, resource, ref);
  return what && `${resource.kind} ${place}: ${excerpt(neutralText(what), QUOTE_MOST)}`;
}

async function findHolder(
  client: KubeClient,
  resource: Resource,
  ref: ObjectRef,
): Promise<string | undefined> {
  try {
    const object = await client.get(resource, ref);
    const users = await findUsers(client, resource, object);
    return holderText(resource, object, users);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (error instanceof ApiError || error instanceof TransportError) {
      return `nobody could say what holds it (${error.message})`;
    }
    throw error;
  }
}

function holderText(
  resource: Resource,
  { metadata, ...object }: KubeObject,
  users: readonly string[],
): string {
  if (metadata.deletionTimestamp === undefined) return 'not marked for deletion';
  if (users.length > 0) return `in use by ${users.slice(0, 3).join(', ')}`;
  const { finalizers = [] } = metadata;
  const said = remaining(object as Conditioned, resource);
  if (said.length > 0) return said.join(' ');
  if (finalizers.length > 0) {
    return `held by the finalizer${finalizers.length === 1 ? '' : 's'} ${finalizers.join(', ')}`;
  }
  return 'marked for deletion, and nothing holds it';
}

interface Conditioned {
  readonly status?: { readonly conditions?: readonly Condition[]; readonly message?: string };
}

/**
 * What the namespace controller says that it still finds (NamespaceContentRemaining and the like),
 * and what a storage driver says of a volume that it could not delete.
 */
function remaining({ status }: Conditioned, resource: Resource): readonly string[] {
  if (resource === VOLUMES) return status?.message ? [status.message] : [];
  if (resource !== NAMESPACES) return [];
  const conditions = status?.conditions?.filter((each) => each.status === 'True') ?? [];
  return conditions.flatMap(({ message }) => (message ? [message] : []));
}

/** Pods that mount a claim which is protected for their sake. */
async function findUsers(
  client: KubeClient,
  resource: Resource,
  { metadata: { name, namespace, finalizers = [] } }: KubeObject,
): Promise<readonly string[]> {
  if (resource !== CLAIMS || !finalizers.includes(CLAIM_IN_USE)) return [];
  const pods = await listAll<Pod>(client, PODS, { namespace });
  const users = pods.filter(({ spec }) =>
    spec?.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === name),
  );
  return users.map(({ metadata }) => `Pod ${namespace}/${metadata.name}`);
}
