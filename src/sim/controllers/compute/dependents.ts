/**
 * Who depends on whom, by the owner's UID. Ownership hardly ever changes and almost every owner
 * has one dependent, so that one is kept without a set around it: with 100,000 VMs there are half
 * a million of these.
 */

import type { KubeObject, OwnerReference } from '../../../api/object.ts';
import type { Resource } from '../../../api/resources.ts';

export interface Dependent {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
}

export interface Dependents {
  /** Files the object under the owners of `now` instead of those of `before`. */
  replace(resource: Resource, now: KubeObject | undefined, before: KubeObject | undefined): void;
  of(ownerUid: string): readonly Dependent[];
}

export function createDependents(): Dependents {
  const table = new Map<string, Dependent | readonly Dependent[]>();
  const listOf = (uid: string) => {
    const entry = table.get(uid);
    if (entry === undefined) return NONE;
    return isList(entry) ? entry : [entry];
  };
  const add = (uid: string, dependent: Dependent) => {
    const others = listOf(uid).filter((each) => !isSame(each, dependent));
    table.set(uid, others.length === 0 ? dependent : others.concat(dependent));
  };
  const drop = (uid: string, dependent: Dependent) => {
    const others = listOf(uid).filter((each) => !isSame(each, dependent));
    if (others.length === 0) table.delete(uid);
    else table.set(uid, others);
  };
  return {
    replace(resource, now, before) {
      const owners = listOwners(now);
      const earlier = listOwners(before);
      const object = now ?? before;
      if (owners === earlier || !object) return;
      const { namespace, name } = object.metadata;
      const dependent = { resource, namespace, name };
      for (const { uid } of earlier) {
        if (!owners.some((owner) => owner.uid === uid)) drop(uid, dependent);
      }
      for (const { uid } of owners) {
        if (!earlier.some((owner) => owner.uid === uid)) add(uid, dependent);
      }
    },
    of: listOf,
  };
}

const NONE: readonly never[] = [];

function listOwners(object: KubeObject | undefined): readonly OwnerReference[] {
  return object?.metadata.ownerReferences ?? NONE;
}

function isList(entry: Dependent | readonly Dependent[]): entry is readonly Dependent[] {
  return Array.isArray(entry);
}

function isSame(a: Dependent, b: Dependent): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.resource === b.resource;
}
