/**
 * List-watch as a state machine: list all pages, watch from the list's resourceVersion, resume
 * where the stream broke, list again when that version is gone. Each interruption is reported as
 * a gap, because what happened inside it is known later than it happened, or not at all.
 */

import type { KubeObject, Status } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import type { WatchEnd, WatchEvent } from '../api/transport.ts';
import { unreachable } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import { MILLISECOND, MINUTE, SECOND } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';
import { isGone } from './api-error.ts';
import { type BackoffPolicy, jitteredBackoffUs } from './backoff.ts';
import type { KubeClient } from './client.ts';

export type GapCause = 'closed' | 'broken' | 'refused' | 'gone' | 'silent';

export type StreamItem<T extends KubeObject> =
  /** One object of a list. */
  | { readonly kind: 'listed'; readonly object: T; readonly seenUs: number }
  /** The list is complete: whatever was known before and not listed since is gone. */
  | {
      readonly kind: 'synced';
      readonly seenUs: number;
      /** When the list was asked for: what it shows is no older, all its pages of one age. */
      readonly askedUs: number;
      readonly relist: boolean;
    }
  | {
      readonly kind: 'changed';
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly object: T;
      readonly seenUs: number;
    }
  /** A bookmark: nothing changed up to its version, and the stream is alive. */
  | { readonly kind: 'alive'; readonly seenUs: number }
  /** The stream broke; it was last alive at `sinceUs`. What comes next may be late. */
  | { readonly kind: 'lost'; readonly sinceUs: number; readonly cause: GapCause }
  /** The stream was down from the last sign of life until it was live again. */
  | {
      readonly kind: 'gap';
      readonly fromUs: number;
      readonly toUs: number;
      readonly cause: GapCause;
      readonly relist: boolean;
    };

export interface ListWatchOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly resource: Resource<T>;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly pageSize?: number;
  /** Asked of the server, which then closes the stream by itself. */
  readonly watchTimeoutUs?: number;
  /** No byte for so long means a dead stream; off where undefined. */
  readonly silenceUs?: number;
  readonly onItem: (item: StreamItem<T>) => void;
  /** Told of a failed list or a refused watch; with a key, of what failed on that object. */
  readonly onError?: (error: unknown, key?: string) => void;
}

export interface ListWatch {
  /** Resolves when the first list has been delivered. */
  readonly synced: Promise<void>;
  stop(): void;
}

const BACKOFF: BackoffPolicy = { firstUs: 100 * MILLISECOND, maxUs: 30 * SECOND, factor: 2 };

export function startListWatch<T extends KubeObject>(options: ListWatchOptions<T>): ListWatch {
  const abort = new AbortController();
  let markSynced = () => {};
  const synced = new Promise<void>((resolve) => {
    markSynced = resolve;
  });
  void loop(options, abort.signal, markSynced);
  return { synced, stop: () => abort.abort() };
}

type State =
  | { readonly at: 'list'; readonly gap: OpenGap | undefined; readonly attempt: number }
  | {
      readonly at: 'watch';
      readonly version: string;
      readonly gap: OpenGap | undefined;
      readonly attempt: number;
    };

interface OpenGap {
  readonly fromUs: number;
  readonly cause: GapCause;
}

async function loop<T extends KubeObject>(
  options: ListWatchOptions<T>,
  signal: AbortSignal,
  markSynced: () => void,
): Promise<void> {
  let state: State = { at: 'list', gap: undefined, attempt: 0 };
  while (!signal.aborted) {
    if (state.attempt > 0) {
      const delayUs = jitteredBackoffUs(BACKOFF, state.attempt - 1, options.rng);
      await options.clock.sleep(delayUs, { signal });
      if (signal.aborted) return;
    }
    switch (state.at) {
      case 'list':
        state = await listOnce(options, state, signal, markSynced);
        break;
      case 'watch':
        state = await watchOnce(options, state, signal);
        break;
      default:
        unreachable(state);
    }
  }
}

async function listOnce<T extends KubeObject>(
  options: ListWatchOptions<T>,
  state: State,
  signal: AbortSignal,
  markSynced: () => void,
): Promise<State> {
  const relist = state.gap !== undefined;
  const askedUs = options.clock.nowUs();
  try {
    let continueToken: string | undefined;
    let version = '';
    do {
      const page = await options.client.list<T>(options.resource, {
        namespace: options.namespace,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        limit: options.pageSize ?? 500,
        continueToken,
      });
      if (signal.aborted) return state;
      const seenUs = options.clock.nowUs();
      for (const object of page.items) options.onItem({ kind: 'listed', object, seenUs });
      version = page.metadata.resourceVersion ?? '';
      continueToken = page.metadata.continue || undefined;
    } while (continueToken !== undefined);
    options.onItem({ kind: 'synced', seenUs: options.clock.nowUs(), askedUs, relist });
    markSynced();
    return { at: 'watch', version, gap: state.gap, attempt: 0 };
  } catch (error) {
    options.onError?.(error);
    // A continue token that expired half-way is no failure of the server: list again at once.
    return { at: 'list', gap: state.gap, attempt: isGone(error) ? 0 : state.attempt + 1 };
  }
}

