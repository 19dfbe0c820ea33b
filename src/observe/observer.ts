/**
 * Watches a run's objects, and says what becomes of its operations. This one looks on inline, for
 * virtual time; hosted-observer.ts is the same with the watching done in another thread.
 */

import type { Clock } from '../core/clock.ts';
import type { Rng } from '../core/rng.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Notebook } from '../record/notebook.ts';
import type { Verdict } from './expectation.ts';
import type { StepWatch } from './step-watch.ts';
import type { Probe } from '../api/probe.ts';
import { createOperationTracker } from './operation-tracker.ts';
import type { OnStage, Outstanding } from './outstanding.ts';
import type { Tell } from './prober.ts';
import { createReducer } from './reducer.ts';
import type { WatchCost } from './watch-link.ts';
import { startStreams, type WatchScope } from './streams.ts';

export interface ObserverOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly notebook: Notebook;
  /** The run's own namespace, which entries leave out. */
  readonly namespace: string;
  readonly scope: WatchScope;
  /** How guests are asked whether they answer; nobody is where undefined. */
  readonly probe?: Probe | undefined;
  readonly onVerdict: (operation: number, verdict: Verdict) => void;
  /** Told of each VM that was seen to be deleted. */
  readonly onVmGone?: ((uid: string) => void) | undefined;
  readonly onStage?: OnStage | undefined;
}

export interface Observer extends Omit<Outstanding, 'sightings'> {
  /** Resolves when each kind has been listed: from then on nothing is missed. */
  readonly synced: Promise<void>;
  /** Rejects where watching broke down for good, by a defect. */
  readonly broken: Promise<never>;
  /** Watches what a step asks for from now on; resolves when it has been listed. */
  watch(watch: StepWatch): Promise<void>;
  /** At the end: resolves when all that was seen, and since when not, has been written down. */
  drain(): Promise<void>;
  /** What watching has cost by the last drain; undefined where it cost nothing of its own. */
  cost(): WatchCost | undefined;
  stop(): void;
}

export function startObserver(options: ObserverOptions): Observer {
  const { notebook, namespace, scope, probe, clock } = options;
  const tell: Tell = (...found) => reducer.tell(...found);
  const {
    sightings,
    stop,
    goOn: _,
    ...outstanding
  } = createOperationTracker({
    ...options,
    prober: probe && { probe, clock, notebook, tell },
  });
  const reducer = createReducer({ notebook, sightings, namespace, strangers: scope.strangers });
  const streams = startStreams({ ...options, reducer });
  return {
    ...outstanding,
    synced: streams.synced,
    broken: streams.broken,
    watch: (watch) => streams.watch(watch),
    drain() {
      streams.tellGaps();
      return Promise.resolve();
    },
    cost: () => undefined,
    stop() {
      stop();
      streams.stop();
    },
  };
}
