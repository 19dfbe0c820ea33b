/**
 * kube-controller-manager's garbage collector: deletes what nobody owns any longer, holds owners
 * whose deletion waits for their dependents (foreground), and cuts dependents loose (orphan).
 * An owner that its copies do not show is asked for live before anything is deleted.
 */

import type { KubeObject, OwnerReference } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';
import { isConflict, isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import type { OtherKinds } from './cluster-resources.ts';
import { createDependents, type Dependent, type Dependents } from './dependents.ts';
import type { ComputeLab } from './lab.ts';
import { hasFinalizer, isDeleting, withoutFinalizer } from '../chassis/ownership.ts';

/** Objects of these kinds may own or be owned; the others may come and go. */
export function startGarbageCollector(
  lab: ComputeLab,
  resources: readonly Resource[],
  others: OtherKinds,
): void {
  const room: CollectorRoom = {
    lab,
    client: lab.client({ component: 'kube-controller-manager' }),
    copies: new Map(),
    byKind: new Map(),
    dependents: createDependents(),
    controller: lab.controller({
      name: 'garbage-collector',
      workers: 20,
      reconcile: (key) => reconcile(room, key),
    }),
  };
  for (const resource of [...resources, ...others.list()]) include(room, resource);
  others.onChange(() => follow(room, resources, others.list()));
  lab.whenSynced(() => {
    for (const [resource, informer] of room.copies.values()) {
      for (const object of informer.values()) checkNew(room, resource, object);
    }
  });
}

function include(room: CollectorRoom, resource: Resource): void {
  const informer = room.lab.informer(resource);
  room.copies.set(kindKey(resource), [resource, informer]);
  room.byKind.set(`${resource.group}/${resource.kind}`, resource);
  informer.onChange((now, before) => changed(room, resource, now, before));
}

/** Kinds that are served no more are looked at no more. */
function follow(
  room: CollectorRoom,
  known: readonly Resource[],
  others: readonly Resource[],
): void {
  for (const [resource, informer] of room.copies.values()) {
    if (known.includes(resource) || others.includes(resource)) continue;
    informer.stop();
    room.copies.delete(kindKey(resource));
    room.byKind.delete(`${resource.group}/${resource.kind}`);
  }
  for (const resource of others) if (!room.copies.has(kindKey(resource))) include(room, resource);
}

interface CollectorRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  /** By plural and group. */
  readonly copies: Map<string, readonly [Resource, Informer<KubeObject>]>;
  /** By group and kind, as owners are named. */
  readonly byKind: Map<string, Resource>;
  readonly dependents: Dependents;
  readonly controller: Controller;
}

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** Plurals alone may be those of several groups. */
function kindKey({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** `plural.group namespace/name`: what a look is asked for. */
function keyFor(resource: Resource, key: string): string {
  return `${kindKey(resource)} ${key}`;
}

function keyOfDependent({ resource, namespace, name }: Dependent): string {
  return keyFor(resource, namespace === undefined ? name : `${namespace}/${name}`);
}

function changed(
  room: CollectorRoom,
  resource: Resource,
  now: KubeObject | undefined,
  before: KubeObject | undefined,
): void {
  room.dependents.replace(resource, now, before);
  if (!now) {
    if (before) ownerGone(room, before);
    return;
  }
  if (!before) {
    if (room.lab.synced) checkNew(room, resource, now);
    return;
  }
  if (isDeleting(now) && !isDeleting(before)) checkDeletion(room, resource, now);
}

/** An object that is new to us: does it have an owner, and is it being deleted in two steps? */
function checkNew(room: CollectorRoom, resource: Resource, object: KubeObject): void {
  if (isDeleting(object)) checkDeletion(room, resource, object);
  const owners = object.metadata.ownerReferences;
  if (!owners || owners.length === 0) return;
  if (owners.some((owner) => !isKnown(room, object, owner))) {
    room.controller.enqueue(keyFor(resource, makeObjectKey(object)));
  }
}

function checkDeletion(room: CollectorRoom, resource: Resource, object: KubeObject): void {
  if (hasFinalizer(object, FOREGROUND) || hasFinalizer(object, ORPHAN)) {
    room.controller.enqueue(keyFor(resource, makeObjectKey(object)));
  }
}

/** Its dependents may go; an owner that waits for it in turn may go on. */
function ownerGone(room: CollectorRoom, object: KubeObject): void {
  for (const dependent of room.dependents.of(object.metadata.uid ?? '')) {
    room.controller.enqueue(keyOfDependent(dependent));
  }
  for (const owner of object.metadata.ownerReferences ?? []) {
    const copy = copyOfOwner(room, object, owner);
    if (copy && isDeleting(copy.object) && hasFinalizer(copy.object, FOREGROUND)) {
      room.controller.enqueue(keyFor(copy.resource, makeObjectKey(copy.object)));
    }
  }
}

function isKnown(room: CollectorRoom, object: KubeObject, owner: OwnerReference): boolean {
  const resource = resourceOfOwner(room, owner);
  // A kind that is not watched here is nobody we may judge.
  return resource === undefined || copyOfOwner(room, object, owner) !== undefined;
}

function resourceOfOwner(room: CollectorRoom, owner: OwnerReference): Resource | undefined {
  const slash = owner.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : owner.apiVersion.slice(0, slash);
  return room.byKind.get(`${group}/${owner.kind}`);
}

/** The owner as our copies show it, if it is the very one. */
function copyOfOwner(
  room: CollectorRoom,
  object: KubeObject,
  owner: OwnerReference,
): { readonly resource: Resource; readonly object: KubeObject } | undefined {
  const resource = resourceOfOwner(room, owner);
  const informer = resource && room.copies.get(kindKey(resource))?.[1];
  if (!resource || !informer) return undefined;
  const namespace = resource.namespaced ? object.metadata.namespace : undefined;
  const copy = informer.get(namespace, owner.name);
  return copy?.metadata.uid === owner.uid ? { resource, object: copy } : undefined;
}

async function reconcile(room: CollectorRoom, key: string): Promise<ReconcileResult> {
  const space = key.indexOf(' ');
  const [resource, informer] = room.copies.get(key.slice(0, space)) ?? [];
  const { namespace, name } = splitKey(key.slice(space + 1));
  const object = informer?.get(namespace, name);
  if (!resource || !object) return undefined;
  try {
    if (isDeleting(object) && hasFinalizer(object, ORPHAN)) await orphan(room, resource, object);
    if (isDeleting(object) && hasFinalizer(object, FOREGROUND)) {
      await foreground(room, resource, object);
    }
    if (!isDeleting(object)) await collect(room, resource, object);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return undefined;
}

/** Deletes an object all of whose owners are gone or wait for it. */
async function collect(room: CollectorRoom, resource: Resource, object: KubeObject): Promise<void> {
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0) return;
  let waited = false;
  for (const owner of owners) {
    const state = await stateOfOwner(room, object, owner);
    if (state === 'alive') return;
    if (state === 'waits') waited = true;
  }
  const { uid } = object.metadata;
  try {
    await room.client.remove(resource, object.metadata, {
      propagation: waited && blocks(object) ? 'Foreground' : 'Background',
      ...(uid === undefined ? {} : { uid }),
    });
  } catch (error) {
    // Another object of this name: nothing of ours.
    if (!isConflict(error)) throw error;
  }
}

function blocks(object: KubeObject): boolean {
  return object.metadata.ownerReferences?.some((owner) => owner.blockOwnerDeletion) ?? false;
}

type OwnerState = 'alive' | 'waits' | 'gone';

async function stateOfOwner(
  room: CollectorRoom,
  object: KubeObject,
  owner: OwnerReference,
): Promise<OwnerState> {
  const resource = resourceOfOwner(room, owner);
  if (!resource) return 'alive';
  const found =
    copyOfOwner(room, object, owner)?.object ?? (await live(room, resource, object, owner));
  if (!found) return 'gone';
  return isDeleting(found) && hasFinalizer(found, FOREGROUND) ? 'waits' : 'alive';
}

async function live(
  room: CollectorRoom,
  resource: Resource,
  object: KubeObject,
  owner: OwnerReference,
): Promise<KubeObject | undefined> {
  const namespace = resource.namespaced ? object.metadata.namespace : undefined;
  try {
    const found = await room.client.get(resource, { namespace, name: owner.name });
    return found.metadata.uid === owner.uid ? found : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Has the blocking dependents deleted; lets the owner go when none is left. */
async function foreground(
  room: CollectorRoom,
  resource: Resource,
  object: KubeObject,
): Promise<void> {
  const uid = object.metadata.uid ?? '';
  const dependents = room.dependents.of(uid);
  for (const dependent of dependents) room.controller.enqueue(keyOfDependent(dependent));
  const blocking = dependents.some((dependent) => {
    const copy = room.copies.get(kindKey(dependent.resource))?.[1];
    const owners = copy?.get(dependent.namespace, dependent.name)?.metadata.ownerReferences;
    return owners?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true);
  });
  if (blocking) return;
  await room.client.patch(resource, object.metadata, withoutFinalizer(object, FOREGROUND));
}

/** Takes the owner out of its dependents, then lets it go. */
async function orphan(room: CollectorRoom, resource: Resource, object: KubeObject): Promise<void> {
  const { uid } = object.metadata;
  for (const dependent of room.dependents.of(uid ?? '')) {
    const copy = room.copies.get(kindKey(dependent.resource))?.[1];
    const child = copy?.get(dependent.namespace, dependent.name);
    if (!child) continue;
    const ownerReferences = (child.metadata.ownerReferences ?? []).filter(
      (owner) => owner.uid !== uid,
    );
    const { resourceVersion } = child.metadata;
    const patch = { metadata: { resourceVersion, ownerReferences } };
    await room.client.patch(dependent.resource, child.metadata, patch);
  }
  await room.client.patch(resource, object.metadata, withoutFinalizer(object, ORPHAN));
}