/** One watch connection, from opening to its end. */
function watchOnce<T extends KubeObject>(
  options: ListWatchOptions<T>,
  state: State & { at: 'watch' },
  signal: AbortSignal,
): Promise<State> {
  return new Promise((resolve) => {
    const session = createSession(options, state);
    const finish = (next: State) => {
      signal.removeEventListener('abort', onAbort);
      cancelWatchdog();
      resolve(next);
    };
    const onAbort = () => {
      stop();
      finish(state);
    };
    const stop = options.client.watch(
      options.resource,
      watchQuery(options, state.version),
      {
        opened: (atUs) => session.opened(atUs),
        event: (event, seenUs) => {
          const gone = session.event(event as WatchEvent<T>, seenUs);
          if (gone === undefined) return;
          stop();
          finish(gone);
        },
        ended: (end, atUs) => {
          if (end.kind === 'refused') options.onError?.(end);
          finish(session.ended(end, atUs));
        },
      },
      options.namespace,
    );
    const cancelWatchdog = watchdog(options, session.lastHeardUs, () => {
      stop();
      finish(session.silent());
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

interface Session<T extends KubeObject> {
  opened(atUs: number): void;
  /** The next state where the event says that the asked version is gone. */
  event(event: WatchEvent<T>, seenUs: number): State | undefined;
  ended(end: WatchEnd, atUs: number): State;
  silent(): State;
  /** When the last sign of the connection came, whatever it proved. */
  lastHeardUs(): number;
}

function createSession<T extends KubeObject>(
  options: ListWatchOptions<T>,
  state: State & { at: 'watch' },
): Session<T> {
  let version = state.version;
  let gap = state.gap;
  let aliveUs = options.clock.nowUs();
  let heardUs = aliveUs;
  let productive = false;
  const closeGap = (toUs: number) => {
    if (!gap) return;
    options.onItem({ kind: 'gap', fromUs: gap.fromUs, toUs, cause: gap.cause, relist: false });
    gap = undefined;
  };
  const broken = (cause: GapCause): OpenGap => {
    if (gap) return gap;
    options.onItem({ kind: 'lost', sinceUs: aliveUs, cause });
    return { fromUs: aliveUs, cause };
  };
  const resume = (cause: GapCause): State => ({
    at: 'watch',
    version,
    gap: broken(cause),
    attempt: productive || cause === 'closed' ? 0 : state.attempt + 1,
  });
  const relist = (): State => ({
    at: 'list',
    gap: { ...broken('gone'), cause: 'gone' },
    attempt: 0,
  });
  return {
    lastHeardUs: () => heardUs,
    opened(atUs) {
      heardUs = atUs;
      aliveUs = atUs;
      closeGap(atUs);
    },
    event(event, seenUs) {
      if (event.type === 'ERROR') {
        return readStatusCode(event.object) === 410
          ? relist()
          : { ...resume('broken'), attempt: 1 };
      }
      heardUs = seenUs;
      productive = true;
      const { resourceVersion = version } = event.object.metadata;
      // A bookmark of what is known already does not prove that there was nothing more to bring.
      if (event.type === 'BOOKMARK' && resourceVersion === version) return undefined;
      aliveUs = seenUs;
      version = resourceVersion;
      if (event.type === 'BOOKMARK') options.onItem({ kind: 'alive', seenUs });
      else options.onItem({ kind: 'changed', type: event.type, object: event.object, seenUs });
      return undefined;
    },
    ended(end) {
      if (end.kind === 'refused') return end.code === 410 ? relist() : resume('refused');
      return resume(end.kind);
    },
    silent: () => resume('silent'),
  };
}

function readStatusCode(object: unknown): number | undefined {
  return (object as Status).code;
}

function watchQuery<T extends KubeObject>(
  options: ListWatchOptions<T>,
  version: string,
): Record<string, string> {
  const timeoutUs = options.watchTimeoutUs ?? 10 * MINUTE;
  return {
    resourceVersion: version,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(Math.max(1, Math.round(timeoutUs / SECOND))),
    ...(options.labelSelector ? { labelSelector: options.labelSelector } : {}),
    ...(options.fieldSelector ? { fieldSelector: options.fieldSelector } : {}),
  };
}

/** Fires once the stream has been silent for too long; cheap, since it looks once a period. */
function watchdog<T extends KubeObject>(
  options: ListWatchOptions<T>,
  lastHeardUs: () => number,
  onSilence: () => void,
): () => void {
  const { silenceUs, clock } = options;
  if (silenceUs === undefined) return () => {};
  let cancel = () => {};
  const look = () => {
    const leftUs = lastHeardUs() + silenceUs - clock.nowUs();
    if (leftUs <= 0) onSilence();
    else cancel = clock.schedule(leftUs, look, { kind: 'background' });
  };
  cancel = clock.schedule(silenceUs, look, { kind: 'background' });
  return () => cancel();
}
