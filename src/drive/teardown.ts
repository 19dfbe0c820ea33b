/**
 * Deletes what a step created, and nothing else: by recorded UID with that UID as precondition,
 * VMs before volumes before snapshots, at a bounded rate, and waits until all of it is gone,
 * the storage behind it included: a driver that is still deleting would slow the next step down.
 */

import type { KubeObject } from '../api/object.ts';
import { CLAIMS } from '../api/resources.ts';
import { CREATED_FOR } from '../api/storage.ts';
import { HOUR, SECOND } from '../core/duration.ts';
import { doomedVolumes } from '../kube/doomed-volumes.ts';
import { ignoreNotFound } from '../kube/api-error.ts';
import { describeHolder } from '../kube/holder.ts';
import { listAll } from '../kube/list-all.ts';
import {
  createProgressDeadline,
  DELETION_DEADLINE_US,
  TELL_AFTER_US,
} from '../kube/progress-deadline.ts';
import { createTokenBucket } from '../kube/rate-limit.ts';
import { classifyError } from './answer.ts';
import type { CreatedObject } from './created.ts';
import type { Driver } from './driver.ts';
import { retry } from '../kube/retry.ts';

/** Deletions sent a second: a bystander's requests should not queue behind them. */
const DELETE_RATE = { qps: 50, burst: 100 };

/** A request of the clean-up is made again for so long, unless the run ends before. */
const RETRY_TIMEOUT_US = 2 * HOUR;

/** So many that are stuck are named. */
const HOLDERS_NAMED = 3;

/** Volumes are looked for at this interval; nothing announces that they are gone. */
const VOLUMES_EVERY_US = 5 * SECOND;

const ORDER: readonly CreatedObject['kind'][] = ['VirtualMachine', 'DataVolume', 'VolumeSnapshot'];

/** Deletes these objects and all they own; returns when they are gone, given up, or cut off. */
export async function clearObjects(
  driver: Driver,
  objects: readonly CreatedObject[],
): Promise<void> {
  const claims = await ownClaims(driver, objects);
  const before = claims && uidsOf(claims);
  for (const kind of ORDER) {
    const ofKind = objects.filter((object) => object.kind === kind);
    if (ofKind.length === 0 || driver.stop.signal.aborted) continue;
    note(driver, 'cleanup', `deleting ${ofKind.length} of kind ${kind}`);
    const limiter = createTokenBucket(driver.lab.clock, DELETE_RATE);
    const removals = ofKind.map(async (object) => {
      await limiter.take();
      await removeOne(driver, object);
    });
    await Promise.all(removals);
    if (kind === 'DataVolume') await removeLeftClaims(driver, claims ?? []);
    await untilGone(driver, ofKind);
  }
  const still = await ownClaims(driver, objects);
  if (before === undefined || still === undefined) return;
  const living = uidsOf(still);
  await untilVolumesGone(driver, new Set([...before].filter((uid) => !living.has(uid))));
}

async function removeOne(driver: Driver, object: CreatedObject): Promise<void> {
  const { client, queue, created, stop, kinds } = driver;
  const { kind, uid } = object;
  if (stop.signal.aborted) return;
  try {
    await retry(retryOptions(driver, `remove ${uid}`), () =>
      queue.add(() => client.remove(kinds.get(kind), object, { uid })),
    );
    created.remove(object);
  } catch (error) {
    const answer = classifyError(error);
    // 404: gone already; 409: another object has taken its name, and is none of our business.
    const settled = answer.kind === 'rejected' && (answer.code === 404 || answer.code === 409);
    if (settled) created.remove(object);
    else note(driver, 'cleanup', answer.message);
  }
}

/** Resolves when they are gone, nothing goes any more, or the run was stopped. */
function untilGone(driver: Driver, objects: readonly CreatedObject[]): Promise<void> {
  const { observer, lab, stop } = driver;
  const { deletionDeadlineUs: timeoutUs = DELETION_DEADLINE_US } = lab;
  const deadline = createProgressDeadline(lab.clock.nowUs(), timeoutUs);
  return new Promise((resolve) => {
    let cancel = () => {};
    let isDone = false;
    const done = () => {
      isDone = true;
      cancel();
      stop.signal.removeEventListener('abort', done);
      resolve();
    };
    stop.signal.addEventListener('abort', done, { once: true });
    const left = observer.whenCleared(
      objects.map(({ uid }) => uid),
      done,
    );
    const look = () => {
      const uids = new Set(left());
      const verdict = deadline.look(lab.clock.nowUs(), uids.size);
      if (verdict !== 'over') cancel = lab.clock.schedule(TELL_AFTER_US, look);
      if (verdict === 'wait') return;
      const stuck = objects.filter(({ uid }) => uids.has(uid));
      const isOver = verdict === 'over';
      void tellStuck(driver, stuck, isOver).then(isOver ? done : () => {});
    };
    if (!isDone) look();
  });
}

