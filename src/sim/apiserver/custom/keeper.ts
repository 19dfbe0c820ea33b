/**
 * Brings what is served in line with the CustomResourceDefinitions that are stored: names are
 * accepted, versions served, then the definition is Established; a deleted one takes its objects
 * with it and is served no more. Built-in kinds are served whatever becomes of their definitions,
 * which come back when they were deleted, as their operators would bring them.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { Clock } from '../../../core/clock.ts';
import { sameJson } from '../../../core/json.ts';
import { customResourceDefinition, otherVersions } from './crds.ts';
import { CLEANUP_FINALIZER, DEFINITIONS } from '../kinds/stored-kinds.ts';
import { formatApiVersion } from '../registry/registry.ts';
import type { Context } from '../requests/context.ts';
import { deleteObject } from '../requests/remove.ts';
import type { Collection, Draft } from '../registry/store.ts';
import {
  type CustomResourceDefinition,
  type DefinitionCondition,
  defineKinds,
} from './definitions.ts';

export interface DefinitionKeeper {
  /** Serves what a definition says at once, as when a server starts with it. */
  restore(definition: KubeObject): void;
}

interface Room {
  readonly context: Context;
  readonly clock: Clock;
  readonly definitions: Collection;
  /** Names whose objects are on their way out. */
  readonly emptying: Set<string>;
}

export function keepDefinitions(context: Context, clock: Clock): DefinitionKeeper | undefined {
  const definition = context.registry.ofResource(DEFINITIONS);
  if (!definition) return undefined;
  const definitions = context.store.collection(definition);
  const room: Room = { context, clock, definitions, emptying: new Set() };
  definitions.subscribe(({ event }) => {
    if (event.type === 'ADDED' || event.type === 'MODIFIED' || event.type === 'DELETED') {
      // Not within the write: whoever watches must hear of it before of what follows from it.
      clock.schedule(0, () => look(room, event.object));
    }
  });
  return { restore: (object) => serve(room, object as CustomResourceDefinition) };
}

function look(room: Room, seen: KubeObject): void {
  const { name } = seen.metadata;
  const current = room.definitions.get(undefined, name) as CustomResourceDefinition | undefined;
  if (!current) gone(room, seen as CustomResourceDefinition);
  else if (current.metadata.deletionTimestamp !== undefined) empty(room, current);
  else establish(room, current);
}

function isBuiltIn({ context }: Room, { spec }: CustomResourceDefinition): boolean {
  return context.registry.isBuiltIn(spec.group, spec.names.plural);
}

function establish(room: Room, current: CustomResourceDefinition): void {
  const taken = takenBy(room, current);
  if (taken === undefined) serve(room, current);
  const accepted =
    taken === undefined
      ? condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found')
      : condition('NamesAccepted', 'False', 'KindConflict', taken);
  const established =
    taken === undefined
      ? condition(
          'Established',
          'True',
          'InitialNamesAccepted',
          'the initial names have been accepted',
        )
      : condition('Established', 'False', 'NotAccepted', 'not all names are accepted');
  const { names, versions } = current.spec;
  const stored = current.status?.storedVersions ?? [];
  const storage = versions.find((version) => version.storage)?.name ?? '';
  writeStatus(room, current, [accepted, established], {
    acceptedNames: taken === undefined ? names : { plural: '', kind: '' },
    storedVersions: stored.includes(storage) ? stored : [...stored, storage],
  });
}

/** Why the kind cannot be called so; undefined where it can. */
function takenBy({ context }: Room, { metadata, spec }: CustomResourceDefinition) {
  const { group, names } = spec;
  const other = context.registry.definitions.find(
    ({ resource }) =>
      resource.group === group && resource.kind === names.kind && resource.plural !== names.plural,
  );
  return other && metadata.name !== '' ? `"${names.kind}" is already in use` : undefined;
}

function serve(room: Room, definition: CustomResourceDefinition): void {
  if (isBuiltIn(room, definition)) return;
  const { registry, store } = room.context;
  const kinds = defineKinds(definition);
  registry.serve(definition.metadata.name, kinds);
  const stored = kinds[0]?.storedAs ?? kinds[0];
  if (stored) storeAnew(room.context, store.collection(stored));
}

