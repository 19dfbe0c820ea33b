/**
 * List-watch as a state machine: list all pages, watch from the list's resourceVersion, resume
 * where the stream broke, list again when that version is gone. Each interruption is reported as
 * a gap, because what happened inside it is known later than it happened, or not at all.
 */

import type { KubeList, KubeObject, Status } from '../api/object.ts';
import type { Resource } from '../api/resources.ts';
import type { WatchEnd, WatchEvent } from '../api/transport.ts';
import { unreachable } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import { MILLISECOND, SECOND } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';
import { isGone } from './api-error.ts';
import type { BackoffPolicy } from './backoff.ts';
import type { KubeClient } from './client.ts';
import { ForeignAnswerError } from './foreign-answer.ts';
import { type PageTurner, pageTurner } from './list-all.ts';
import { retryPauseUs } from './retry.ts';
import { isWellFormed, watchdog, watchQuery } from './watch-stream.ts';

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
  /** What it throws is a defect, and ends the list-watch: see `onCrash`. */
  readonly onItem: (item: StreamItem<T>) => void;
  /** Told what `onItem` threw; where nobody listens, the process goes down with it. */
  readonly onCrash?: (error: unknown) => void;
  /** Told of a failed list or a refused watch; with a key, of what failed on that object. */
  readonly onError?: (error: unknown, key?: string) => void;
}

export interface ListWatch {
  /** Resolves when the first list has been delivered. */
  readonly synced: Promise<void>;
  stop(): void;
}

const BACKOFF: BackoffPolicy = { firstUs: 100 * MILLISECOND, maxUs: 30 * SECOND, factor: 2 };

/** A stream that lived so long has ended for reasons of its own, and is opened again at once. */
const HEALTHY_US = 2 * SECOND;

/** One that brought something is not kept waiting for longer than after so many failures. */
const FRUITFUL_FAILURES_MAX = 5;

export function startListWatch<T extends KubeObject>(options: ListWatchOptions<T>): ListWatch {
  const abort = new AbortController();
  let markSynced = () => {};
  const synced = new Promise<void>((resolve) => {
    markSynced = resolve;
  });
  const running = loop(options, abort.signal, markSynced);
  if (options.onCrash) running.catch(options.onCrash);
  return { synced, stop: () => abort.abort() };
}

type State = ListState | WatchState;

interface ListState {
  readonly at: 'list';
  readonly gap: OpenGap | undefined;
  /** In a row; none after a stream that was healthy. */
  readonly failures: number;
  /** Whether to wait before the next request. */
  readonly pause: boolean;
  /** The pages of the list before expired half-way: all is asked for at once, which cannot. */
  readonly whole?: boolean;
}

interface WatchState extends Omit<ListState, 'at' | 'whole'> {
  readonly at: 'watch';
  readonly version: string;
}

interface OpenGap {
  readonly fromUs: number;
  readonly cause: GapCause;
}

async function loop<T extends KubeObject>(
  options: ListWatchOptions<T>,
  signal: AbortSignal,
  markSynced: () => void,
): Promise<void> {
  let state: State = { at: 'list', gap: undefined, failures: 0, pause: false };
  while (!signal.aborted) {
    if (state.pause && state.failures > 0) {
      const delayUs = retryPauseUs(BACKOFF, state.failures, options.rng);
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
  state: ListState,
  signal: AbortSignal,
  markSynced: () => void,
): Promise<State> {
  const { gap, failures } = state;
  const { clock, onItem } = options;
  const askedUs = clock.nowUs();
  const turn = pageTurner();
  for (;;) {
    const page = await fetchPage(options, turn, state.whole ?? false);
    if (signal.aborted) return state;
    if ('error' in page) {
      options.onError?.(page.error);
      const whole = isGone(page.error);
      return { at: 'list', gap, failures: failures + 1, pause: true, whole };
    }
    const seenUs = clock.nowUs();
    for (const object of page.list.items) onItem({ kind: 'listed', object, seenUs });
    if (page.isLast) {
      const version = page.list.metadata.resourceVersion ?? '';
      onItem({ kind: 'synced', seenUs: clock.nowUs(), askedUs, relist: gap !== undefined });
      markSynced();
      return { at: 'watch', version, gap, failures, pause: false };
    }
  }
}

/**
 * Without a resourceVersion, where a reflector asks for `0` first: that may be any state that a
 * cache still holds, and what a list proves here is that it is no older than its request.
 */
async function fetchPage<T extends KubeObject>(
  options: ListWatchOptions<T>,
  turn: PageTurner,
  whole: boolean,
): Promise<{ readonly list: KubeList<T>; readonly isLast: boolean } | { readonly error: unknown }> {
  const { client, resource, namespace, labelSelector, fieldSelector, pageSize = 500 } = options;
  const continueToken = turn.token();
  const limit = whole ? undefined : pageSize;
  const asked = { namespace, labelSelector, fieldSelector, limit, continueToken };
  try {
    const list = await client.list<T>(resource, asked);
    return { list, isLast: turn.isLast(list) };
  } catch (error) {
    return { error };
  }
}

/** One watch connection, from opening to its end. */
function watchOnce<T extends KubeObject>(
  options: ListWatchOptions<T>,
  state: WatchState,
  signal: AbortSignal,
): Promise<State> {
  return new Promise((resolve, reject) => {
    const session = createSession(options, state);
    const finish = (next: State) => {
      signal.removeEventListener('abort', onAbort);
      cancelWatchdog();
      resolve(next);
    };
    // The transport must not take a defect of the listener for one of the stream.
    const guarded =
      <A extends readonly unknown[]>(tell: (...told: A) => void) =>
      (...told: A) => {
        try {
          tell(...told);
        } catch (error) {
          stop();
          reject(error);
          finish(state);
        }
      };
    const onAbort = () => {
      stop();
      finish(state);
    };
    const stop = options.client.watch(
      options.resource,
      watchQuery(options, state.version),
      {
        opened: guarded((atUs: number) => session.opened(atUs)),
        event: guarded((event: WatchEvent, seenUs: number) => {
          const next = session.event(event as WatchEvent<T>, seenUs);
          if (next === undefined) return;
          stop();
          finish(next);
        }),
        ended: guarded((end: WatchEnd, atUs: number) => {
          if (end.kind === 'refused') options.onError?.(end);
          finish(session.ended(end, atUs));
        }),
      },
      options.namespace,
    );
    const cancelWatchdog = watchdog(
      options,
      session.lastHeardUs,
      guarded(() => {
        stop();
        finish(session.silent());
      }),
    );
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
  state: WatchState,
): Session<T> {
  let version = state.version;
  let gap = state.gap;
  const startUs = options.clock.nowUs();
  let aliveUs = startUs;
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
  const failures = () => {
    if (options.clock.nowUs() - startUs >= HEALTHY_US) return 0;
    return Math.min(state.failures + 1, productive ? FRUITFUL_FAILURES_MAX : Infinity);
  };
  const resume = (cause: GapCause): State => ({
    at: 'watch',
    version,
    gap: broken(cause),
    failures: failures(),
    pause: true,
  });
  const relist = (): State => ({
    at: 'list',
    gap: { ...broken('gone'), cause: 'gone' },
    failures: failures(),
    pause: true,
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
        return readStatusCode(event.object) === 410 ? relist() : resume('broken');
      }
      if (!isWellFormed(event)) {
        options.onError?.(new ForeignAnswerError('an event of a watch has no object with a name'));
        return resume('broken');
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
