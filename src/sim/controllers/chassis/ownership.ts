/** Who owns an object: by UID, because a name may belong to another object tomorrow. */

import type { KubeObject, OwnerReference } from '../../../api/object.ts';

export function findController(object: KubeObject, kind: string): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(
    (owner) => owner.controller === true && owner.kind === kind,
  );
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return findController(object, owner.kind)?.uid === owner.metadata.uid;
}

/** The reference by which `owner` controls an object; it blocks a foreground deletion. */
export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

export function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/** A merge patch that takes one finalizer away; refused where the object changed meanwhile. */
export function withoutFinalizer(object: KubeObject, finalizer: string): unknown {
  return {
    metadata: {
      resourceVersion: object.metadata.resourceVersion,
      finalizers: (object.metadata.finalizers ?? []).filter((each) => each !== finalizer),
    },
  };
}

/** A merge patch that adds one finalizer; refused where the object changed meanwhile. */
export function withFinalizer(object: KubeObject, finalizer: string): unknown {
  return {
    metadata: {
      resourceVersion: object.metadata.resourceVersion,
      finalizers: [...(object.metadata.finalizers ?? []), finalizer],
    },
  };
}
