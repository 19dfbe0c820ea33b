/**
 * A transport that says so when somebody listens and does not answer: whoever waits should know
 * for what. It goes by the wall clock, whatever pace the cluster lives at.
 */

import type { Transport } from '../api/transport.ts';
import type { Clock } from '../core/clock.ts';
import { formatDuration, MINUTE, SECOND } from '../core/duration.ts';

/** What has waited for so long is told of. */
const SLOW_US = 10 * SECOND;

/** No sooner than this after the last time. */
const AGAIN_US = 5 * MINUTE;

/** `tell` gets a line for people. */
export function attentiveTransport(
  transport: Transport,
  clock: Clock,
  tell: (line: string) => void,
): Transport {
  let toldUs = Number.NEGATIVE_INFINITY;
  const tellOf = (what: string) => {
    if (clock.nowUs() - toldUs < AGAIN_US) return;
    toldUs = clock.nowUs();
    tell(`the API server has not answered for ${formatDuration(SLOW_US)}: ${what}`);
  };
  return {
    async request(request) {
      const { method, path } = request;
      const answered = clock.schedule(SLOW_US, () => tellOf(`${method} ${path}`));
      try {
        return await transport.request(request);
      } finally {
        answered();
      }
    },
    watch(request, sink) {
      const opened = clock.schedule(SLOW_US, () => tellOf(`WATCH ${request.path}`));
      const stop = transport.watch(request, {
        ...sink,
        opened(atUs) {
          opened();
          sink.opened(atUs);
        },
        ended(how, atUs) {
          opened();
          sink.ended(how, atUs);
        },
      });
      return () => {
        opened();
        stop();
      };
    },
  };
}
