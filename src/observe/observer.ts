/**
 * Watches a run's objects on an in-process Transport: one list-watch a kind, reduced inline. What
 * drive/ asks and is told crosses as plain values, so that the same reducer can run in a worker.
 */

import type { Resource } from '../api/resources.ts';
import type { Clock } from '../core/clock.ts';
import type { Rng } from '../core/rng.ts';
import type { KubeClient } from '../kube/client.ts';
import { startListWatch } from '../kube/list-watch.ts';
import type { Notebook } from '../record/notebook.ts';
import type { Verdict } from './expectation.ts';
import { OBSERVED_KINDS } from './kinds.ts';
import { createOutstanding, type Outstanding } from './outstanding.ts';
import { createReducer } from './reducer.ts';

export interface ObserverOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly notebook: Notebook;
  /** The run's own namespace; objects are looked for in it alone, unless `everywhere`. */
  readonly namespace: string;
  readonly everywhere?: boolean;
  readonly labelSelector: string;
  readonly watch?: WatchTuning | undefined;
  readonly onVerdict: (operation: number, verdict: Verdict) => void;
}

export interface WatchTuning {
  /** Asked of the server for each stream. */
  readonly timeoutUs?: number;
  /** A stream silent for so long is dead. */
  readonly silenceUs?: number;
}

export interface Observer extends Omit<Outstanding, 'sightings'> {
  /** Resolves when each kind has been listed: from then on nothing is missed. */
  readonly synced: Promise<void>;
  stop(): void;
}

export function startObserver(options: ObserverOptions): Observer {
  const { notebook, namespace, everywhere = false } = options;
  const { sightings, ...outstanding } = createOutstanding(options.onVerdict);
  const reducer = createReducer({ notebook, sightings, namespace });
  const streams = OBSERVED_KINDS.map((kind) =>
    startListWatch({
      client: options.client,
      clock: options.clock,
      rng: options.rng.fork(`watch ${kind.resource.plural}`),
      resource: kind.resource,
      namespace: everywhere ? undefined : namespace,
      labelSelector: options.labelSelector,
      ...(options.watch?.timeoutUs === undefined
        ? {}
        : { watchTimeoutUs: options.watch.timeoutUs }),
      ...(options.watch?.silenceUs === undefined ? {} : { silenceUs: options.watch.silenceUs }),
      onItem: reducer.stream(kind),
      onError: (error) => noteTrouble(notebook, kind.resource, error),
    }),
  );
  return {
    ...outstanding,
    synced: Promise.all(streams.map(({ synced }) => synced)).then(() => undefined),
    stop: () => {
      for (const stream of streams) stream.stop();
    },
  };
}

function noteTrouble(notebook: Notebook, { plural }: Resource, error: unknown): void {
  const reason = error instanceof Error ? error.message : JSON.stringify(error);
  const message = `${plural}: ${reason}`;
  notebook.write({ e: 'note', t: notebook.nowUs(), what: 'watch', message });
}
