/**
 * Performs a plan, and writes down what was done and seen. The only place where the decisions of
 * plan/ meet a cluster; it decides nothing itself but to stop.
 */

import { OBSERVED_KINDS } from '../observe/kinds.ts';
import { stepGroups } from '../plan/groups.ts';
import type { Plan } from '../plan/plan.ts';
import { OUTAGE } from '../record/past-sessions.ts';
import { createDriver, describeWaits, type Driver } from './driver.ts';
import type { Lab } from './lab.ts';
import { prepareNamespace } from './prepare.ts';
import { type Ending, playSession, stopReason, untilStopped } from './session.ts';
import { runSteps } from './step.ts';
import { adopt } from './take-up.ts';
import { undoAll } from './undo.ts';

export interface Drive {
  /** What it waits for now, for the message of a run whose time stands still. */
  describeWaits(): string;
}

/**
 * The whole plan: watch, prepare, step by step. What it created stays, but for steps that clean up
 * after themselves. `onStart` gets a handle on it.
 * Rejects with ApiError or TransportError where not even the namespace could be made.
 */
export async function drive(
  plan: Plan,
  lab: Lab,
  onStart: (drive: Drive) => void = () => {},
): Promise<Ending> {
  const driver = createDriver(plan, lab);
  onStart({ describeWaits: () => describeWaits(driver) });
  return playSession(driver, {
    namespace: plan.namespace,
    prepare: () => prepare(driver),
    perform: () => perform(driver),
    endingOf: () => summariseEnding(driver),
  });
}

async function prepare(driver: Driver): Promise<void> {
  const { past } = driver;
  if (past === undefined || past.isEmpty) await prepareNamespace(driver);
}

async function perform(driver: Driver): Promise<void> {
  const { observer } = driver;
  const { steps, labSteps = 0 } = driver.plan;
  // What steps of a lab bring may be the very kinds that are to be listed.
  if (labSteps === 0) await untilStopped(driver, observer.synced);
  if (driver.past) {
    recordOutage(driver);
    await untilStopped(driver, adopt(driver));
  }
  for (const group of stepGroups(steps)) {
    if (group[0]?.index === labSteps) await untilStopped(driver, observer.synced);
    if (driver.stop.signal.aborted) break;
    await untilStopped(driver, runSteps(driver, group));
  }
  if (driver.stop.signal.aborted) await undoAll(driver);
  await driver.missEvents.finish();
}

/** Nobody looked from the last entry of the session before until the lists of this one. */
function recordOutage({ lab, notebook }: Driver): void {
  const from = lab.past?.lastUs ?? 0;
  for (const { resource } of OBSERVED_KINDS) {
    const t = notebook.nowUs();
    notebook.write({ e: 'gap', k: resource.plural, from, t, cause: OUTAGE, relist: true });
  }
}

function summariseEnding(driver: Driver): Ending {
  const stopped = stopReason(driver);
  if (stopped) {
    const outcome = stopped.miss === 'Aborted' ? 'failed' : 'partial';
    const neverBegun = driver.stepCounts.neverBegun();
    return {
      outcome,
      reason: stopped.message,
      ...(neverBegun.length === 0 ? {} : { neverBegun }),
      ...(stopped.lost ? { lost: true } : {}),
    };
  }
  const overspent = driver.stepCounts.overspent();
  if (overspent.length > 0) return { outcome: 'partial', reason: overspent.join('; ') };
  return { outcome: 'complete' };
}
