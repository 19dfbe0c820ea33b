/** The paths of the Kubernetes API, from the client's side. */

import type { Resource } from '../api/resources.ts';

export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** `/apis/kubevirt.io/v1/namespaces/ns/virtualmachines`; across all namespaces without one. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const base = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${base}/${resource.version}${scope}/${resource.plural}`;
}

export function objectPath(resource: Resource, ref: ObjectRef, subresource?: string): string {
  const path = `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** Of KubeVirt's kinds, its aggregated API serves them; of all others, the kind itself does. */
export function subresourcePath(resource: Resource, ref: ObjectRef, subresource: string): string {
  if (resource.group !== 'kubevirt.io') return objectPath(resource, ref, subresource);
  return objectPath({ ...resource, group: 'subresources.kubevirt.io' }, ref, subresource);
}
