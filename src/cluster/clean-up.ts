/**
 * Removes leftovers: by UID with that UID as precondition, kind after kind, at a bounded rate, and
 * looks afterwards whether anything is still there. A namespace goes last, and only where nothing
 * of somebody else lives in it.
 */

import { NAMESPACES, type Resource, VOLUMES } from '../api/resources.ts';
import type { Clock } from '../core/clock.ts';
import { formatDuration, MINUTE, SECOND } from '../core/duration.ts';
import { createRng } from '../core/rng.ts';
import { ApiError, isForbidden } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { type DoomedClaims, doomedVolumes } from '../kube/doomed-volumes.ts';
import { describeHolder } from '../kube/holder.ts';
import { createProgressDeadline, DELETION_DEADLINE_US } from '../kube/progress-deadline.ts';
import type { ObjectRef } from '../kube/paths.ts';
import { retry } from '../kube/retry.ts';
import { createTokenBucket, type RateLimiter } from '../kube/rate-limit.ts';
import {
  findLeftovers,
  type Leftover,
  type LeftoverQuery,
  type Leftovers,
  listLabelled,
} from './leftovers.ts';
import { type Census, takeCensus } from './occupants.ts';

export interface CleanUpLab {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly query: LeftoverQuery;
  /** Whether the run's history knows the UID as one of its own. */
  readonly isRecorded?: ((uid: string) => boolean) | undefined;
  /** Told what is being done, for people. */
  readonly tell: (line: string) => void;
  /** After this long without progress, what is left is reported instead of waited for. */
  readonly timeoutUs?: number | undefined;
  /** Somebody waits for the process to end: a server that does not answer well is given up. */
  readonly isHurried?: boolean;
}

export interface CleanUpResult {
  readonly removed: number;
  /** Still there, but for namespaces that stay. */
  readonly left: readonly Leftover[];
  /** Of some that are still there: which, and what holds them. */
  readonly held: readonly string[];
  /** Volumes that the storage driver has not deleted yet. */
  readonly volumes: readonly string[];
  /** Namespaces that stay, each with what of somebody else lives in it: `Pod ns/name`. */
  readonly kept: ReadonlyMap<string, readonly string[]>;
  /** Of namespaces that went: kinds that we were not allowed to look for in them. */
  readonly unseen: readonly string[];
}

/** Deletions sent a second: a bystander's requests should not queue behind them. */
const DELETE_RATE = { qps: 50, burst: 100 };

const REQUESTS_MAX = 20;
/** A server that refuses or is silent for so long will not hear of the rest either. */
const SERVER_LOSS_TIMEOUT_US = 5 * MINUTE;
const LOOK_EVERY_US = 2 * SECOND;
/** The garbage collector takes what has lost its owner within this, or it is somebody else's. */
const ORPHANS_US = MINUTE;

/** Rejects where the server refuses for good, or is lost. */
export async function cleanUp(lab: CleanUpLab, leftovers: Leftovers): Promise<CleanUpResult> {
  const kinds = [...new Set(leftovers.objects.map(({ resource }) => resource))];
  const limiter = createTokenBucket(lab.clock, DELETE_RATE);
  const kept = new Map<string, readonly string[]>();
  const unseen = new Set<string>();
  const namespaces = new Set<string>();
  for (const resource of kinds) {
    if (lab.signal.aborted) break;
    let objects = leftovers.objects.filter((each) => each.resource === resource);
    if (resource === NAMESPACES) {
      for (const { name } of objects) {
        const census = await censusOf(lab, name, leftovers);
        const others = [...census.foreign, ...census.orphans];
        if (others.length > 0) kept.set(name, others);
        else for (const kind of census.unseen) unseen.add(kind);
      }
      objects = objects.filter(({ name }) => !kept.has(name));
      for (const { name } of objects) namespaces.add(name);
    }
    lab.tell(`deleting ${objects.length} of kind ${resource.kind}`);
    await removeAll(lab, objects, limiter);
    await untilGone(lab, resource, objects);
  }
  const volumes = await untilVolumesGone(lab, { uids: leftovers.claims, namespaces });
  const { objects } = await findLeftovers(lab.client, lab.query);
  const left = objects.filter(({ resource, name }) => resource !== NAMESPACES || !kept.has(name));
  const removed = leftovers.objects.length - objects.length;
  const held = await holders(lab, [
    ...left.map((leftover) => ({ resource: leftover.resource, ref: leftover })),
    ...volumes.map((name) => ({ resource: VOLUMES, ref: { name } })),
  ]);
  return { removed, left, held, volumes, kept, unseen: [...unseen] };
}

