/**
 * RBD images, their snapshots and the clone chains between them, with what each stores. A snapshot
 * that is removed while clones hang on it stays on its image, in the trash namespace, and still
 * counts against ceph-csi's limits: that is why clones of one golden image slow each other down.
 */

import { invariant } from '../../../core/assert.ts';
import type { ImageContent } from '../storage/content.ts';
import type { FifoLock } from './fifo-lock.ts';
import type { Pool } from './pool.ts';

export interface RbdImage {
  readonly name: string;
  sizeBytes: number;
  content: ImageContent | undefined;
  /** The snapshot whose data this image borrows; undefined once it stands alone. */
  parent: RbdSnapshot | undefined;
  /** By name, oldest first; those in the trash namespace included. */
  readonly snapshots: Map<string, RbdSnapshot>;
  /** Objects that hold data, borrowed ones included. */
  dataObjects: number;
  /** What this image itself stores in the pool. */
  ownBytes: number;
  ownObjects: number;
  /** In the trash, waiting for the manager's task thread to remove it. */
  trashed: boolean;
  removed: boolean;
  /** Whoever changes the image must hold it; one writer at a time, in order. */
  readonly exclusiveLock: FifoLock;
}

export interface RbdSnapshot {
  readonly name: string;
  readonly image: RbdImage;
  readonly children: Set<RbdImage>;
  inTrash: boolean;
}

export interface ImageDraft {
  readonly name: string;
  readonly sizeBytes: number;
  readonly parent?: RbdSnapshot;
}

/** What bookkeeping on images needs to know of the pool around them. */
export interface ImageStore {
  readonly images: Map<string, RbdImage>;
  readonly pool: Pool;
  readonly objectSizeBytes: number;
  createLock(): FifoLock;
  /** Called when an image in the trash has lost its last clone and may go. */
  released(image: RbdImage): void;
}

/** RADOS objects of an image beside its data: rbd_id, rbd_header, rbd_object_map. */
const METADATA_OBJECTS = 3;

/** A new image; with a parent it borrows all data and content, and stores nothing itself. */
export function createImage(store: ImageStore, draft: ImageDraft): RbdImage {
  const { name, sizeBytes, parent } = draft;
  invariant(!store.images.has(name), `image ${name} exists already`);
  const image: RbdImage = {
    name,
    sizeBytes,
    content: parent?.image.content,
    parent,
    snapshots: new Map(),
    dataObjects: parent?.image.dataObjects ?? 0,
    ownBytes: 0,
    ownObjects: 0,
    trashed: false,
    removed: false,
    exclusiveLock: store.createLock(),
  };
  parent?.children.add(image);
  store.images.set(name, image);
  store.pool.add(0, METADATA_OBJECTS);
  return image;
}

/** An image with what it stores already, and nothing hanging on it yet. */
export function addImage(
  store: ImageStore,
  held: Pick<
    RbdImage,
    'name' | 'sizeBytes' | 'content' | 'dataObjects' | 'ownBytes' | 'ownObjects' | 'trashed'
  >,
): RbdImage {
  const image: RbdImage = {
    ...held,
    parent: undefined,
    snapshots: new Map(),
    removed: false,
    exclusiveLock: store.createLock(),
  };
  store.images.set(image.name, image);
  store.pool.add(image.ownBytes, image.ownObjects + METADATA_OBJECTS);
  return image;
}

/** A snapshot of `image`. */
export function createSnapshot(image: RbdImage, name: string): RbdSnapshot {
  const snapshot: RbdSnapshot = { name, image, children: new Set(), inTrash: false };
  image.snapshots.set(name, snapshot);
  return snapshot;
}

/** `rbd snap rm`: gone at once, or into the trash namespace while clones hang on it. */
export function removeSnapshot(store: ImageStore, snapshot: RbdSnapshot): void {
  snapshot.inTrash = true;
  purge(store, snapshot);
}

/** The image owns all its data from now on and leaves its parent (`rbd flatten`). */
export function detachFromParent(store: ImageStore, image: RbdImage): void {
  const missing = Math.max(0, image.dataObjects - image.ownObjects);
  store.pool.add(missing * store.objectSizeBytes, missing);
  image.ownBytes += missing * store.objectSizeBytes;
  image.ownObjects += missing;
  leaveParent(store, image);
}

/** Takes an image out of the pool; the caller knows that nothing hangs on it. */
export function removeImage(store: ImageStore, image: RbdImage): void {
  store.images.delete(image.name);
  store.pool.add(-image.ownBytes, -image.ownObjects - METADATA_OBJECTS);
  image.removed = true;
  leaveParent(store, image);
}

/** True while clones borrow from a snapshot of the image, or a live snapshot pins it. */
export function hasDependents(image: RbdImage): boolean {
  return image.snapshots.size > 0;
}

/** An import or a copy fills the image with content from its beginning. */
export function fillImage(store: ImageStore, image: RbdImage, content: ImageContent): void {
  const objects = countObjects(content.dataBytes, store.objectSizeBytes);
  store.pool.add(content.dataBytes - image.ownBytes, objects - image.ownObjects);
  image.ownBytes = content.dataBytes;
  image.ownObjects = objects;
  image.dataObjects = Math.max(image.dataObjects, objects);
  image.content = content;
}

/**
 * A guest writes `bytes` for the first time. On a clone each touched object is copied up whole, so
 * that more is stored than written; `bytesPerObject` is how much of an object one boot writes.
 */
export function writeFirst(
  store: ImageStore,
  image: RbdImage,
  bytes: number,
  bytesPerObject: number,
): void {
  const total = countObjects(image.sizeBytes, store.objectSizeBytes);
  const touched = Math.min(countObjects(bytes, bytesPerObject), total - image.ownObjects);
  const storedBytes = image.parent ? touched * store.objectSizeBytes : bytes;
  store.pool.add(storedBytes, touched);
  image.ownBytes += storedBytes;
  image.ownObjects += touched;
  image.dataObjects = Math.max(image.dataObjects, image.ownObjects);
}

/** How many ancestors an image borrows from. */
export function cloneDepth(image: RbdImage): number {
  let depth = 0;
  for (let parent = image.parent; parent; parent = parent.image.parent) depth += 1;
  return depth;
}

/** Whole objects that hold `bytes`. */
export function countObjects(bytes: number, objectSizeBytes: number): number {
  return Math.ceil(bytes / objectSizeBytes);
}

function leaveParent(store: ImageStore, image: RbdImage): void {
  const { parent } = image;
  if (!parent) return;
  image.parent = undefined;
  parent.children.delete(image);
  purge(store, parent);
}

function purge(store: ImageStore, snapshot: RbdSnapshot): void {
  if (!snapshot.inTrash || snapshot.children.size > 0) return;
  const { image } = snapshot;
  image.snapshots.delete(snapshot.name);
  if (image.trashed && !hasDependents(image)) store.released(image);
}
