/**
 * Removes leftovers: by UID with that UID as precondition, kind after kind, at a bounded rate, and
 * looks afterwards whether anything is still there. A namespace goes last, and only where nothing
 * of somebody else lives in it.
 */

import {
  CLAIMS,
  DATA_VOLUMES,
  INSTANCES,
  NAMESPACES,
  PODS,
  type Resource,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
} from '../api/resources.ts';
import type { Clock } from '../core/clock.ts';
import { HOUR, SECOND } from '../core/duration.ts';
import { ApiError, isForbidden } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { type DoomedClaims, doomedVolumes } from '../kube/doomed-volumes.ts';
import { persist } from '../kube/persist.ts';
import { createTokenBucket, type RateLimiter } from '../kube/rate-limit.ts';
import { findAll } from './check.ts';
import {
  findLeftovers,
  type Leftover,
  type LeftoverQuery,
  type Leftovers,
  listLabelled,
} from './leftovers.ts';

export interface CleanUpLab {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly query: LeftoverQuery;
  /** Told what is being done, for people. */
  readonly tell: (line: string) => void;
  /** After this long, what is left is reported instead of waited for. */
  readonly patienceUs?: number;
}

export interface CleanUpResult {
  readonly removed: number;
  /** Still there. */
  readonly left: readonly Leftover[];
  /** Volumes that the storage driver has not deleted yet. */
  readonly volumes: readonly string[];
  /** `Pod ns/name`: keeps its namespace from being deleted. */
  readonly foreign: readonly string[];
}

/** Deletions sent a second: a bystander's requests should not queue behind them. */
const DELETE_RATE = { qps: 50, burst: 100 };

const REQUESTS_MAX = 20;
const PATIENCE_US = 2 * HOUR;
const LOOK_EVERY_US = 2 * SECOND;

/** Rejects where the server refuses for good, or is lost. */
export async function cleanUp(lab: CleanUpLab, leftovers: Leftovers): Promise<CleanUpResult> {
  const kinds = [...new Set(leftovers.objects.map(({ resource }) => resource))];
  const limiter = createTokenBucket(lab.clock, DELETE_RATE);
  const foreign: string[] = [];
  const namespaces = new Set<string>();
  for (const resource of kinds) {
    if (lab.signal.aborted) break;
    let objects = leftovers.objects.filter((each) => each.resource === resource);
    if (resource === NAMESPACES) {
      const occupied = await occupants(lab, objects, leftovers.strangers);
      foreign.push(...occupied.values());
      objects = objects.filter(({ name }) => !occupied.has(name));
      for (const { name } of objects) namespaces.add(name);
    }
    lab.tell(`deleting ${objects.length} of kind ${resource.kind}`);
    await removeAll(lab, objects, limiter);
    await untilGone(lab, resource, objects);
  }
  const volumes = await untilVolumesGone(lab, { uids: leftovers.claims, namespaces });
  const { objects: left } = await findLeftovers(lab.client, lab.query);
  return { removed: leftovers.objects.length - left.length, left, volumes, foreign };
}

async function removeAll(
  lab: CleanUpLab,
  objects: readonly Leftover[],
  limiter: RateLimiter,
): Promise<void> {
  const queue = [...objects].reverse();
  const work = async () => {
    for (let next = queue.pop(); next && !lab.signal.aborted; next = queue.pop()) {
      await limiter.take();
      await removeOne(lab, next);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_MAX }, work));
}

async function removeOne(lab: CleanUpLab, leftover: Leftover): Promise<void> {
  const { resource, uid } = leftover;
  try {
    await persist(makeRetryPolicy(lab), () => lab.client.remove(resource, leftover, { uid }));
  } catch (error) {
    // 404: gone already; 409: another object has taken its name, and is none of our business.
    if (error instanceof ApiError && (error.code === 404 || error.code === 409)) return;
    throw error;
  }
}

/** Until none of them is listed any more; finalizers may take their time. */
async function untilGone(
  lab: CleanUpLab,
  resource: Resource,
  objects: readonly Leftover[],
): Promise<void> {
  const uids = new Set(objects.map(({ uid }) => uid));
  await poll(lab, async () => {
    const found = await listLabelled(lab.client, resource, lab.query);
    return !found.some(({ metadata }) => uids.has(metadata.uid ?? ''));
  });
}

async function untilVolumesGone(lab: CleanUpLab, claims: DoomedClaims): Promise<readonly string[]> {
  let left: readonly string[] = [];
  let told = false;
  try {
    await poll(lab, async () => {
      left = await doomedVolumes(lab.client, claims);
      if (left.length > 0 && !told) lab.tell(`waiting for ${left.length} volumes to be deleted`);
      told ||= left.length > 0;
      return left.length === 0;
    });
  } catch (error) {
    // Who may not list volumes of the cluster cannot know; that is no failure to remove.
    if (!isForbidden(error)) throw error;
  }
  return left;
}

const TENANTS: readonly Resource[] = [
  VIRTUAL_MACHINES,
  INSTANCES,
  DATA_VOLUMES,
  CLAIMS,
  SNAPSHOTS,
  PODS,
];

/** Namespaces in which others live, with one of their objects. */
async function occupants(
  lab: CleanUpLab,
  namespaces: readonly Leftover[],
  strangers: readonly Leftover[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map(
    strangers.map(({ resource, namespace = '', name }) => [
      namespace,
      `${resource.kind} ${namespace}/${name}`,
    ]),
  );
  for (const { name: namespace, run } of namespaces) {
    const labelSelector = `${lab.query.runLabel}!=${run}`;
    for (const resource of TENANTS) {
      const objects = await findAll(lab.client, resource, { namespace, labelSelector });
      const foreign = objects.find(({ metadata }) => metadata.ownerReferences === undefined);
      if (foreign) found.set(namespace, `${resource.kind} ${namespace}/${foreign.metadata.name}`);
    }
  }
  return found;
}

/** Looks again and again until it is done, patience is over, or the user has had enough. */
async function poll(lab: CleanUpLab, isDone: () => Promise<boolean>): Promise<void> {
  const giveUpUs = lab.clock.nowUs() + (lab.patienceUs ?? PATIENCE_US);
  while (!(await persist(makeRetryPolicy(lab), isDone))) {
    if (lab.signal.aborted || lab.clock.nowUs() >= giveUpUs) return;
    await lab.clock.sleep(LOOK_EVERY_US, { signal: lab.signal });
  }
}

function makeRetryPolicy({ clock, signal, patienceUs = PATIENCE_US }: CleanUpLab) {
  return { clock, patienceUs, signal };
}
