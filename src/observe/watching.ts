/**
 * The watching side of a link: list-watches and reducer, whose entries leave in batches, one a turn
 * of the event loop: a batch costs one message, and no entry waits longer than its turn.
 */

import type { Clock } from '../core/clock.ts';
import { createRng } from '../core/rng.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Entry } from '../record/entry.ts';
import { notebookFrom } from '../record/notebook.ts';
import { createReducer, type Sightings } from './reducer.ts';
import { startStreams } from './streams.ts';
import type { FromWatcher, ToWatcher, WatchCost, WatchOrder } from './watch-link.ts';

export interface WatchingTools {
  readonly client: KubeClient;
  /** With the times of the run's clock. */
  readonly clock: Clock;
  readonly cost: () => WatchCost;
  readonly post: (message: FromWatcher) => void;
  /** Resolves when a batch has waited long enough. */
  readonly nextTurn: () => Promise<void>;
}

/** Starts to watch; the returned function takes what the run says. */
export function startWatching(
  order: WatchOrder,
  tools: WatchingTools,
): (message: ToWatcher) => void {
  const { client, clock, post } = tools;
  const batch = createBatch(tools.nextTurn, (entries) => post({ is: 'seen', entries }));
  const sink = { write: batch.add, flush: batch.send };
  const notebook = notebookFrom(sink, clock, order.originUs);
  const { namespace, past, scope } = order;
  const { strangers } = scope;
  const reducer = createReducer({ notebook, sightings: UNMOVED, namespace, strangers, past });
  const rng = createRng(order.seed);
  const streams = startStreams({ client, clock, rng, notebook, reducer, scope });
  void streams.synced.then(() => {
    batch.send();
    post({ is: 'synced' });
  });
  streams.broken.catch((error: Error) => {
    batch.send();
    post({ is: 'broken', message: error.stack ?? error.message });
  });
  return (message) => {
    if (message.do === 'stop') return streams.stop();
    if (message.do === 'watch') {
      const { turn, watch } = message;
      void streams.watch(watch).then(() => {
        batch.send();
        post({ is: 'watching', turn });
      });
      return undefined;
    }
    streams.tellGaps();
    batch.send();
    post({ is: 'drained', turn: message.turn, cost: tools.cost() });
    return undefined;
  };
}

/** Nobody on this side waits for anything. */
const UNMOVED: Sightings = {
  appeared: () => {},
  changed: () => {},
  adopted: () => {},
  gone: () => {},
  cleared: () => {},
};

function createBatch(nextTurn: () => Promise<void>, post: (entries: readonly Entry[]) => void) {
  let entries: Entry[] = [];
  const send = () => {
    if (entries.length === 0) return;
    const full = entries;
    entries = [];
    post(full);
  };
  return {
    add(entry: Entry) {
      if (entries.length === 0) void nextTurn().then(send);
      entries.push(entry);
    },
    send,
  };
}
