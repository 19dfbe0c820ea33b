/**
 * What a Ceph cluster holds, as data: images with their chains of clones, tasks that wait, and the
 * journal of ceph-csi. Operations that were on the way are not part of it: their callers try again,
 * as after a restart of the driver.
 */

import { z } from 'zod';
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

const amount = z.number().min(0);

const listener = z.object({ port: z.int(), afterUs: amount });

const content = z.object({
  key: z.string(),
  dataBytes: amount,
  guest: z
    .object({
      firmwareUs: amount,
      cpuUs: amount,
      readBytes: amount,
      writeBytes: amount,
      servicesUs: amount,
      osName: z.string(),
      hasAgent: z.boolean().optional(),
      listens: z.array(listener).optional(),
    })
    .optional(),
});

const image = z.object({
  name: z.string(),
  sizeBytes: amount,
  dataObjects: amount,
  ownBytes: amount,
  ownObjects: amount,
  trashed: z.boolean(),
  content: content.optional(),
  parent: z.object({ image: z.string(), snapshot: z.string() }).optional(),
  snapshots: z.array(z.object({ name: z.string(), inTrash: z.boolean() })),
});

const volume = z.object({
  handle: z.string(),
  sizeBytes: amount,
  attributes: z.record(z.string(), z.string()),
});

const snapshot = z.object({ handle: z.string(), sizeBytes: amount, createdUs: z.number() });

const savedRbd = z
  .object({
    images: z.array(image),
    tasks: z.array(z.object({ kind: z.enum(['flatten', 'trashRemove']), imageName: z.string() })),
    volumes: z.array(z.tuple([z.string(), volume])),
    snapshots: z.array(z.tuple([z.string(), snapshot])),
  })
  .superRefine(({ images }, context) => {
    const family = new Map(images.map((each) => [each.name, each]));
    if (family.size < images.length) context.addIssue('two images of one name');
    for (const { name, parent } of images) {
      if (parent === undefined) continue;
      const { snapshots = [] } = family.get(parent.image) ?? {};
      if (snapshots.some((each) => each.name === parent.snapshot)) continue;
      context.addIssue(`${name} is a clone of ${parent.image}@${parent.snapshot}: not there`);
    }
  });

/** What was read from somewhere, checked. Throws an Error that says what is wrong with it. */
export function parseSavedRbd(value: unknown): SavedRbd {
  const checked = savedRbd.safeParse(value);
  if (checked.success) return checked.data as SavedRbd;
  const [issue] = checked.error.issues;
  throw new Error(`what Ceph held, ${issue?.path.join('.')}: ${issue?.message}`);
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