/** Objects in a version that is stored no more go over to the one that is. */
function storeAnew({ store }: Context, collection: Collection): void {
  const apiVersion = formatApiVersion(collection.definition.resource);
  const old: KubeObject[] = [];
  collection.scan(undefined, (object) => {
    if (object.apiVersion !== apiVersion) old.push(object);
    return true;
  });
  for (const object of old) {
    store.put(collection, { ...object, apiVersion, metadata: { ...object.metadata } }, object);
  }
}

/** Deletes the objects, and lets the definition go when none is left. */
function empty(room: Room, current: CustomResourceDefinition): void {
  const { context, clock, emptying } = room;
  const { name } = current.metadata;
  const [kind] = context.registry.definitions.filter(
    ({ resource, storedAs }) =>
      !storedAs &&
      resource.group === current.spec.group &&
      resource.plural === current.spec.names.plural,
  );
  const collection = kind && context.store.collection(kind);
  if (collection && collection.size > 0) {
    if (emptying.has(name)) return;
    emptying.add(name);
    const unsubscribe = collection.subscribe(({ event }) => {
      if (event.type !== 'DELETED' || collection.size > 0) return;
      unsubscribe();
      emptying.delete(name);
      clock.schedule(0, () => look(room, current));
    });
    deleteAll(context, collection);
    return;
  }
  const others = (current.metadata.finalizers ?? []).filter((each) => each !== CLEANUP_FINALIZER);
  const draft: Draft = { ...current, metadata: { ...current.metadata, finalizers: others } };
  if (others.length === 0) context.store.remove(room.definitions, draft, current);
  else if (others.length !== current.metadata.finalizers?.length) {
    context.store.put(room.definitions, draft, current);
  }
}

function deleteAll(context: Context, collection: Collection): void {
  const { definition } = collection;
  const objects: KubeObject[] = [];
  collection.scan(undefined, (object) => objects.push(object) > 0);
  for (const { metadata } of objects) {
    const { namespace, name } = metadata;
    const target = { definition, asked: definition, namespace, name, subresource: undefined };
    if (metadata.deletionTimestamp === undefined) deleteObject(context, target, undefined);
  }
}

function gone(room: Room, definition: CustomResourceDefinition): void {
  const { registry, store } = room.context;
  if (!isBuiltIn(room, definition)) {
    const served = registry.definitions.find(
      ({ resource }) =>
        resource.group === definition.spec.group &&
        resource.plural === definition.spec.names.plural,
    );
    registry.unserve(definition.metadata.name);
    if (served) store.drop(served.resource);
    return;
  }
  const kind = registry.definitions.find(
    ({ custom, storedAs, resource }) =>
      custom &&
      !storedAs &&
      resource.group === definition.spec.group &&
      resource.plural === definition.spec.names.plural,
  );
  if (kind)
    bringBack(room, customResourceDefinition(kind, otherVersions(registry.definitions, kind)));
}

function bringBack({ context, definitions }: Room, object: KubeObject): void {
  const { metadata } = object;
  const stamps = { uid: context.rng.uuid(), creationTimestamp: context.stamp(), generation: 1 };
  context.store.put(definitions, { ...object, metadata: { ...metadata, ...stamps } }, undefined);
}

type Bare = Omit<DefinitionCondition, 'lastTransitionTime'>;

function condition(type: string, status: string, reason: string, message: string): Bare {
  return { type, status, reason, message };
}

/** Writes what differs; a condition keeps its time as long as its status stays. */
function writeStatus(
  { context, definitions }: Room,
  current: CustomResourceDefinition,
  conditions: readonly Bare[],
  rest: Omit<NonNullable<CustomResourceDefinition['status']>, 'conditions' | 'acceptedNames'> & {
    readonly acceptedNames: object;
  },
): void {
  const old = current.status?.conditions ?? [];
  const stamped = conditions.map((each) => {
    const before = old.find(({ type }) => type === each.type);
    if (before?.status === each.status) return before;
    return { ...each, lastTransitionTime: context.stamp() };
  });
  const status = { ...current.status, ...rest, conditions: stamped };
  if (sameJson(status, current.status)) return;
  context.store.put(
    definitions,
    { ...current, metadata: { ...current.metadata }, status },
    current,
  );
}
