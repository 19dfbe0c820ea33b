/**
 * The DataVolumes that an operation is to fill. A disk that never appeared is missing, not absent.
 * It is listed without an object, so that it is counted as a miss; of what kind it would have been,
 * the complete VMs of the same step tell.
 */

import type { Variant } from '../record/entry.ts';
import type { ObjectTable } from '../record/object-table.ts';
import type { Operation, Run } from '../record/run.ts';

export interface Disk {
  /** Undefined where it was never seen. */
  readonly object: number | undefined;
  /** Key of its spec.source: `pvc`, `snapshot`, `http`, `blank` ...; `unknown` where none tells. */
  readonly source: string;
  readonly isRoot: boolean;
}

const UNKNOWN = 'unknown';

/** The disks of a created object, root disk first. */
export type DiskFinder = (
  operation: Operation,
  own: number | undefined,
  variant: Variant,
) => readonly Disk[];

export function diskFinder(run: Run): DiskFinder {
  const layouts = new Map<string, readonly string[]>();
  return (operation, own, variant) => {
    if (operation.verb !== 'create') return [];
    if (operation.kind === 'DataVolume') return [soleDisk(run, own, variant)];
    if (operation.kind !== 'VirtualMachine') return [];
    const disks = seenDisks(run, own, variant, operation.found ? undefined : operation.disks);
    if (disks.length >= operation.disks) return disks;
    if (layouts.size === 0) for (const [key, layout] of findLayouts(run)) layouts.set(key, layout);
    const layout = layouts.get(layoutKey(operation)) ?? [variant.source ?? UNKNOWN];
    return withUnseen(disks, layout, operation.disks);
  };
}

function soleDisk({ objects }: Run, own: number | undefined, variant: Variant): Disk {
  const recorded = own === undefined ? undefined : objects.sourceOf(own);
  return { object: own, source: variant.source ?? recorded ?? UNKNOWN, isRoot: true };
}

/** The root disk is the one that comes from where the variant says. */
function seenDisks(
  { objects }: Run,
  vm: number | undefined,
  variant: Variant,
  /** Those that were asked for come first: a restore brings others in their place. */
  asked: number | undefined,
): Disk[] {
  if (vm === undefined) return [];
  const volumes = firstOfEachName(objects, objects.childrenOf(vm)).slice(0, asked);
  const root = volumes.find((o) => objects.sourceOf(o) === variant.source) ?? volumes[0];
  return volumes
    .map((object) => {
      const isRoot = object === root;
      const guess = isRoot ? variant.source : undefined;
      return { object, source: objects.sourceOf(object) ?? guess ?? UNKNOWN, isRoot };
    })
    .sort((a, b) => Number(b.isRoot) - Number(a.isRoot));
}

/** A DataVolume that was created again is another one, and not the one that was asked for. */
function firstOfEachName(objects: ObjectTable, children: readonly number[]): readonly number[] {
  const names = new Set<string>();
  return children.filter((object) => {
    if (objects.kindOf(object) !== 'DataVolume' || names.has(objects.nameOf(object))) return false;
    names.add(objects.nameOf(object));
    return true;
  });
}

function withUnseen(disks: readonly Disk[], layout: readonly string[], count: number): Disk[] {
  const unseen = [...layout];
  for (const { source } of disks) {
    const index = unseen.indexOf(source);
    if (index >= 0) unseen.splice(index, 1);
  }
  const missing = Array.from({ length: count - disks.length }, (_, i) => ({
    object: undefined,
    source: unseen[i] ?? UNKNOWN,
    isRoot: disks.length === 0 && i === 0,
  }));
  return [...disks, ...missing];
}

/** The sources of the fullest set of disks seen, by step and variant. */
function findLayouts(run: Run): Map<string, readonly string[]> {
  const layouts = new Map<string, readonly string[]>();
  const steps = new Map(run.steps.map((step) => [step.index, step]));
  for (const operation of run.operations) {
    if (operation.verb !== 'create' || operation.kind !== 'VirtualMachine') continue;
    const key = layoutKey(operation);
    const known = layouts.get(key)?.length ?? 0;
    if (known >= operation.disks) continue;
    const uid = operation.ack?.uid;
    const vm = uid === undefined ? undefined : run.objects.withUid(uid);
    const variant = steps.get(operation.step)?.variants[operation.variant] ?? {};
    const disks = seenDisks(run, vm, variant, operation.disks);
    if (disks.length > known)
      layouts.set(
        key,
        disks.map(({ source }) => source),
      );
  }
  return layouts;
}

function layoutKey({ step, variant }: Operation): string {
  return `${step}/${variant}`;
}
