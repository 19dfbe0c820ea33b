/**
 * Which way CDI made a clone, where that is not what its source asks for. A fallback is no failure
 * and no slow clone of the same kind. It moves every byte through a pod on a node, so its time says
 * nothing about clones by snapshot or driver, nor theirs about it.
 */

import { safeTable } from '../core/table.ts';
import type { ObjectTable } from '../record/object-table.ts';

/** Of a clone that went another way. */
export interface OtherPath {
  /** CDI's word for it: `copy` is the host-assisted clone. */
  readonly path: string;
  /** CDI's reason, where it gave one. */
  readonly reason: string | undefined;
}

/**
 * By source, the clone types that are what was asked for (CDI pkg/controller/clone/planner.go
 * ChooseStrategy): a PVC is cloned by the driver or, where the StorageProfile says so, through a
 * snapshot (a smart clone); a snapshot is restored.
 */
const ASKED = safeTable<ReadonlySet<string>>({
  pvc: new Set(['csi-clone', 'snapshot']),
  snapshot: new Set(['snapshot']),
});

/** The phase that only a host-assisted clone goes through, for CDI that says no clone type. */
const COPYING = 'CloneInProgress';

/** Undefined for a clone on the path asked for, and where CDI has not said yet. */
export function otherPath(
  objects: ObjectTable,
  volume: number | undefined,
  source: string,
): OtherPath | undefined {
  const asked = ASKED[source];
  if (volume === undefined || asked === undefined) return undefined;
  const claim = findClaim(objects, volume);
  const told = claim === undefined ? undefined : objects.latest(claim, 'cloneType');
  const path = told ?? (objects.first(volume, 'phase', COPYING) ? 'copy' : undefined);
  if (path === undefined || asked.has(path)) return undefined;
  const reason = claim === undefined ? undefined : objects.latest(claim, 'cloneFallbackReason');
  return { path, reason };
}

/** The claim of a DataVolume, which carries what CDI says of the clone. */
export function findClaim(objects: ObjectTable, volume: number): number | undefined {
  return objects
    .childrenOf(volume)
    .find((object) => objects.kindOf(object) === 'PersistentVolumeClaim');
}
