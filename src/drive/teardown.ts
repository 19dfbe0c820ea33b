/**
 * Deletes what the run created, and nothing else: by recorded UID with that UID as precondition,
 * machines before volumes before snapshots, at a bounded rate, and waits until all of it is gone.
 */

import { NAMESPACES } from '../api/resources.ts';
import { HOUR, SECOND } from '../core/duration.ts';
import { isNotFound } from '../kube/api-error.ts';
import { createTokenBucket } from '../kube/rate-limit.ts';
import { answerOf, RESOURCE_OF } from './actions.ts';
import type { CreatedObject } from './created.ts';
import type { Driver } from './driver.ts';
import { persist } from './persist.ts';

/** Deletions sent a second: a bystander's requests should not queue behind them. */
const DELETE_RATE = { qps: 50, burst: 100 };

const RETRY_US = 5 * SECOND;

/** After this long, what is left is reported instead of waited for. */
const PATIENCE_US = 2 * HOUR;

const ORDER: readonly CreatedObject['kind'][] = ['VirtualMachine', 'DataVolume', 'VolumeSnapshot'];

/** Deletes these objects and all they own; returns when they are gone, or given up. */
export async function clearObjects(
  driver: Driver,
  objects: readonly CreatedObject[],
): Promise<void> {
  const limiter = createTokenBucket(driver.lab.clock, DELETE_RATE);
  for (const kind of ORDER) {
    const ofKind = objects.filter((object) => object.kind === kind);
    if (ofKind.length === 0) continue;
    note(driver, 'cleanup', `deleting ${ofKind.length} of kind ${kind}`);
    const removals = ofKind.map(async (object) => {
      await limiter.take();
      await removeOne(driver, object);
    });
    await Promise.all(removals);
    await untilGone(driver, ofKind);
  }
}

/** Deletes the run's own namespace, and waits until it is gone. */
export async function removeNamespace(driver: Driver, uid: string): Promise<void> {
  const { client, plan, lab, notebook } = driver;
  const ref = { name: plan.namespace };
  const giveUpUs = notebook.nowUs() + PATIENCE_US;
  for (let asked = false; notebook.nowUs() < giveUpUs; asked = true) {
    try {
      if (asked) await client.get(NAMESPACES, ref);
      else await client.remove(NAMESPACES, ref, { uid });
    } catch (error) {
      if (isNotFound(error)) return;
      note(driver, 'cleanup', answerOf(error).message);
    }
    await lab.clock.sleep(RETRY_US);
  }
  note(driver, 'leftovers', `namespace ${plan.namespace} is still there`);
}

async function removeOne(driver: Driver, object: CreatedObject): Promise<void> {
  const { client, queue, lab, created } = driver;
  const { kind, uid } = object;
  try {
    await persist(lab.clock, PATIENCE_US, () =>
      queue.add(() => client.remove(RESOURCE_OF[kind], object, { uid })),
    );
    created.remove(object);
  } catch (error) {
    const answer = answerOf(error);
    // 404: gone already; 409: another object has taken its name, and is none of our business.
    const settled = answer.kind === 'rejected' && (answer.code === 404 || answer.code === 409);
    if (settled) created.remove(object);
    else note(driver, 'cleanup', answer.message);
  }
}

function untilGone(driver: Driver, objects: readonly CreatedObject[]): Promise<void> {
  const { observer, lab } = driver;
  const uids = objects.map(({ uid }) => uid);
  return new Promise((resolve) => {
    const giveUp = () => {
      note(driver, 'leftovers', `some of ${uids.length} deleted objects are still there`);
      resolve();
    };
    const cancel = lab.clock.schedule(PATIENCE_US, giveUp);
    observer.whenCleared(uids, () => {
      cancel();
      resolve();
    });
  });
}

function note({ notebook }: Driver, what: string, message: string): void {
  notebook.write({ e: 'note', t: notebook.nowUs(), what, message });
}
