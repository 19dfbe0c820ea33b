/**
 * Which kinds are served, by path and by name: those that are built in, and those that clients
 * define. Aggregated groups are registered beside them.
 */

import type { Resource } from '../../../api/resources.ts';
import { CORE_KINDS } from '../kinds/core-kinds.ts';
import { CUSTOM_KINDS } from '../kinds/custom-kinds.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { NEW_EVENTS } from '../kinds/events-alias.ts';
import { STORED_KINDS } from '../kinds/stored-kinds.ts';

export interface Registry {
  /** In all versions that are served; those that are stored come without `storedAs`. */
  readonly definitions: readonly KindDefinition[];
  /** Another number whenever other kinds are served. */
  readonly revision: number;
  find(group: string, version: string, plural: string): KindDefinition | undefined;
  ofResource(resource: Resource): KindDefinition | undefined;
  ofKind(apiVersion: string, kind: string): KindDefinition | undefined;
  /** Whether a kind is served whatever clients define. */
  isBuiltIn(group: string, plural: string): boolean;
  /** Whether the group is Kubernetes' own, and not one of custom kinds. */
  isNativeGroup(group: string): boolean;
  /** Serves the versions of one kind, in place of those that had been served by that name. */
  serve(name: string, versions: readonly KindDefinition[]): void;
  unserve(name: string): void;
  /** Told after other kinds are served. */
  onChange(listener: () => void): void;
}

export function createRegistry(
  builtIn: readonly KindDefinition[] = [
    ...CORE_KINDS,
    ...STORED_KINDS,
    ...CUSTOM_KINDS,
    NEW_EVENTS,
  ],
): Registry {
  const defined = new Map<string, readonly KindDefinition[]>();
  const ownNames = new Set(
    builtIn.map(({ resource }) => groupKey(resource.group, resource.plural)),
  );
  const nativeGroups = new Set(
    builtIn.filter((each) => !each.custom).map(({ resource }) => resource.group),
  );
  const listeners: (() => void)[] = [];
  let served = indexed(builtIn);
  const update = () => {
    served = indexed([...builtIn, ...[...defined.values()].flat()]);
    registry.definitions = served.definitions;
    registry.revision += 1;
    for (const listener of listeners) listener();
  };
  // No getters, for the reason that core/fifo.ts gives: every request passes here.
  const registry: { -readonly [K in keyof Registry]: Registry[K] } = {
    definitions: served.definitions,
    revision: 0,
    find: (group, version, plural) => served.byPath.get(`${group}/${version}/${plural}`),
    ofResource: (resource) => served.byPath.get(pathKey(resource)),
    ofKind: (apiVersion, kind) => served.byKind.get(`${apiVersion}/${kind}`),
    isBuiltIn: (group, plural) => ownNames.has(groupKey(group, plural)),
    isNativeGroup: (group) => nativeGroups.has(group),
    serve(name, versions) {
      defined.set(name, versions);
      update();
    },
    unserve(name) {
      if (defined.delete(name)) update();
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
  };
  return registry;
}

function indexed(definitions: readonly KindDefinition[]) {
  return {
    definitions,
    byPath: new Map(definitions.map((each) => [pathKey(each.resource), each])),
    byKind: new Map(
      definitions.map((each) => [`${formatApiVersion(each.resource)}/${each.resource.kind}`, each]),
    ),
  };
}

function groupKey(group: string, plural: string): string {
  return `${group}/${plural}`;
}

const apiVersions = new WeakMap<Resource, string>();

/** `v1` or `kubevirt.io/v1`; one text for all objects of a kind. */
export function formatApiVersion(resource: Resource): string {
  let text = apiVersions.get(resource);
  if (text === undefined) {
    text = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
    apiVersions.set(resource, text);
  }
  return text;
}

function pathKey(resource: Resource): string {
  return `${resource.group}/${resource.version}/${resource.plural}`;
}
