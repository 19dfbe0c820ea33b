/**
 * client-go's event recorder: one goroutine that writes one event after another with the
 * component's own client. Under load it competes for the same tokens as the work itself, which is
 * why its requests cost their tokens and their time even where no Event object is kept.
 */

import type { KubeEvent } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { EVENTS } from '../../../api/resources.ts';
import type { Clock } from '../../../core/clock.ts';
import { SECOND } from '../../../core/duration.ts';
import { createFifo } from '../../../core/fifo.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { RateLimiter } from '../../../kube/rate-limit.ts';

export interface EventRecorder {
  record(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

export interface EventRecorderOptions {
  readonly clock: Clock;
  readonly client: KubeClient;
  readonly component: string;
  /** False: nothing is written, though the request is charged and waited for. */
  readonly keep: boolean;
  /** Where events compete with work that is timed; the client then has no limiter of its own. */
  readonly charge?: EventCharge | undefined;
  /** Counts up over all recorders of a process: names of events must differ. */
  readonly nextSequence: () => number;
}

export interface EventCharge {
  /** The bucket that the recorder shares with the component's other requests. */
  readonly limiter: RateLimiter;
  readonly roundTripUs: number;
}

/** Events beyond this many waiting ones are dropped (client-go tools/record/event.go). */
const QUEUE_LENGTH = 1000;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, client, keep, charge, nextSequence } = options;
  if (!keep && charge === undefined) return { record: () => {} };
  const waiting = createFifo<KubeEvent | undefined>();
  const sent = createAggregator();
  const flood = createSpamFilter(clock);
  let running = false;
  const write = async (event: KubeEvent | undefined) => {
    await charge?.limiter.take();
    if (!event) return clock.sleep(charge?.roundTripUs ?? 0);
    const namespace = event.metadata.namespace;
    const again = sent.recall(event);
    if (again === undefined) {
      await client.create(EVENTS, event);
      sent.remember(event);
    } else {
      const patch = { count: again.count, lastTimestamp: event.lastTimestamp };
      await client.patch(EVENTS, { namespace, name: again.name }, patch);
    }
  };
  const work = async () => {
    running = true;
    while (waiting.size > 0) {
      // A lost event is no error: the next one is tried all the same.
      await write(waiting.shift()).catch(() => undefined);
    }
    running = false;
  };
  return {
    record(about, type, reason, message) {
      if (waiting.size >= QUEUE_LENGTH || !flood.allows(about.metadata.uid ?? '')) return;
      const stamp = keep ? rfc3339(clock.wallUs()) : '';
      const event = keep
        ? eventObject(about, { type, reason, message, stamp, sequence: nextSequence(), ...options })
        : undefined;
      waiting.push(event);
      if (!running) void work();
    },
  };
}

interface Aggregator {
  /** The earlier event that this one repeats, counted up; undefined where it is new. */
  recall(event: KubeEvent): { readonly name: string; readonly count: number } | undefined;
  remember(event: KubeEvent): void;
}

/** client-go's cache of recent events holds 4,096. */
const AGGREGATED = 4096;

function createAggregator(): Aggregator {
  const recent = new Map<string, { name: string; count: number }>();
  const keyOf = ({ involvedObject, reason, message }: KubeEvent) =>
    `${involvedObject.kind}/${involvedObject.uid}/${reason}/${message}`;
  return {
    recall(event) {
      const entry = recent.get(keyOf(event));
      if (entry) entry.count += 1;
      return entry;
    },
    remember(event) {
      recent.set(keyOf(event), { name: event.metadata.name, count: 1 });
      if (recent.size > AGGREGATED) dropOldest(recent);
    },
  };
}

interface SpamFilter {
  allows(uid: string): boolean;
}

/** client-go's EventSourceObjectSpamFilter: 25 events about one object, then one in 5 minutes. */
const SPAM_BURST = 25;
const SPAM_REFILL_US = 300 * SECOND;

function createSpamFilter(clock: Clock): SpamFilter {
  const buckets = new Map<string, { tokens: number; filledUs: number }>();
  return {
    allows(uid) {
      const nowUs = clock.nowUs();
      const bucket = buckets.get(uid) ?? { tokens: SPAM_BURST, filledUs: nowUs };
      const grown = bucket.tokens + (nowUs - bucket.filledUs) / SPAM_REFILL_US;
      bucket.tokens = Math.min(SPAM_BURST, grown);
      bucket.filledUs = nowUs;
      // The one that was looked at last goes to the end, so that the first is the oldest.
      buckets.delete(uid);
      buckets.set(uid, bucket);
      if (buckets.size > AGGREGATED) dropOldest(buckets);
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}

function dropOldest(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

interface EventDetails {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly stamp: string;
  readonly sequence: number;
  readonly component: string;
  readonly clock: Clock;
}

function eventObject(about: KubeObject, details: EventDetails): KubeEvent {
  const { type, reason, message, stamp, sequence, component, clock } = details;
  const { namespace, name, uid } = about.metadata;
  // Nanoseconds, as client-go names events; clients read the time of an event from its name.
  const nanos = BigInt(clock.wallUs()) * 1000n + BigInt(sequence % 1000);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${nanos.toString(16)}`, namespace: namespace ?? 'default' },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: stamp,
    lastTimestamp: stamp,
    source: { component },
  };
}
