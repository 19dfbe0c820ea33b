/**
 * Faults of one watch connection. The order of events is never changed: a late one holds up all
 * behind it, as on a real connection.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { WatchEvent } from '../../../api/transport.ts';
import type { Clock } from '../../../core/clock.ts';
import { SECOND } from '../../../core/duration.ts';
import { createFifo, type Fifo } from '../../../core/fifo.ts';
import type { Rng } from '../../../core/rng.ts';
import { storeKey } from '../registry/store.ts';
import type { FaultPlan, FaultRecord, StreamControl, StreamTap } from './plan.ts';

export interface TapOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly plan: FaultPlan;
  readonly control: StreamControl;
  readonly path: string;
  readonly record: (fault: FaultRecord['fault'], detail: string) => void;
  /** Told when the tap cuts by itself, before the connection breaks. */
  readonly onCut: () => void;
}

interface Held {
  readonly item: WatchEvent | undefined;
  readonly dueUs: number;
}

interface TapState {
  readonly held: Fifo<Held>;
  /** No event leaves before. */
  readyUs: number;
  stalledUntilUs: number;
  /** What comes before this moment leaves together at it, where changes are coalesced. */
  batchEndsUs: number;
  delivered: number;
  lastVersion: string | undefined;
  lastKind: Pick<KubeObject, 'apiVersion' | 'kind'> | undefined;
  cancelFlush: (() => void) | undefined;
  closed: boolean;
}

export function createStreamTap(options: TapOptions): StreamTap {
  const { clock, plan, rng } = options;
  const timers: (() => void)[] = [];
  const state: TapState = {
    held: createFifo<Held>(),
    readyUs: 0,
    stalledUntilUs: 0,
    batchEndsUs: 0,
    delivered: 0,
    lastVersion: undefined,
    lastKind: undefined,
    cancelFlush: undefined,
    closed: false,
  };
  const close = () => {
    state.closed = true;
    state.cancelFlush?.();
    for (const cancel of timers) cancel();
  };
  const background = (delayUs: number, callback: () => void) => {
    timers.push(clock.schedule(delayUs, callback, { kind: 'background' }));
  };
  if (plan.cutEveryUs !== undefined) {
    background(plan.cutEveryUs * rng.uniform(0.5, 1.5), () => cut(options, state, close, 'now'));
  }
  if (plan.stall) {
    background(plan.stall.everyUs * rng.uniform(0.5, 1.5), () => stall(options, state, background));
  }
  return {
    closed: close,
    item(item) {
      if (state.closed) return;
      state.held.push({ item, dueUs: chooseDelay(options, state) });
      flush(options, state, close);
    },
  };
}

/** When an event that comes now may leave, with what the dice add. */
function chooseDelay({ clock, plan, rng, path, record }: TapOptions, state: TapState): number {
  const nowUs = clock.nowUs();
  let dueUs = Math.max(nowUs, state.readyUs, state.stalledUntilUs);
  if (plan.delay && rng.next() < plan.delay.rate) {
    const delayUs = Math.round(rng.uniform(0, plan.delay.maxUs));
    dueUs = Math.max(dueUs, nowUs + delayUs);
    record('delay', `${path} ${delayUs} us`);
  }
  if (plan.coalesceUs !== undefined) {
    if (state.batchEndsUs <= nowUs) state.batchEndsUs = nowUs + plan.coalesceUs;
    dueUs = Math.max(dueUs, state.batchEndsUs);
  }
  state.readyUs = dueUs;
  return dueUs;
}

/** Delivers what is due, and comes back for the rest. */
function flush(options: TapOptions, state: TapState, close: () => void): void {
  const nowUs = options.clock.nowUs();
  const due: (WatchEvent | undefined)[] = [];
  for (let head = state.held.peek(); head && head.dueUs <= nowUs; head = state.held.peek()) {
    state.held.shift();
    due.push(head.item);
  }
  const items = options.plan.coalesceUs === undefined ? due : coalesced(options, due);
  for (const item of items) {
    if (state.closed) return;
    deliver(options, state, item, close);
  }
  const next = state.held.peek();
  if (!next || state.closed) return;
  state.cancelFlush?.();
  state.cancelFlush = options.clock.schedule(next.dueUs - nowUs, () =>
    flush(options, state, close),
  );
}

function deliver(
  options: TapOptions,
  state: TapState,
  event: WatchEvent | undefined,
  close: () => void,
): void {
  const { plan, rng, control, record, path } = options;
  control.deliver(event);
  if (event === undefined) return close();
  if (event.type === 'BOOKMARK' || event.type === 'ERROR') return;
  state.lastVersion = event.object.metadata.resourceVersion;
  state.lastKind = event.object;
  if (plan.duplicateRate !== undefined && rng.next() < plan.duplicateRate) {
    record('duplicate', path);
    control.deliver(event);
  }
  state.delivered += 1;
  if (state.delivered === plan.cutEveryEvents) cut(options, state, close, 'behind');
}

/**
 * Behind: a client that gets none of so many events would ask for them again and again, and a
 * connection that is cut after each so many would never get it any further.
 */
function cut(
  { control, path, record, onCut }: TapOptions,
  state: TapState,
  close: () => void,
  when: 'now' | 'behind',
): void {
  if (state.closed) return;
  close();
  record('cut', path);
  onCut();
  const message = 'connection reset by peer';
  if (when === 'behind' && control.cutBehind) control.cutBehind(message);
  else control.cut(message);
}

/** From now on nothing leaves but bookmarks of what has been delivered already. */
function stall(
  options: TapOptions,
  state: TapState,
  background: (delayUs: number, callback: () => void) => void,
): void {
  const { plan, clock, path, record } = options;
  if (!plan.stall) return;
  const { everyUs, forUs } = plan.stall;
  state.stalledUntilUs = clock.nowUs() + forUs;
  record('stall', `${path} ${forUs} us`);
  for (let us = SECOND; us < forUs; us += SECOND) {
    background(us, () => bookmark(options, state));
  }
  background(forUs + everyUs, () => stall(options, state, background));
}

function bookmark({ control }: TapOptions, state: TapState): void {
  if (state.lastVersion === undefined || !state.lastKind) return;
  const metadata = { resourceVersion: state.lastVersion } as unknown as KubeObject['metadata'];
  const { apiVersion, kind } = state.lastKind;
  control.deliver({ type: 'BOOKMARK', object: { apiVersion, kind, metadata } });
}

/** Only the last of an object's changes is left; what was added since stays an addition. */
function coalesced(
  { path, record }: TapOptions,
  items: readonly (WatchEvent | undefined)[],
): (WatchEvent | undefined)[] {
  const kept: { item: WatchEvent | undefined; superseded: boolean }[] = [];
  const places = new Map<string, (typeof kept)[number]>();
  for (const item of items) {
    const key = item === undefined ? '' : eventKey(item);
    const earlier = places.get(key);
    const place = { item, superseded: false };
    if (item?.type === 'MODIFIED' && earlier?.item) {
      // The change keeps the later place, so that versions go on growing.
      place.item = { type: earlier.item.type, object: item.object };
      earlier.superseded = true;
      record('coalesce', path);
    }
    kept.push(place);
    if (item?.type === 'ADDED' || item?.type === 'MODIFIED') places.set(key, place);
    else places.delete(key);
  }
  return kept.filter(({ superseded }) => !superseded).map(({ item }) => item);
}

function eventKey({ object: { metadata } }: WatchEvent): string {
  return storeKey(metadata.namespace, metadata.name);
}
