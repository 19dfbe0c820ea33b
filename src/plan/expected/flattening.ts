/**
 * What clones of a claim leave behind on its image: a snapshot each, which ceph-csi has flattened
 * in the background beyond a soft limit, one at a time, and beyond a hard limit waits for. So waves
 * of clones are as fast as the first until then, and from there as slow as flattening.
 */

import { flattenUs } from '../../parameters/derived.ts';
import type { Model } from './model.ts';

export interface Flattening {
  /** So much time passes in which nobody clones that claim. */
  pass(us: number): void;
  /** A wave of so many clones that would take `us` alone: how long it takes. */
  clone(count: number, us: number): number;
}

export interface ClonedImage {
  readonly sizeBytes: number;
  readonly dataBytes: number;
}

export function createFlattening(image: ClonedImage, { parameters }: Model): Flattening {
  const { rbd, manager } = parameters;
  const copied = Math.ceil(image.dataBytes / rbd.objectSizeBytes);
  const empty = Math.max(0, Math.ceil(image.sizeBytes / rbd.objectSizeBytes) - copied);
  const eachUs = flattenUs({ copied, empty }, manager);
  let snapshots = 0;
  let isFull = false;
  const pass = (us: number) => {
    // Who meets the hard limit asks for all of them, others for what is beyond the soft one.
    const asked = isFull ? snapshots : Math.max(0, snapshots - rbd.softSnapshots + 1);
    snapshots -= Math.min(asked, us / eachUs);
  };
  return {
    pass,
    clone(count, us) {
      const tooMany = snapshots + count - 1 - rbd.hardSnapshots;
      if (tooMany > 0) isFull = true;
      const takesUs = Math.max(us, tooMany * eachUs);
      snapshots += count;
      pass(takesUs);
      return takesUs;
    },
  };
}
