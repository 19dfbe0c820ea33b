/** Which of a VM's disks it boots from, and what that disk is a clone of. */

import { at } from './template.ts';

export interface CloneReference {
  readonly source: 'pvc' | 'snapshot';
  readonly namespace: unknown;
  readonly name: unknown;
}

/** Index of the dataVolumeTemplate that is the root disk; undefined where the VM brings none. */
export function findRootDisk(tree: unknown): number | undefined {
  const disks = listAt(tree, 'spec', 'dataVolumeTemplates');
  const spec = at(tree, 'spec', 'template', 'spec');
  const devices = listAt(spec, 'domain', 'devices', 'disks');
  const order = (disk: unknown) => Number(at(disk, 'bootOrder') ?? Infinity);
  const first = [...devices].sort((a, b) => compareOrder(order(a), order(b)))[0];
  const volume = listAt(spec, 'volumes').find((v) => at(v, 'name') === at(first, 'name'));
  const claim =
    at(volume, 'dataVolume', 'name') ?? at(volume, 'persistentVolumeClaim', 'claimName');
  const found = disks.findIndex((disk) => at(disk, 'metadata', 'name') === claim);
  if (found >= 0) return found;
  const cloned = disks.findIndex((disk) => findCloneReference(disk) !== undefined);
  return cloned >= 0 && devices.length === 0 ? cloned : undefined;
}

/** What a DataVolume clones; undefined for imports and blank disks. */
export function findCloneReference(dataVolume: unknown): CloneReference | undefined {
  for (const source of ['pvc', 'snapshot'] as const) {
    const reference = at(dataVolume, 'spec', 'source', source);
    if (reference === undefined) continue;
    return { source, namespace: at(reference, 'namespace'), name: at(reference, 'name') };
  }
  return undefined;
}

/** The list at a path; empty where there is none. */
export function listAt(tree: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = at(tree, ...path);
  return Array.isArray(list) ? (list as unknown[]) : [];
}

function compareOrder(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
