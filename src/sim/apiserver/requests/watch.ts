/**
 * A watch, from opening to its end, without any delay of its own: what exists or was missed comes
 * first, then each commit as it happens. An object that leaves the selection is DELETED for this
 * watcher and one that enters is ADDED.
 */

import { hasFlag, readFlag } from '../core/query.ts';
import type { KubeObject, Status } from '../../../api/object.ts';
import type { WatchEvent } from '../../../api/transport.ts';
import type { Clock } from '../../../core/clock.ts';
import { MINUTE, SECOND } from '../../../core/duration.ts';
import type { Commit } from '../core/history.ts';
import { badRequest, tooLargeVersion, tooOldVersion } from '../core/refusal.ts';
import { formatApiVersion } from '../registry/registry.ts';
import type { Target } from '../registry/routes.ts';
import { type Selection, makeSelection } from '../registry/selection.ts';
import type { Collection } from '../registry/store.ts';
import type { Context } from './context.ts';
import { selectedObjects } from './list.ts';
import { checkListOptions } from './option-checks.ts';
import type { Query } from '../core/query.ts';

/** Called in commit order; `ended` once, and never after a stop. */
export interface WatchReceiver {
  event(event: WatchEvent): void;
  ended(): void;
}

export interface OpenWatch {
  stop(): void;
}

const BOOKMARKS = 'allowWatchBookmarks';
const BOOKMARK_PERIOD_US = MINUTE;
/** A last bookmark this long before the time-out, so that the next watch starts near the end. */
const LAST_BOOKMARK_US = 2 * SECOND;
/** apiserver handlers/get.go: a random time in [30, 60) minutes where the client names none. */
const DEFAULT_TIMEOUT_US = 30 * MINUTE;

/** Opens a watch; refuses what cannot be understood. */
export function openWatch(
  context: Context,
  clock: Clock,
  target: Target,
  query: Query,
  receiver: WatchReceiver,
): OpenWatch {
  const selection = makeSelection(target, query);
  const collection = context.store.collection(target.definition);
  const start = parseStartVersion(query, context.store.version);
  const initial = initialEvents(context, collection, selection, start);
  if (!Array.isArray(initial)) {
    receiver.event(errorEvent(initial as Status));
    receiver.ended();
    return { stop: () => {} };
  }
  const session = createSession(context, clock, collection, selection, query, receiver);
  for (const event of initial as readonly WatchEvent[]) receiver.event(event);
  if (hasFlag(query, 'sendInitialEvents') && hasFlag(query, BOOKMARKS)) {
    session.bookmark({ initialEventsEnd: true });
  }
  return { stop: session.stop };
}

/** From where to watch: undefined for what exists now, then what comes. */
function parseStartVersion(query: Query, current: number): number | undefined {
  const text = query['resourceVersion'];
  checkListOptions(query, true);
  const initial = readFlag(query, 'sendInitialEvents');
  // Without a version, and without what exists: from now on.
  if (text === undefined || text === '' || text === '0') {
    return initial === false ? current : undefined;
  }
  const version = Number(text);
  if (!Number.isInteger(version) || version < 0) {
    throw badRequest(`invalid resource version: ${text}`);
  }
  if (initial !== true) return version;
  if (version > current) throw tooLargeVersion(version, current);
  return undefined;
}

function initialEvents(
  context: Context,
  collection: Collection,
  selection: Selection,
  start: number | undefined,
): readonly WatchEvent[] | Status {
  if (start === undefined) {
    return selectedObjects(collection, selection).map((object) => ({
      type: 'ADDED' as const,
      object: context.present(collection, object),
    }));
  }
  const missed = collection.history.since(start);
  if (!missed) return tooOldVersion(start, collection.history.floor);
  const events: WatchEvent[] = [];
  for (const commit of missed) {
    const event = seenEvent(selection, commit);
    if (event) events.push(event);
  }
  return events;
}

/** What a commit looks like through a selection; undefined where it is out of sight. */
function seenEvent(selection: Selection, commit: Commit): WatchEvent | undefined {
  const { event, before } = commit;
  const { object } = event;
  if (selection.namespace !== undefined && object.metadata.namespace !== selection.namespace) {
    return undefined;
  }
  const { test } = selection;
  if (test === undefined) return event;
  const was = before !== undefined && test(before);
  if (event.type === 'DELETED') return was ? event : undefined;
  const is = test(object);
  if (is) return was === (before !== undefined) ? event : { type: 'ADDED', object };
  return was ? leavingEvent(before, object) : undefined;
}

/** The last state that was in sight, at the version of its leaving. */
function leavingEvent(before: KubeObject, now: KubeObject): WatchEvent {
  const { resourceVersion } = now.metadata;
  const metadata = Object.freeze({
    ...before.metadata,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  });
  return { type: 'DELETED', object: Object.freeze({ ...before, metadata }) };
}

function errorEvent(status: Status): WatchEvent {
  return { type: 'ERROR', object: status as unknown as KubeObject };
}

interface Session {
  stop(): void;
  bookmark(options?: { readonly initialEventsEnd: boolean }): void;
}

function createSession(
  context: Context,
  clock: Clock,
  collection: Collection,
  selection: Selection,
  query: Query,
  receiver: WatchReceiver,
): Session {
  const unsubscribe = collection.subscribe(
    (commit) => {
      const event = seenEvent(selection, commit);
      if (event) receiver.event(event);
    },
    () => end(),
  );
  let cancelBookmark = () => {};
  const stop = () => {
    unsubscribe();
    cancelTimeout();
    cancelBookmark();
  };
  const timeoutUs = parseTimeout(context, query);
  const endsUs = clock.nowUs() + timeoutUs;
  const end = () => {
    stop();
    receiver.ended();
  };
  const cancelTimeout = clock.schedule(timeoutUs, end, { kind: 'background' });
  const bookmark = (options?: { readonly initialEventsEnd: boolean }) =>
    receiver.event(bookmarkEvent(context, collection, options?.initialEventsEnd ?? false));
  const planBookmark = () => {
    const lastUs = endsUs - LAST_BOOKMARK_US - clock.nowUs();
    if (lastUs <= 0) return;
    cancelBookmark = clock.schedule(
      Math.min(BOOKMARK_PERIOD_US, lastUs),
      () => {
        bookmark();
        planBookmark();
      },
      { kind: 'background' },
    );
  };
  if (hasFlag(query, BOOKMARKS)) planBookmark();
  return { stop, bookmark };
}

function parseTimeout(context: Context, query: Query): number {
  const asked = Number(query['timeoutSeconds'] ?? 0);
  if (asked > 0) return asked * SECOND;
  return Math.round(DEFAULT_TIMEOUT_US * (1 + context.rng.next()));
}

function bookmarkEvent(
  context: Context,
  { definition }: Collection,
  initialEventsEnd: boolean,
): WatchEvent {
  const metadata = {
    resourceVersion: String(context.store.version),
    ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  };
  const object = {
    kind: definition.resource.kind,
    apiVersion: formatApiVersion(definition.resource),
    metadata: metadata as unknown as KubeObject['metadata'],
  };
  return { type: 'BOOKMARK', object };
}
