/**
 * client-go's event recorder: one goroutine that writes one event after another with the
 * component's own client. Under load it competes for the same tokens as the work itself, which is
 * why its requests cost their tokens and their time even where no Event object is kept.
 */

import type { KubeEvent } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { EVENTS } from '../../../api/resources.ts';
import type { Clock } from '../../../core/clock.ts';
import { createFifo } from '../../../core/fifo.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { RateLimiter } from '../../../kube/rate-limit.ts';

export interface EventRecorder {
  record(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

export interface EventRecorderOptions {
  readonly clock: Clock;
  /** Without a limiter of its own: `limiter` is taken first. */
  readonly client: KubeClient;
  readonly component: string;
  /** The bucket that the recorder shares with the component's other requests. */
  readonly limiter: RateLimiter;
  readonly roundTripUs: number;
  /** False: the request is charged and waited for, but nothing is written. */
  readonly keep: boolean;
}

/** Events beyond this many waiting ones are dropped (client-go tools/record/event.go). */
const QUEUE_LENGTH = 1000;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, client, limiter, keep } = options;
  const waiting = createFifo<KubeEvent | undefined>();
  const sent = createAggregator();
  let sequence = 0;
  let running = false;
  const write = async (event: KubeEvent | undefined) => {
    await limiter.take();
    if (!event) return clock.sleep(options.roundTripUs);
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
      if (waiting.size >= QUEUE_LENGTH) return;
      sequence += 1;
      const stamp = keep ? rfc3339(clock.wallUs()) : '';
      const event = keep
        ? eventObject(about, { type, reason, message, stamp, sequence, ...options })
        : undefined;
      waiting.push(event);
      if (!running) void work();
    },
  };
}

/** A recorder for components whose events compete with nothing that is timed. */
export function createFreeRecorder(
  client: KubeClient,
  clock: Clock,
  component: string,
  keep: boolean,
): EventRecorder {
  if (!keep) return { record: () => {} };
  const limiter = { take: () => Promise.resolve() };
  return createEventRecorder({ clock, client, component, limiter, roundTripUs: 0, keep });
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
      if (recent.size <= AGGREGATED) return;
      for (const oldest of recent.keys()) {
        recent.delete(oldest);
        return;
      }
    },
  };
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
  const suffix = `${clock.wallUs().toString(16)}.${component}.${sequence.toString(16)}`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${suffix}`, namespace: namespace ?? 'default' },
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