/** Which, and what holds them, as far as the cluster says. */
async function tellStuck(
  driver: Driver,
  objects: readonly CreatedObject[],
  isGivenUp: boolean,
): Promise<void> {
  const looks = objects
    .slice(0, HOLDERS_NAMED)
    .map((object) => describeHolder(driver.client, driver.kinds.get(object.kind), object));
  const held = (await Promise.all(looks)).flatMap((text) => text ?? []);
  if (held.length === 0) return;
  const more = objects.length - held.length;
  const named = `${held.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  const what = 'deleted objects are still there';
  if (!isGivenUp) return tell(driver, 'stuck', `${what}: ${named}`);
  tell(driver, 'leftovers', `${what}, no longer waited for: ${named}`);
}

/**
 * CDI may be told to delete DataVolumes that are done (deleteAfterCompletion): their claims carry
 * on without an owner, and would stay.
 */
async function removeLeftClaims(driver: Driver, claims: readonly KubeObject[]): Promise<void> {
  const left = claims.filter(({ metadata }) => (metadata.ownerReferences ?? []).length === 0);
  const limiter = createTokenBucket(driver.lab.clock, DELETE_RATE);
  for (const { metadata } of left) {
    const { uid = '' } = metadata;
    await limiter.take();
    await looked(driver, async () => {
      await ignoreNotFound(driver.client.remove(CLAIMS, metadata, { uid }));
    });
  }
}

function uidsOf(claims: readonly KubeObject[]): ReadonlySet<string> {
  return new Set(claims.map(({ metadata }) => metadata.uid ?? ''));
}

/** Claims that grew out of what the run created; undefined where nobody may look. */
async function ownClaims(
  driver: Driver,
  objects: readonly CreatedObject[],
): Promise<readonly KubeObject[] | undefined> {
  const made = new Set(objects.map(({ uid }) => uid));
  const { client, plan } = driver;
  const labels = Object.entries(plan.labels);
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  return looked(driver, async () => {
    const claims = await listAll(client, CLAIMS, { namespace: plan.namespace, labelSelector });
    // What belongs to nobody did not grow out of what we created, whatever its labels say.
    return claims.filter(
      ({ metadata: { ownerReferences = [], annotations } }) =>
        ownerReferences.length > 0 || made.has(annotations?.[CREATED_FOR] ?? ''),
    );
  });
}

async function untilVolumesGone(driver: Driver, claims: ReadonlySet<string>): Promise<void> {
  const { client, lab, stop } = driver;
  const { deletionDeadlineUs = DELETION_DEADLINE_US } = lab;
  const deadline = createProgressDeadline(lab.clock.nowUs(), deletionDeadlineUs);
  let left = await looked(driver, () => doomedVolumes(client, { uids: claims }));
  while (left !== undefined && left.length > 0 && !stop.signal.aborted) {
    if (deadline.look(lab.clock.nowUs(), left.length) === 'over') {
      return note(driver, 'leftovers', `${left.length} volumes are still being deleted`);
    }
    await lab.clock.sleep(VOLUMES_EVERY_US, { signal: stop.signal });
    left = await looked(driver, () => doomedVolumes(client, { uids: claims }));
  }
}

/** What was seen; undefined where the run is over or, with a note, the server refuses for good. */
async function looked<T>(driver: Driver, look: () => Promise<T>): Promise<T | undefined> {
  if (driver.stop.signal.aborted) return undefined;
  try {
    return await retry(retryOptions(driver, 'look'), look);
  } catch (error) {
    note(driver, 'cleanup', classifyError(error).message);
    return undefined;
  }
}

function retryOptions({ lab, stop }: Driver, what: string) {
  const rng = lab.rng.fork(`teardown ${what}`);
  return { clock: lab.clock, rng, timeoutUs: RETRY_TIMEOUT_US, signal: stop.signal };
}

/** Written down and told. */
function tell(driver: Driver, what: string, message: string): void {
  driver.lab.onWarning?.(message);
  note(driver, what, message);
}

function note({ notebook }: Driver, what: string, message: string): void {
  notebook.write({ e: 'note', t: notebook.nowUs(), what, message });
}
