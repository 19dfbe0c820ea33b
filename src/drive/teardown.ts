/**
 * Deletes what a step created, and nothing else: by recorded UID with that UID as precondition,
 * VMs before volumes before snapshots, at a bounded rate, and waits until all of it is gone,
 * the storage behind it included: a driver that is still deleting would slow the next step down.
 */

import { CLAIMS } from '../api/resources.ts';
import { HOUR, SECOND } from '../core/duration.ts';
import { doomedVolumes } from '../kube/doomed-volumes.ts';
import { listAll } from '../kube/list-all.ts';
import { createTokenBucket } from '../kube/rate-limit.ts';
import { classifyError, RESOURCE_OF } from './actions.ts';
import type { CreatedObject } from './created.ts';
import type { Driver } from './driver.ts';
import { retry } from '../kube/retry.ts';

/** Deletions sent a second: a bystander's requests should not queue behind them. */
const DELETE_RATE = { qps: 50, burst: 100 };

/** After this long, what is left is reported instead of waited for. */
const PATIENCE_US = 2 * HOUR;

/** Volumes are looked for at this interval; nothing announces that they are gone. */
const VOLUMES_EVERY_US = 5 * SECOND;

const ORDER: readonly CreatedObject['kind'][] = ['VirtualMachine', 'DataVolume', 'VolumeSnapshot'];

/** Deletes these objects and all they own; returns when they are gone, given up, or cut off. */
export async function clearObjects(
  driver: Driver,
  objects: readonly CreatedObject[],
): Promise<void> {
  const before = await claimUids(driver);
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
    await untilGone(driver, ofKind);
  }
  const living = await claimUids(driver);
  if (before === undefined || living === undefined) return;
  await untilVolumesGone(driver, new Set([...before].filter((uid) => !living.has(uid))));
}

async function removeOne(driver: Driver, object: CreatedObject): Promise<void> {
  const { client, queue, created, stop } = driver;
  const { kind, uid } = object;
  if (stop.signal.aborted) return;
  try {
    await retry(patienceOf(driver, `remove ${uid}`), () =>
      queue.add(() => client.remove(RESOURCE_OF[kind], object, { uid })),
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

function untilGone(driver: Driver, objects: readonly CreatedObject[]): Promise<void> {
  const { observer, lab, stop } = driver;
  const uids = objects.map(({ uid }) => uid);
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      stop.signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = lab.clock.schedule(PATIENCE_US, () => {
      note(driver, 'leftovers', `some of ${uids.length} deleted objects are still there`);
      done();
    });
    stop.signal.addEventListener('abort', done, { once: true });
    observer.whenCleared(uids, done);
  });
}

/** UIDs of the run's claims; undefined where nobody may look. */
async function claimUids(driver: Driver): Promise<ReadonlySet<string> | undefined> {
  const { client, plan } = driver;
  const labels = Object.entries(plan.labels);
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  return looked(driver, async () => {
    const claims = await listAll(client, CLAIMS, { namespace: plan.namespace, labelSelector });
    // What belongs to nobody did not grow out of what we created, whatever its labels say.
    const grown = claims.filter(({ metadata }) => (metadata.ownerReferences ?? []).length > 0);
    return new Set(grown.map(({ metadata }) => metadata.uid ?? ''));
  });
}

async function untilVolumesGone(driver: Driver, claims: ReadonlySet<string>): Promise<void> {
  const { client, lab, stop } = driver;
  const giveUpUs = lab.clock.nowUs() + PATIENCE_US;
  let left = await looked(driver, () => doomedVolumes(client, { uids: claims }));
  while (left !== undefined && left.length > 0 && !stop.signal.aborted) {
    if (lab.clock.nowUs() >= giveUpUs) {
      return note(driver, 'leftovers', `${left.length} volumes are still being deleted`);
    }
    await lab.clock.sleep(VOLUMES_EVERY_US, { signal: stop.signal });
    left = await looked(driver, () => doomedVolumes(client, { uids: claims }));
  }
}

/** What was seen; undefined, with a note, where the server refuses for good. */
async function looked<T>(driver: Driver, look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await retry(patienceOf(driver, 'look'), look);
  } catch (error) {
    note(driver, 'cleanup', classifyError(error).message);
    return undefined;
  }
}

function patienceOf({ lab, stop }: Driver, what: string) {
  const rng = lab.rng.fork(`teardown ${what}`);
  return { clock: lab.clock, rng, patienceUs: PATIENCE_US, signal: stop.signal };
}

function note({ notebook }: Driver, what: string, message: string): void {
  notebook.write({ e: 'note', t: notebook.nowUs(), what, message });
}
