/**
 * What the objects of a load that nobody planned are filed under: image and source, from what they
 * say they are made of. Only one step is followed (the volume of an VMI, the claim of a snapshot).
 * A clone of a clone is filed under what it was cloned from.
 */

import type { Variant } from '../record/entry.ts';
import type { ObjectTable } from '../record/object-table.ts';
import type { Run } from '../record/run.ts';

/** Of an object of a kind that is measured. */
export type VariantFinder = (object: number) => Variant;

export function variantFinder({ objects, dataSources }: Run): VariantFinder {
  const stoodFor = new Map(dataSources.map(({ n, src }) => [n, src]));
  return (object) => {
    const label = objects.imageOf(object);
    switch (objects.kindOf(object)) {
      case 'DataVolume': {
        const image = label ?? volumeImage(objects, object);
        const source = volumeSource(objects, object, stoodFor);
        // What is filled with nothing is of no image.
        return source === BLANK && image === UNKNOWN ? { source } : { image, source };
      }
      case 'VolumeSnapshot':
        return { image: label ?? claimImage(objects, object), source: CLAIM };
      default:
        return { image: label ?? vmiImage(objects, object) };
    }
  };
}

const UNKNOWN = 'unknown';
const BLANK = 'blank';

/** Tells the making of snapshots from what is done with the same image otherwise. */
const CLAIM = 'claim';

const CLONES: ReadonlySet<string> = new Set(['pvc', 'snapshot', 'sourceRef']);

function volumeSource(
  objects: ObjectTable,
  volume: number,
  stoodFor: ReadonlyMap<string, string>,
): string {
  const source = objects.sourceOf(volume) ?? UNKNOWN;
  if (source !== 'sourceRef') return source;
  return stoodFor.get(fullName(objects, volume) ?? '') ?? source;
}

/** What it was cloned from; of a snapshot that was seen, the claim that the snapshot is of. */
function volumeImage(objects: ObjectTable, volume: number): string {
  const of = objects.madeOf(volume);
  if (of === undefined) return UNKNOWN;
  const isSnapshot = objects.sourceOf(volume) === 'snapshot';
  const snapshot = isSnapshot ? madeOfObject(objects, volume, 'VolumeSnapshot') : undefined;
  return plainName((snapshot !== undefined && objects.madeOf(snapshot)) || of);
}

/** The image that the claim is a clone of; else the claim's own name. */
function claimImage(objects: ObjectTable, snapshot: number): string {
  const volume = madeOfObject(objects, snapshot, 'DataVolume');
  const isClone = volume !== undefined && CLONES.has(objects.sourceOf(volume) ?? '');
  if (isClone) return objects.imageOf(volume) ?? volumeImage(objects, volume);
  return plainName(objects.madeOf(snapshot) ?? UNKNOWN);
}

/** That of its root volume: each VM has one of its own, so the volume's name tells nothing. */
function vmiImage(objects: ObjectTable, vmi: number): string {
  if (objects.sourceOf(vmi) === 'containerDisk') return objects.madeOf(vmi) ?? UNKNOWN;
  const volume = madeOfObject(objects, vmi, 'DataVolume');
  if (volume === undefined) return UNKNOWN;
  return objects.imageOf(volume) ?? volumeImage(objects, volume);
}

/** The object of this kind that it is made of; undefined where it was not seen. */
function madeOfObject(objects: ObjectTable, object: number, kind: string): number | undefined {
  const name = fullName(objects, object);
  const named = objects.named(kind, plainName(name ?? ''));
  return named.findLast((one) => `${objects.namespaceOf(one)}/${objects.nameOf(one)}` === name);
}

/** `namespace/name` of what it is made of. */
function fullName(objects: ObjectTable, object: number): string | undefined {
  const of = objects.madeOf(object);
  return of === undefined || of.includes('/') ? of : `${objects.namespaceOf(object)}/${of}`;
}

function plainName(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
