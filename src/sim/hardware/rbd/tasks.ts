/** What the manager's task thread does: flattening clones and emptying the trash. */

import type { Rng } from '../../../core/rng.ts';
import { flattenUs } from '../../../parameters/derived.ts';
import type { Parameters } from '../../../parameters/parameters.ts';
import type { Counters } from './counters.ts';
import {
  detachFromParent,
  hasDependents,
  type ImageStore,
  countObjects,
  type RbdImage,
  removeImage,
} from './image.ts';
import type { TaskThread } from './manager.ts';

export interface Flattener {
  /** Queues the copying of all data that the image borrows. */
  addFlatten(image: RbdImage): void;
  /** Queues the removal of an image in the trash. */
  addRemoval(image: RbdImage): void;
}

export interface FlattenerOptions {
  readonly store: ImageStore;
  readonly tasks: TaskThread;
  readonly counters: Counters;
  readonly rng: Rng;
  readonly parameters: Pick<Parameters, 'rbd' | 'manager'>;
}

export function createFlattener(options: FlattenerOptions): Flattener {
  const { store, tasks, counters, rng, parameters } = options;
  const { manager, rbd } = parameters;
  return {
    addFlatten(image) {
      if (tasks.has('flatten', image.name) || !borrows(image)) return;
      tasks.add({
        kind: 'flatten',
        imageName: image.name,
        durationUs: () =>
          borrows(image) ? rng.gamma(imageFlattenUs(image, manager, rbd), rbd.variation) : 0,
        finish: () => {
          if (!borrows(image)) return;
          detachFromParent(store, image);
          counters.flattens += 1;
        },
      });
    },
    addRemoval(image) {
      tasks.add({
        kind: 'trashRemove',
        imageName: image.name,
        durationUs: () => rng.gamma(manager.trashRemoveTimeUs, rbd.variation),
        // With clones left the removal fails, as in Ceph; it is queued again when they are gone,
        // which is what Ceph's retries every few minutes come to.
        finish: () => {
          if (!hasDependents(image)) removeImage(store, image);
        },
      });
    },
  };
}

function imageFlattenUs(
  image: RbdImage,
  manager: Parameters['manager'],
  rbd: Parameters['rbd'],
): number {
  const total = countObjects(image.sizeBytes, rbd.objectSizeBytes);
  const copied = Math.max(0, image.dataObjects - image.ownObjects);
  const empty = Math.max(0, total - image.dataObjects);
  return flattenUs({ copied, empty }, manager);
}

function borrows(image: RbdImage): boolean {
  return image.parent !== undefined && !image.trashed && !image.removed;
}
