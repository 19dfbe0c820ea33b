/** A transport whose stamps are in the time of a cluster that runs at a pace of its own. */

import type { Transport } from '../api/transport.ts';

/** `speed` of the cluster's microseconds pass in one of the transport's clock. */
export function pacedTransport(transport: Transport, speed: number): Transport {
  const paced = (us: number) => Math.round(us * speed);
  return {
    async request(request) {
      const response = await transport.request(request);
      return { ...response, receivedUs: paced(response.receivedUs) };
    },
    watch: (request, sink) =>
      transport.watch(request, {
        opened: (atUs) => sink.opened(paced(atUs)),
        event: (event, seenUs) => sink.event(event, paced(seenUs)),
        ended: (end, atUs) => sink.ended(end, paced(atUs)),
      }),
  };
}
