/**
 * kube-controller-manager's namespace controller: a namespace that is being deleted is emptied kind
 * by kind, and let go when nothing is left. What finalizers hold is looked at again later, as the
 * real one does, since it watches no contents.
 */

import type { KubeObject } from '../../../api/object.ts';
import { NAMESPACES, type Resource } from '../../../api/resources.ts';
import { SECOND } from '../../../core/duration.ts';
import { isConflict, isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { ReconcileResult } from '../../../kube/controller.ts';
import { collectionPath, objectPath } from '../../../kube/paths.ts';
import type { ComputeLab } from './lab.ts';
import { isDeleting } from '../chassis/ownership.ts';

/** Empties namespaces of the kinds that `contents` names when asked, all of them namespaced. */
export function startNamespaceController(
  lab: ComputeLab,
  contents: () => readonly Resource[],
): void {
  const client = lab.client({ component: 'kube-controller-manager' });
  const namespaces = lab.informer(NAMESPACES);
  const controller = lab.controller({
    name: 'namespace',
    workers: 10,
    reconcile: (name) => {
      const namespace = namespaces.get(undefined, name);
      if (!namespace || !isDeleting(namespace)) return Promise.resolve(undefined);
      return empty(client, namespace, contents());
    },
  });
  namespaces.onChange((now, before) => {
    if (!now || !isDeleting(now) || (before && isDeleting(before))) return;
    controller.enqueue(now.metadata.name);
  });
}

/** Objects that finalizers hold are looked at again this often. */
const AGAIN = { afterUs: 5 * SECOND };

async function empty(
  client: KubeClient,
  namespace: KubeObject,
  contents: readonly Resource[],
): Promise<ReconcileResult> {
  const { name } = namespace.metadata;
  let left = 0;
  for (const resource of contents) {
    await client.raw({ method: 'DELETE', path: collectionPath(resource, name) });
    const page = await client.list(resource, { namespace: name, limit: 1 });
    left += page.items.length;
  }
  if (left > 0) return AGAIN;
  try {
    await client.raw({
      method: 'PUT',
      path: objectPath(NAMESPACES, { name }, 'finalize'),
      body: { ...namespace, spec: { finalizers: [] } },
    });
  } catch (error) {
    if (isConflict(error)) return { afterUs: SECOND };
    if (!isNotFound(error)) throw error;
  }
  return undefined;
}
