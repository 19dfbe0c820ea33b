/**
 * Performs a plan, and writes down what was done and seen. The only place where the decisions of
 * plan/ meet a cluster; it decides nothing itself but to stop.
 */

import { type ClockWatch, watchClocks } from '../observe/clocks/watch-clocks.ts';
import type { WatchCost } from '../observe/watch-link.ts';
import { OBSERVED_KINDS } from '../observe/kinds.ts';
import type { Plan } from '../plan/plan.ts';
import type { Outcome } from '../record/entry.ts';
import { OUTAGE } from '../record/past-sessions.ts';
import { createDriver, describeWaits, type Driver, stopReason, untilStopped } from './driver.ts';
import type { Lab } from './lab.ts';
import { prepareNamespace } from './prepare.ts';
import { watchForLoss } from './server-loss.ts';
import { runStep } from './step.ts';
import { adopt } from './take-up.ts';

export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
  /** The server was lost on the way. */
  readonly lost?: true;
  /** What watching in another thread has cost. */
  readonly watchCost?: WatchCost | undefined;
}

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
  const { notebook, observer, stop } = driver;
  const anchor = {
    e: 'anchor',
    session: lab.past?.sessions ?? 0,
    t: notebook.nowUs(),
    wall: lab.clock.wallUs(),
  } as const;
  notebook.write(anchor);
  onStart({ describeWaits: () => describeWaits(driver) });
  try {
    const breakdown = Promise.race([observer.broken, lossOfServer(driver)]);
    await Promise.race([perform(driver, anchor.wall - anchor.t), breakdown]);
    await Promise.race([observer.drain(), observer.broken]);
    const ending = endingOf(driver);
    const { outcome, reason } = ending;
    notebook.write({
      e: 'end',
      t: notebook.nowUs(),
      outcome,
      ...(reason === undefined ? {} : { reason }),
      ...(lab.counters && { counters: lab.counters() }),
    });
    const watchCost = observer.cost();
    return watchCost === undefined ? ending : { ...ending, watchCost };
  } finally {
    // Whatever is still waiting somewhere must not go on behind the run's back.
    if (!stop.signal.aborted) stop.abort({ miss: 'Interrupted', message: 'the run is over' });
    observer.stop();
    notebook.flush();
  }
}

async function perform(driver: Driver, wallOriginUs: number): Promise<void> {
  const { past } = driver;
  if (past === undefined || past.isEmpty) await untilStopped(driver, prepareNamespace(driver));
  const clocks = lookAtClocks(driver, wallOriginUs);
  await untilStopped(driver, driver.observer.synced);
  if (past) {
    recordOutage(driver);
    await untilStopped(driver, adopt(driver));
  }
  for (const step of driver.plan.steps) {
    if (driver.stop.signal.aborted) break;
    await untilStopped(driver, runStep(driver, step));
  }
  if (clocks) await untilStopped(driver, clocks.finish());
}

/** Nobody looked from the last entry of the session before until the lists of this one. */
function recordOutage({ lab, notebook }: Driver): void {
  const from = lab.past?.lastUs ?? 0;
  for (const { resource } of OBSERVED_KINDS) {
    const t = notebook.nowUs();
    notebook.write({ e: 'gap', k: resource.plural, from, t, cause: OUTAGE, relist: true });
  }
}

/** From now on until the run is over. */
function lookAtClocks(driver: Driver, wallOriginUs: number): ClockWatch | undefined {
  const { lab, client, notebook, plan, stop } = driver;
  const { clock, rng, clocks: tuning } = lab;
  if (tuning === undefined || stop.signal.aborted) return undefined;
  const { namespace } = plan;
  const watch = watchClocks({ client, clock, rng, notebook, namespace, wallOriginUs, tuning });
  stop.signal.addEventListener('abort', () => watch.stop(), { once: true });
  return watch;
}

/** Rejects with a defect of the looking out; stops the run where the server is lost. */
async function lossOfServer(driver: Driver): Promise<never> {
  const { lossPatienceUs } = driver.lab;
  if (lossPatienceUs !== undefined) await watchForLoss(driver, lossPatienceUs);
  return new Promise(() => {});
}

function endingOf(driver: Driver): Ending {
  const stopped = stopReason(driver);
  if (stopped) {
    const outcome = stopped.miss === 'Aborted' ? 'failed' : 'partial';
    return { outcome, reason: stopped.message, ...(stopped.lost ? { lost: true } : {}) };
  }
  const overspent = driver.tally.overspent();
  if (overspent.length > 0) return { outcome: 'partial', reason: overspent.join('; ') };
  return { outcome: 'complete' };
}
