/** The list-watches of a run, one a kind, each feeding its stream of the reducer. */

import type { Resource } from '../api/resources.ts';
import type { Clock } from '../core/clock.ts';
import type { Rng } from '../core/rng.ts';
import type { KubeClient } from '../kube/client.ts';
import { startListWatch } from '../kube/list-watch.ts';
import type { Notebook } from '../record/notebook.ts';
import { OBSERVED_KINDS, type ObservedKind } from './kinds.ts';
import type { Strangers } from './made-of.ts';
import type { Reducer } from './reducer.ts';

/** Which objects are looked at. */
export interface WatchScope {
  /** All namespaces where undefined. */
  readonly namespace: string | undefined;
  readonly labelSelector: string;
  /** Plurals of the kinds to look at; all where undefined. */
  readonly kinds?: readonly string[] | undefined;
  /** Where nobody planned the objects. */
  readonly strangers?: Strangers | undefined;
  readonly tuning?: WatchTuning | undefined;
}

export interface WatchTuning {
  /** Asked of the server for each stream. */
  readonly timeoutUs?: number;
  /** A stream silent for so long is dead. */
  readonly silenceUs?: number;
}

export interface StreamsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly notebook: Notebook;
  readonly reducer: Reducer;
  readonly scope: WatchScope;
}

export interface Streams {
  /** Resolves when each kind has been listed: from then on nothing is missed. */
  readonly synced: Promise<void>;
  stop(): void;
}

export function startStreams(options: StreamsOptions): Streams {
  const { client, clock, rng, notebook, reducer, scope } = options;
  const { timeoutUs, silenceUs } = scope.tuning ?? {};
  const isWanted = ({ resource }: ObservedKind) => scope.kinds?.includes(resource.plural) ?? true;
  const streams = OBSERVED_KINDS.filter(isWanted).map((kind) =>
    startListWatch({
      client,
      clock,
      rng: rng.fork(`watch ${kind.resource.plural}`),
      resource: kind.resource,
      namespace: scope.namespace,
      labelSelector: scope.labelSelector,
      ...(timeoutUs === undefined ? {} : { watchTimeoutUs: timeoutUs }),
      ...(silenceUs === undefined ? {} : { silenceUs }),
      onItem: reducer.stream(kind),
      onError: (error) => noteTrouble(notebook, kind.resource, error),
    }),
  );
  return {
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
