/**
 * One session of a history, from its anchor to its end: what all measurements share, whether the
 * load is our own or somebody else's. Whatever happens, the session ends in order, and what still
 * waits somewhere afterwards must not go on behind its back.
 */

import { setMaxListeners } from 'node:events';
import type { KubeClient } from '../kube/client.ts';
import { type ClockWatch, watchClocks } from '../observe/clocks/watch-clocks.ts';
import type { Observer } from '../observe/observer.ts';
import type { WatchCost } from '../observe/watch-link.ts';
import type { NeverBegun, Outcome } from '../record/entry.ts';
import type { Notebook } from '../record/notebook.ts';
import type { Lab } from './lab.ts';
import { type Pulse, watchForLoss } from './server-loss.ts';

export interface Session {
  readonly lab: Lab;
  readonly notebook: Notebook;
  readonly client: KubeClient;
  readonly pulse: Pulse;
  readonly observer: Observer;
  /** Aborted once nothing more may be started; the reason is a StopReason. */
  readonly stop: AbortController;
}

/** Why a measurement ends before it is over. */
export interface StopReason {
  /** Of the operations that are cut off by it. */
  readonly miss: 'Interrupted' | 'Aborted';
  readonly message: string;
  /** The server was lost on the way. */
  readonly lost?: true;
}

export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
  /** Steps that it ends before. */
  readonly neverBegun?: readonly NeverBegun[];
  /** The server was lost on the way. */
  readonly lost?: true;
  /** What watching in another thread has cost. */
  readonly watchCost?: WatchCost | undefined;
}

export interface SessionPlay {
  /** Where the server's clock is asked for. */
  readonly namespace: string;
  /** All that happens once the clocks are looked at. */
  readonly perform: () => Promise<void>;
  /** Before anything else, the looking at clocks included. */
  readonly prepare?: (() => Promise<void>) | undefined;
  /** Asked when all is done, or the session was stopped. */
  readonly endingOf: () => Ending;
}

/** Opens with the anchor, closes with the end; rejects with defects and what `perform` rejects. */
export async function playSession(session: Session, play: SessionPlay): Promise<Ending> {
  const { lab, notebook, observer, stop } = session;
  const t = notebook.nowUs();
  const wall = lab.clock.wallUs();
  notebook.write({ e: 'anchor', session: lab.past?.sessions ?? 0, t, wall });
  try {
    const breakdown = Promise.race([observer.broken, lossOfServer(session)]);
    await Promise.race([performWithClocks(session, play, wall - t), breakdown]);
    await Promise.race([observer.drain(), observer.broken]);
    const ending = play.endingOf();
    recordEnd(session, ending);
    const watchCost = observer.cost();
    return watchCost === undefined ? ending : { ...ending, watchCost };
  } finally {
    if (!stop.signal.aborted) stop.abort({ miss: 'Interrupted', message: 'the run is over' });
    observer.stop();
    notebook.flush();
  }
}

/** A controller that the signal aborts too, as an interruption. */
export function stopOn(signal: AbortSignal | undefined): AbortController {
  const stop = new AbortController();
  // Every sleeping retry listens to it; Node would warn of a leak from the eleventh on.
  setMaxListeners(0, stop.signal);
  const reason: StopReason = { miss: 'Interrupted', message: 'interrupted' };
  if (signal?.aborted) stop.abort(reason);
  signal?.addEventListener('abort', () => stop.abort(reason), { once: true });
  return stop;
}

/** Why it was stopped; undefined while it goes on. */
export function stopReason({ stop }: Pick<Session, 'stop'>): StopReason | undefined {
  return stop.signal.aborted ? (stop.signal.reason as StopReason) : undefined;
}

/** Waits for it, but no longer than the session goes on. */
export function untilStopped<T>(
  { stop }: Pick<Session, 'stop'>,
  what: Promise<T>,
): Promise<T | undefined> {
  if (stop.signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const onStop = () => resolve(undefined);
    stop.signal.addEventListener('abort', onStop, { once: true });
    what.then(resolve, reject).finally(() => stop.signal.removeEventListener('abort', onStop));
  });
}

async function performWithClocks(
  session: Session,
  { namespace, prepare, perform }: SessionPlay,
  wallOriginUs: number,
): Promise<void> {
  if (prepare) await untilStopped(session, prepare());
  const clocks = lookAtClocks(session, namespace, wallOriginUs);
  await perform();
  if (clocks) await untilStopped(session, clocks.finish());
}

/** From now on until the session is over. */
function lookAtClocks(
  { lab, client, notebook, stop }: Session,
  namespace: string,
  wallOriginUs: number,
): ClockWatch | undefined {
  const { clock, rng, clocks: tuning } = lab;
  if (tuning === undefined || stop.signal.aborted) return undefined;
  const watch = watchClocks({ client, clock, rng, notebook, namespace, wallOriginUs, tuning });
  stop.signal.addEventListener('abort', () => watch.stop(), { once: true });
  return watch;
}

/** Rejects with a defect of the looking out; stops the session where the server is lost. */
async function lossOfServer(session: Session): Promise<never> {
  const { serverLossTimeoutUs } = session.lab;
  if (serverLossTimeoutUs !== undefined) await watchForLoss(session, serverLossTimeoutUs);
  return new Promise(() => {});
}

function recordEnd({ lab, notebook }: Session, { outcome, reason, neverBegun }: Ending): void {
  notebook.write({
    e: 'end',
    t: notebook.nowUs(),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(neverBegun === undefined ? {} : { neverBegun }),
    ...(lab.counters && { counters: lab.counters() }),
  });
}
