/**
 * What an object is made of, as far as it says so itself: for loads that nobody planned, since a
 * plan would know. Only names are read here; whether a volume of that name is a clone of something
 * else in turn, the history tells as a whole.
 */

import { safeTable } from '../core/table.ts';
import type { VmiSpec, VirtualMachineInstance, VolumeSource } from '../api/compute.ts';
import type { KubeObject } from '../api/object.ts';
import type { DataVolume, VolumeSnapshot } from '../api/storage.ts';
import type { ObjectEntry } from '../record/entry.ts';

/** How the images of a load that nobody planned are told. */
export interface Strangers {
  /** A label whose value names the image, where objects carry it. */
  readonly imageLabel?: string | undefined;
}

export type MadeOf = Pick<ObjectEntry, 'src' | 'of' | 'img'>;

export function readOrigin(kind: string, object: KubeObject, { imageLabel }: Strangers): MadeOf {
  const image = imageLabel === undefined ? undefined : object.metadata.labels?.[imageLabel];
  return { ...READERS[kind]?.(object), ...(image ? { img: image } : {}) };
}

const READERS = safeTable<(object: KubeObject) => MadeOf>({
  DataVolume: (object) => volumeSource(object as DataVolume),
  VolumeSnapshot(object) {
    const claim = (object as VolumeSnapshot).spec.source.persistentVolumeClaimName;
    return claim === undefined ? {} : { of: claim };
  },
  VirtualMachineInstance: (object) => rootVolume((object as VirtualMachineInstance).spec),
});

function volumeSource({ metadata, spec }: DataVolume): MadeOf {
  const { http, registry, pvc, snapshot } = spec.source ?? {};
  const there = pvc ?? snapshot ?? spec.sourceRef;
  if (there !== undefined) {
    const isHere = there.namespace === undefined || there.namespace === metadata.namespace;
    return { of: isHere ? there.name : `${there.namespace}/${there.name}` };
  }
  const file = fileName(http?.url ?? registry?.url ?? registry?.imageStream ?? '');
  return file === '' ? {} : { of: file };
}

/** The volume that the guest boots from: of the first disk in boot order, else in the list. */
function rootVolume({ domain, volumes = [] }: VmiSpec): MadeOf {
  const disks = (domain.devices?.disks ?? []) as readonly Disk[];
  const [first] = disks.toSorted((a, b) => (a.bootOrder ?? LAST) - (b.bootOrder ?? LAST));
  const volume = volumes.find(({ name }) => name === first?.name) ?? volumes[0];
  return volume === undefined ? {} : volumeOrigin(volume);
}

interface Disk {
  readonly name: string;
  readonly bootOrder?: number;
}

const LAST = Number.MAX_SAFE_INTEGER;

function volumeOrigin({ dataVolume, persistentVolumeClaim, containerDisk }: VolumeSource): MadeOf {
  if (dataVolume) return { src: 'dataVolume', of: dataVolume.name };
  if (persistentVolumeClaim) {
    return { src: 'persistentVolumeClaim', of: persistentVolumeClaim.claimName };
  }
  return containerDisk ? { src: 'containerDisk', of: fileName(containerDisk.image) } : {};
}

/** The last word of a URL's path or an image's name: all else may hold a secret. */
function fileName(url: string): string {
  const [path = ''] = url.replace(/^[^/]*:\/\/[^/]*/, '').split(/[?#@]/, 1);
  return path.slice(path.lastIndexOf('/') + 1);
}
