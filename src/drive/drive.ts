/**
 * Performs a plan, and writes down what was done and seen. The only place where the decisions of
 * plan/ meet a cluster; it decides nothing itself but to stop.
 */

import type { Plan } from '../plan/plan.ts';
import type { Outcome } from '../record/entry.ts';
import { createDriver, describeWaits, type Driver, stopReason } from './driver.ts';
import type { Lab } from './lab.ts';
import { prepareNamespace } from './prepare.ts';
import { runStep } from './step.ts';
import { clearObjects, removeNamespace } from './teardown.ts';

export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
}

export interface Drive {
  /** What it waits for now, for the message of a run whose time stands still. */
  describeWaits(): string;
}

/**
 * The whole plan: watch, prepare, step by step, tear down. `onStart` gets a handle on it.
 * Rejects with ApiError or TransportError where not even the namespace could be made.
 */
export async function drive(
  plan: Plan,
  lab: Lab,
  onStart: (drive: Drive) => void = () => {},
): Promise<Ending> {
  const driver = createDriver(plan, lab);
  const { notebook } = driver;
  notebook.write({ e: 'anchor', session: 0, t: notebook.nowUs(), wall: lab.clock.wallUs() });
  onStart({ describeWaits: () => describeWaits(driver) });
  try {
    const namespaceUid = await prepareNamespace(driver);
    await driver.observer.synced;
    for (const step of plan.steps) {
      if (driver.stop.signal.aborted) break;
      await runStep(driver, step);
    }
    const ending = endingOf(driver);
    if (lab.leave === 'nothing') await tearDown(driver, namespaceUid);
    const counters = lab.counters && { counters: lab.counters() };
    notebook.write({ e: 'end', t: notebook.nowUs(), ...ending, ...counters });
    return ending;
  } finally {
    driver.observer.stop();
    notebook.flush();
  }
}

async function tearDown(driver: Driver, namespaceUid: string | undefined): Promise<void> {
  driver.tally.doing('cleaning');
  await clearObjects(driver, driver.created.list());
  if (namespaceUid !== undefined) await removeNamespace(driver, namespaceUid);
}

function endingOf(driver: Driver): Ending {
  const stopped = stopReason(driver);
  if (stopped) {
    return { outcome: stopped.miss === 'Aborted' ? 'failed' : 'partial', reason: stopped.message };
  }
  const overspent = driver.tally.overspent();
  if (overspent.length > 0) return { outcome: 'partial', reason: overspent.join('; ') };
  return { outcome: 'complete' };
}