/** Who else lives there, once those that only wait for the garbage collector had their time. */
async function censusOf(
  lab: CleanUpLab,
  namespace: string,
  { objects, family }: Leftovers,
): Promise<Census> {
  const isRecorded = lab.isRecorded ?? (() => false);
  const ours = new Set([...family, ...objects.map(({ uid }) => uid)]);
  let census: Census = { foreign: [], orphans: [], unseen: [] };
  const timeoutUs = Math.min(ORPHANS_US, lab.timeoutUs ?? ORPHANS_US);
  await poll({ ...lab, timeoutUs }, async () => {
    census = await takeCensus(lab.client, namespace, (uid) => ours.has(uid) || isRecorded(uid));
    return { left: census.foreign.length > 0 ? [] : census.orphans };
  });
  return census;
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
    await retry(makeRetryPolicy(lab), () => lab.client.remove(resource, leftover, { uid }));
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
    const left = found.filter(({ metadata }) => uids.has(metadata.uid ?? ''));
    return { left: left.map(({ metadata }) => metadata), resource };
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
      return { left: left.map((name) => ({ name })), resource: VOLUMES };
    });
  } catch (error) {
    // Who may not list volumes of the cluster cannot know; that is no failure to remove.
    if (!isForbidden(error)) throw error;
  }
  return left;
}

/** What a look found: empty where nothing is waited for any more. */
type Found =
  | { readonly left: readonly ObjectRef[]; readonly resource: Resource }
  | { readonly left: readonly unknown[] };

/** Looks again and again until it is done, its time is up, or the user has had enough. */
async function poll(lab: CleanUpLab, look: () => Promise<Found>): Promise<void> {
  const { clock, signal, timeoutUs = DELETION_DEADLINE_US } = lab;
  const deadline = createProgressDeadline(clock.nowUs(), timeoutUs);
  for (;;) {
    const found = await retry(makeRetryPolicy(lab), look);
    if (found.left.length === 0 || signal.aborted) return;
    const verdict = deadline.look(clock.nowUs(), found.left.length);
    if (verdict === 'over') return;
    if (verdict === 'stuck' && 'resource' in found) {
      await tellStuck({ ...lab, timeoutUs }, found.resource, found.left);
    }
    await clock.sleep(LOOK_EVERY_US, { signal });
  }
}

const HOLDERS_NAMED = 3;

async function tellStuck(
  lab: CleanUpLab & { readonly timeoutUs: number },
  resource: Resource,
  left: readonly ObjectRef[],
): Promise<void> {
  const held = await holders(
    lab,
    left.map((ref) => ({ resource, ref })),
  );
  for (const line of held) lab.tell(`still there: ${line}`);
  const more = left.length - held.length;
  const rest = more > 0 ? `, with ${more} more` : '';
  if (held.length > 0) {
    lab.tell(`given up where nothing goes for ${formatDuration(lab.timeoutUs)}${rest}`);
  }
}

/** Of the first of them that are still there. */
async function holders(
  { client }: CleanUpLab,
  objects: readonly { readonly resource: Resource; readonly ref: ObjectRef }[],
): Promise<readonly string[]> {
  const looks = objects
    .slice(0, HOLDERS_NAMED)
    .map(({ resource, ref }) => describeHolder(client, resource, ref));
  return (await Promise.all(looks)).flatMap((text) => text ?? []);
}

function makeRetryPolicy({
  clock,
  signal,
  tell,
  isHurried = false,
  timeoutUs = SERVER_LOSS_TIMEOUT_US,
}: CleanUpLab) {
  let told = false;
  return {
    clock,
    signal,
    rng: createRng('clean-up'),
    timeoutUs: isHurried ? 0 : Math.min(timeoutUs, SERVER_LOSS_TIMEOUT_US),
    onRetry(error: unknown) {
      if (!told) tell(`the API server does not answer well, asking again: ${messageOf(error)}`);
      told = true;
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
