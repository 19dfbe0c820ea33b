/**
 * What a Ceph cluster holds, as data: images with their chains of clones, tasks that wait, and the
 * journal of ceph-csi. Operations that were on the way are not part of it: their callers try again,
 * as after a restart of the driver.
 */

import { present } from '../../../core/assert.ts';
import type { ImageContent } from '../storage/content.ts';
import type { CsiSnapshot, CsiVolume } from '../storage/csi.ts';
import { addImage, type ImageStore, type RbdImage } from './image.ts';
import type { Task } from './manager.ts';

export interface SavedRbd {
  readonly images: readonly SavedImage[];
  readonly tasks: readonly Pick<Task, 'kind' | 'imageName'>[];
  readonly volumes: readonly (readonly [string, CsiVolume])[];
  readonly snapshots: readonly (readonly [string, CsiSnapshot])[];
}

interface SavedImage
  extends Pick<
    RbdImage,
    'name' | 'sizeBytes' | 'dataObjects' | 'ownBytes' | 'ownObjects' | 'trashed'
  > {
  readonly content?: ImageContent;
  readonly parent?: { readonly image: string; readonly snapshot: string };
  /** Oldest first. */
  readonly snapshots: readonly { readonly name: string; readonly inTrash: boolean }[];
}

export function saveImages({ images }: ImageStore): readonly SavedImage[] {
  return [...images.values()].map((image) => {
    const { name, sizeBytes, dataObjects, ownBytes, ownObjects, trashed } = image;
    const { content, parent } = image;
    return {
      name,
      sizeBytes,
      dataObjects,
      ownBytes,
      ownObjects,
      trashed,
      ...(content && { content }),
      ...(parent && { parent: { image: parent.image.name, snapshot: parent.name } }),
      snapshots: [...image.snapshots.values()].map((each) => ({
        name: each.name,
        inTrash: each.inTrash,
      })),
    };
  });
}

/** Throws where a clone names a parent that is not among the images. */
export function restoreImages(store: ImageStore, saved: readonly SavedImage[]): void {
  for (const { content, parent: _, snapshots, ...rest } of saved) {
    const image = addImage(store, { ...rest, content });
    for (const { name, inTrash } of snapshots) {
      image.snapshots.set(name, { name, image, children: new Set(), inTrash });
    }
  }
  for (const { name, parent } of saved) {
    if (!parent) continue;
    const image = present(store.images.get(name), name);
    const snapshot = present(
      store.images.get(parent.image)?.snapshots.get(parent.snapshot),
      `${parent.image}@${parent.snapshot}, of which ${name} is a clone`,
    );
    image.parent = snapshot;
    snapshot.children.add(image);
  }
}
