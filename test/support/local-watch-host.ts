/** A watch host in the same thread: the link and the mirror are real, the worker is not. */

import type { Transport } from '../../src/api/transport.ts';
import type { Clock } from '../../src/core/clock.ts';
import { createClient } from '../../src/kube/client.ts';
import type { WatchHost } from '../../src/observe/watch-link.ts';
import { startWatching } from '../../src/observe/watching.ts';

export function localWatchHost(transport: Transport, clock: Clock): WatchHost {
  return (order, onMessage) => {
    const take = startWatching(order, {
      client: createClient(transport),
      clock,
      cost: () => ({ requests: 0, connections: 0 }),
      // As over a real link: what arrives is a copy, and arrives later.
      post: (message) => queueMicrotask(() => onMessage(structuredClone(message))),
      nextTurn: () => Promise.resolve(),
    });
    return { post: take, close: () => {} };
  };
}
