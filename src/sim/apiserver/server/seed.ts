/** Objects that are there without a request: what a server begins with, and what is seeded. */

import type { KubeObject } from '../../../api/object.ts';
import { NAMESPACES } from '../../../api/resources.ts';
import { BrokenInvariant } from '../../../core/assert.ts';
import { defaultRoles } from '../authorization/default-roles.ts';
import { formatApiVersion } from '../registry/registry.ts';
import type { Draft } from '../registry/store.ts';
import type { Context } from '../requests/context.ts';

const FIRST_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** What there is before anybody comes. */
export function seedObjects(
  authorization: 'RBAC' | 'AlwaysAllow' | undefined,
): readonly KubeObject[] {
  const roles = authorization === 'RBAC' ? defaultRoles() : [];
  return [...FIRST_NAMESPACES.map(namespaceObject), ...roles];
}

export function namespaceObject(name: string): KubeObject {
  return {
    apiVersion: formatApiVersion(NAMESPACES),
    kind: NAMESPACES.kind,
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

/** Its kind must be served and its name be free. */
export function seed(context: Context, object: KubeObject): KubeObject {
  const definition = context.registry.ofKind(object.apiVersion, object.kind);
  if (!definition) throw new BrokenInvariant(`no kind ${object.apiVersion}/${object.kind}`);
  const collection = context.store.collection(definition);
  const { namespace, name } = object.metadata;
  if (collection.get(namespace, name)) throw new BrokenInvariant(`${name} is seeded twice`);
  const draft: Draft = {
    ...object,
    metadata: {
      ...object.metadata,
      uid: object.metadata.uid ?? context.rng.uuid(),
      creationTimestamp: object.metadata.creationTimestamp ?? context.stamp(),
      ...(definition.generation ? { generation: 1 } : {}),
    },
  };
  return context.store.put(collection, draft, undefined);
}
