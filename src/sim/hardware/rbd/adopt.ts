/**
 * A Ceph cluster that is found instead of made: volumes and snapshots that objects of the API tell
 * of, while nobody remembers the images. Chains of clones are rebuilt; what guests wrote and what
 * has been flattened since is not known to the API, and is lost.
 */

import type { CsiJournal } from './ceph-csi.ts';
import type { ImageContent } from '../storage/content.ts';
import type { Findings, FoundVolume } from '../storage/csi.ts';
import { uuidOfHandle } from './handle.ts';
import {
  createImage,
  createSnapshot,
  fillImage,
  type ImageStore,
  type RbdImage,
  type RbdSnapshot,
  removeSnapshot,
} from './image.ts';

/** Sources come before their clones, whatever the order in which they were found. */
export function adoptFindings(store: ImageStore, journal: CsiJournal, found: Findings): void {
  const volumes = new Map(found.volumes.map((each) => [each.handle, each]));
  const snapshots = new Map(found.snapshots.map((each) => [each.handle, each]));
  const begun = new Set<string>();
  const volume = (handle: string): RbdImage | undefined => {
    const name = `csi-vol-${uuidOfHandle(handle)}`;
    const asked = volumes.get(handle);
    if (asked && !begun.has(handle)) {
      begun.add(handle);
      const image = store.images.get(name) ?? rebuilt(asked, name);
      // Also one that is remembered from before its data came.
      contain(store, image, asked.content ?? originOf(asked)?.content);
    }
    return store.images.get(name);
  };
  const snapshot = (handle: string): RbdSnapshot | undefined => {
    const name = `csi-snap-${uuidOfHandle(handle)}`;
    const asked = snapshots.get(handle);
    if (asked && !begun.has(handle)) {
      begun.add(handle);
      const source = volume(asked.sourceHandle);
      const image = store.images.get(name);
      if (!image) createSnapshot(cloneVia(store, source, name, asked.sizeBytes), name);
      else contain(store, image, source?.content);
    }
    return store.images.get(name)?.snapshots.get(name);
  };
  const originOf = ({ source }: FoundVolume) =>
    source?.kind === 'snapshot' ? snapshot(source.handle)?.image : source && volume(source.handle);
  const rebuilt = (asked: FoundVolume, name: string): RbdImage => {
    const parent = parentOf(asked, name);
    const image = createImage(store, {
      name,
      sizeBytes: asked.sizeBytes,
      ...(parent && { parent }),
    });
    if (parent?.name === name) removeSnapshot(store, parent);
    return image;
  };
  const parentOf = ({ source, sizeBytes }: FoundVolume, name: string) => {
    if (source?.kind === 'snapshot') return snapshot(source.handle);
    const origin = source && volume(source.handle);
    if (!origin) return undefined;
    return createSnapshot(cloneVia(store, origin, `${name}-temp`, sizeBytes), name);
  };
  for (const { requestName, content: _, source: __, ...made } of found.volumes) {
    volume(made.handle);
    journal.volumes.set(requestName, made);
  }
  for (const { requestName, sourceHandle: _, ...made } of found.snapshots) {
    snapshot(made.handle);
    journal.snapshots.set(requestName, made);
  }
}

/** Where nothing is known of it yet; what borrows its data stores none of it. */
function contain(store: ImageStore, image: RbdImage, content: ImageContent | undefined): void {
  if (image.content || !content) return;
  if (image.parent) image.content = content;
  else fillImage(store, image, content);
}

/** A clone of a snapshot that is in the trash of its source, as ceph-csi leaves it. */
function cloneVia(
  store: ImageStore,
  source: RbdImage | undefined,
  name: string,
  sizeBytes: number,
): RbdImage {
  const parent = source && createSnapshot(source, name);
  const image = createImage(store, { name, sizeBytes, ...(parent && { parent }) });
  if (parent) removeSnapshot(store, parent);
  return image;
}
