/**
 * An observer whose watching is done elsewhere: in a worker thread, so that times of arrival stay
 * true while this thread is busy. What comes over the link is written down and mirrored here.
 */

import type { Probe } from '../api/probe.ts';
import type { Clock } from '../core/clock.ts';
import { createDeferred } from '../core/deferred.ts';
import type { Entry } from '../record/entry.ts';
import type { Notebook } from '../record/notebook.ts';
import type { Verdict } from './expectation.ts';
import { createOperationTracker } from './operation-tracker.ts';
import { createMirror } from './mirror.ts';
import type { Observer } from './observer.ts';
import type { OnStage } from './outstanding.ts';
import { foundOut } from './notes.ts';
import type { Tell } from './prober.ts';
import type { WatchScope } from './streams.ts';
import type { FromWatcher, WatchCost, WatchHost, WatchPort } from './watch-link.ts';

export interface HostedObserverOptions {
  readonly host: WatchHost;
  readonly notebook: Notebook;
  /** The run's own namespace, which entries leave out. */
  readonly namespace: string;
  readonly scope: WatchScope;
  readonly seed: number | string;
  readonly onVerdict: (operation: number, verdict: Verdict) => void;
  /** Told of each VM that was seen to be deleted. */
  readonly onVmGone?: ((uid: string) => void) | undefined;
  readonly onStage?: OnStage | undefined;
  /** How guests are asked whether they answer, by the run's clock; nobody is where undefined. */
  readonly probe?: { readonly probe: Probe; readonly clock: Clock } | undefined;
  /** Earlier sessions are recalled before the start. */
  readonly recalls?: boolean | undefined;
  /** Told lines for people. */
  readonly onWarning?: ((line: string) => void) | undefined;
}

export interface HostedObserver extends Observer {
  /** Takes in an entry of an earlier session; to be done with all of them before `start`. */
  recall(entry: Entry): void;
  start(): void;
}

/** Watches nothing yet. */
export function createHostedObserver(options: HostedObserverOptions): HostedObserver {
  const { notebook, namespace, scope, seed, host, probe, recalls } = options;
  const tell: Tell = (...found) => {
    const entry = foundOut(...found);
    notebook.write(entry);
    mirror.take(entry);
  };
  const { sightings, goOn, stop, ...outstanding } = createOperationTracker({
    ...options,
    prober: probe && { ...probe, notebook, tell, recalls },
  });
  const mirror = createMirror({ sightings, namespace });
  const signs = createSigns();
  let cost: WatchCost = { requests: 0, connections: 0 };
  let port: WatchPort = { post: () => {}, close: () => {} };
  const onMessage = (message: FromWatcher) => {
    switch (message.is) {
      case 'seen':
        for (const entry of message.entries) {
          notebook.write(entry);
          mirror.take(entry);
        }
        return;
      case 'told':
        return options.onWarning?.(message.line);
      case 'synced':
        return signs.synced();
      case 'watching':
        return signs.done(message.turn);
      case 'drained':
        cost = message.cost;
        return signs.done(message.turn);
      case 'broken':
        return signs.broken(message.message);
    }
  };
  return {
    ...outstanding,
    synced: signs.whenSynced,
    broken: signs.whenBroken,
    cost: () => cost,
    recall: mirror.take,
    start() {
      const past = mirror.past();
      const { originUs } = notebook;
      goOn();
      const known = past.known.length > 0 ? { past } : {};
      port = host({ scope, namespace, originUs, seed, ...known }, onMessage);
    },
    watch: (watch) => signs.turn((turn) => port.post({ do: 'watch', turn, watch })),
    drain: () => signs.turn((turn) => port.post({ do: 'drain', turn })),
    stop() {
      stop();
      port.post({ do: 'stop' });
      port.close();
    },
  };
}

/** The promises that messages keep. */
function createSigns() {
  const synced = createDeferred<void>();
  const broken = createDeferred<never>();
  const turns = new Map<number, () => void>();
  let asked = 0;
  return {
    whenSynced: synced.promise,
    whenBroken: broken.promise,
    synced: () => synced.resolve(undefined),
    broken(message: string) {
      broken.reject(new Error(`the watching thread broke down: ${message}`));
      for (const resolve of turns.values()) resolve();
    },
    done: (turn: number) => turns.get(turn)?.(),
    turn(ask: (turn: number) => void): Promise<void> {
      asked += 1;
      const turn = asked;
      return new Promise((resolve) => {
        turns.set(turn, resolve);
        ask(turn);
      });
    },
  };
}
