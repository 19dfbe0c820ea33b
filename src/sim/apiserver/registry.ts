/** Which kinds are served, by path and by name; aggregated groups are registered beside them. */

import type { Resource } from '../../api/resources.ts';
import { CORE_KINDS } from './kinds/core-kinds.ts';
import { CUSTOM_KINDS } from './kinds/custom-kinds.ts';
import type { KindDefinition } from './kinds/definition.ts';
import { NEW_EVENTS } from './kinds/events-alias.ts';
import { STORED_KINDS } from './kinds/stored-kinds.ts';

export interface Registry {
  readonly definitions: readonly KindDefinition[];
  find(group: string, version: string, plural: string): KindDefinition | undefined;
  ofResource(resource: Resource): KindDefinition | undefined;
  ofKind(apiVersion: string, kind: string): KindDefinition | undefined;
}

export function createRegistry(
  definitions: readonly KindDefinition[] = [
    ...CORE_KINDS,
    ...STORED_KINDS,
    ...CUSTOM_KINDS,
    NEW_EVENTS,
  ],
): Registry {
  const byPath = new Map(definitions.map((each) => [pathKey(each.resource), each]));
  const byKind = new Map(
    definitions.map((each) => [`${apiVersionOf(each.resource)}/${each.resource.kind}`, each]),
  );
  return {
    definitions,
    find: (group, version, plural) => byPath.get(`${group}/${version}/${plural}`),
    ofResource: (resource) => byPath.get(pathKey(resource)),
    ofKind: (apiVersion, kind) => byKind.get(`${apiVersion}/${kind}`),
  };
}

/** `v1` or `kubevirt.io/v1`. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

function pathKey(resource: Resource): string {
  return `${resource.group}/${resource.version}/${resource.plural}`;
}
