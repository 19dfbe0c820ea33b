/**
 * A harness that can be killed: from then on its clock never calls back, nothing it sends arrives,
 * nothing reaches it, and what it had not written to disk is lost.
 */

import type { ApiRequest, Transport } from '../../src/api/transport.ts';
import type { Clock } from '../../src/core/clock.ts';
import { createDeferred } from '../../src/core/deferred.ts';
import { sleepBy } from '../../src/core/system-clock.ts';
import type { Entry } from '../../src/record/entry.ts';
import type { EntrySink } from '../../src/record/notebook.ts';

export interface Mortal {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly sink: EntrySink;
  /** What is on disk. */
  readonly entries: readonly Entry[];
  readonly death: Promise<void>;
  kill(): void;
}

const NEVER = new Promise<never>(() => {});

/**
 * On disk is what a writer that runs ahead of requests has flushed by then. With `diesWith` it dies
 * by itself as such a request goes out, which does not arrive.
 */
export function mortal(
  clock: Clock,
  transport: Transport,
  diesWith: (request: ApiRequest) => boolean = () => false,
): Mortal {
  let dead = false;
  const disk: Entry[] = [];
  let block: Entry[] = [];
  const death = createDeferred<void>();
  const kill = () => {
    dead = true;
    block = [];
    death.resolve();
  };
  const flush = () => {
    if (!dead) disk.push(...block);
    block = [];
  };
  const schedule: Clock['schedule'] = (delayUs, callback, options) =>
    clock.schedule(delayUs, () => (dead ? undefined : callback()), options);
  return {
    clock: {
      nowUs: clock.nowUs,
      wallUs: clock.wallUs,
      schedule,
      sleep: (durationUs, options) => sleepBy(schedule, durationUs, options),
    },
    transport: {
      async request(request) {
        if (!dead && diesWith(request)) kill();
        if (dead) return NEVER;
        const answer = await transport.request(request);
        return dead ? NEVER : answer;
      },
      watch: (request, sink) =>
        transport.watch(request, {
          opened: (atUs) => void (dead || sink.opened(atUs)),
          event: (event, seenUs) => void (dead || sink.event(event, seenUs)),
          ended: (end, atUs) => void (dead || sink.ended(end, atUs)),
        }),
    },
    sink: {
      write(entry) {
        block.push(entry);
        if (entry.e === 'send' || block.length >= 5) flush();
      },
      flush,
    },
    entries: disk,
    death: death.promise,
    kill,
  };
}
