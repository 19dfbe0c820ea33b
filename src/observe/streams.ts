/** The list-watches of a run, one a kind, each feeding its stream of the reducer. */

import type { KubeObject } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import type { Clock } from '../core/clock.ts';
import { createDeferred } from '../core/deferred.ts';
import type { Rng } from '../core/rng.ts';
import type { KubeClient } from '../kube/client.ts';
import {
  type GapCause,
  type ListWatch,
  startListWatch,
  type StreamItem,
} from '../kube/list-watch.ts';
import type { Notebook } from '../record/notebook.ts';
import { type AddressesAsked, OBSERVED_KINDS, type ObservedKind, observedKind } from './kinds.ts';
import type { StepWatch } from './step-watch.ts';
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
  readonly addresses?: AddressesAsked | undefined;
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
  /** Rejects with a defect of whoever is told what was seen. */
  readonly broken: Promise<never>;
  /** Opens a stream of a step's own; resolves when its kind has been listed. */
  watch(watch: StepWatch): Promise<void>;
  /** Tells of the gaps that nothing has closed yet: what fell into them is not known. */
  tellGaps(): void;
  stop(): void;
}

export function startStreams(options: StreamsOptions): Streams {
  const { client, clock, rng, notebook, reducer, scope } = options;
  const { timeoutUs, silenceUs } = scope.tuning ?? {};
  const isWanted = ({ resource }: ObservedKind) => scope.kinds?.includes(resource.plural) ?? true;
  const listeners: ReturnType<typeof createListener>[] = [];
  const streams: ListWatch[] = [];
  const broken = createDeferred<never>();
  const open = (kind: ObservedKind, what: string, part: Part) => {
    const listener = createListener(reducer.stream(kind, part.watch));
    const stream = startListWatch({
      client,
      clock,
      rng: rng.fork(`watch ${what}`),
      resource: kind.resource,
      namespace: part.namespace,
      labelSelector: part.labelSelector,
      ...(timeoutUs === undefined ? {} : { watchTimeoutUs: timeoutUs }),
      ...(silenceUs === undefined ? {} : { silenceUs }),
      onItem: listener.hear,
      onCrash: broken.reject,
      onError: (error) => noteTrouble(notebook, kind.resource, error),
    });
    listeners.push(listener);
    streams.push(stream);
    return stream.synced;
  };
  const first = OBSERVED_KINDS.filter(isWanted).map(({ resource }) =>
    open(observedKind(resource, scope), resource.plural, scope),
  );
  return {
    synced: Promise.all(first).then(() => undefined),
    broken: broken.promise,
    // The stream's name seeds its dice: it stays what it was.
    watch: (watch) =>
      open(observedKind(watch.resource, scope), `${watch.resource.plural} of look ${watch.id}`, {
        namespace: watch.namespace,
        labelSelector: undefined,
        watch,
      }),
    tellGaps: () => {
      for (const { tellGap } of listeners) tellGap(clock.nowUs());
    },
    stop: () => {
      for (const stream of streams) stream.stop();
    },
  };
}

/** What one stream shows of its kind. */
interface Part {
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  readonly watch?: StepWatch;
}

/** Passes on what a stream says, and remembers since when it has been down. */
function createListener(onItem: (item: StreamItem<KubeObject>) => void) {
  let down: { readonly fromUs: number; readonly cause: GapCause } | undefined;
  return {
    hear(item: StreamItem<KubeObject>) {
      if (item.kind === 'lost') down = { fromUs: item.sinceUs, cause: item.cause };
      else if (item.kind === 'gap') down = undefined;
      onItem(item);
    },
    tellGap(toUs: number) {
      if (down === undefined) return;
      onItem({ kind: 'gap', ...down, toUs, relist: false });
      down = undefined;
    },
  };
}

function noteTrouble(notebook: Notebook, { plural }: Resource, error: unknown): void {
  const reason = error instanceof Error ? error.message : JSON.stringify(error);
  const message = `${plural}: ${reason}`;
  notebook.write({ e: 'note', t: notebook.nowUs(), what: 'watch', message });
}
