/**
 * What runs have left on a cluster. What a reader would get wrong: the label alone proves nothing,
 * since a manifest copied by somebody else brings it along; where the run's history is at hand,
 * only what it recorded counts, and the rest is shown and left alone.
 */

import type { KubeObject } from '../api/object.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  INSTANCES,
  NAMESPACES,
  type Resource,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
} from '../api/resources.ts';
import { isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { listAll } from '../kube/list-all.ts';

export interface Leftover {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
  /** The run that it carries the label of. */
  readonly run: string;
}

export interface Leftovers {
  /** To be deleted, in this order; what they own goes with them. */
  readonly objects: readonly Leftover[];
  /** Carry the label, but are not in the run's history. */
  readonly strangers: readonly Leftover[];
  /** UIDs of all claims of the runs, owned ones too: volumes go with them. */
  readonly claims: ReadonlySet<string>;
}

export interface LeftoverQuery {
  readonly runLabel: string;
  /** All runs where undefined. */
  readonly run?: string | undefined;
  /** Whether the history of its run knows the object; everything counts where undefined. */
  readonly isRecorded?: ((leftover: Leftover) => boolean) | undefined;
}

/** Who uses a disk goes before the disk, clones before what they were cloned from. */
const KINDS: readonly Resource[] = [
  VIRTUAL_MACHINES,
  INSTANCES,
  DATA_VOLUMES,
  CLAIMS,
  SNAPSHOTS,
  NAMESPACES,
];

/** Throws ApiError and TransportError. */
export async function findLeftovers(client: KubeClient, query: LeftoverQuery): Promise<Leftovers> {
  const { runLabel, run, isRecorded = () => true } = query;
  const labelSelector = run === undefined ? runLabel : `${runLabel}=${run}`;
  const objects: Leftover[] = [];
  const strangers: Leftover[] = [];
  const claims = new Set<string>();
  const uids = new Set<string>();
  for (const resource of KINDS) {
    const found = await listServed(client, resource, labelSelector);
    for (const { metadata } of found) uids.add(metadata.uid ?? '');
    for (const object of found) {
      if (resource === CLAIMS) claims.add(object.metadata.uid ?? '');
      if (isOwned(object, uids)) continue;
      const leftover = leftoverOf(resource, object, runLabel);
      if (isRecorded(leftover)) objects.push(leftover);
      else strangers.push(leftover);
    }
  }
  return { objects, strangers, claims };
}

async function listServed(
  client: KubeClient,
  resource: Resource,
  labelSelector: string,
): Promise<readonly KubeObject[]> {
  try {
    return await listAll(client, resource, { labelSelector });
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** It goes when its owner goes. */
function isOwned({ metadata }: KubeObject, uids: ReadonlySet<string>): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uids.has(uid)) ?? false;
}

function leftoverOf(resource: Resource, { metadata }: KubeObject, runLabel: string): Leftover {
  const { namespace, name, uid = '', labels } = metadata;
  return { resource, namespace, name, uid, run: labels?.[runLabel] ?? '' };
}
