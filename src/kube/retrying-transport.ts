/**
 * A transport that asks again where the server refuses for the moment or the connection breaks; for
 * questions and clean-up, where only the answer counts. Where nobody listens at all, or nobody is
 * to be trusted, it says so at once; where somebody listens and says nothing, within half a minute.
 */

import { setMaxListeners } from 'node:events';
import { type Transport, TransportError } from '../api/transport.ts';
import type { Clock } from '../core/clock.ts';
import { MILLISECOND, SECOND } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';
import { ApiError } from './api-error.ts';
import type { BackoffPolicy } from './backoff.ts';
import { isPassingStatus, retry } from './retry.ts';

const BACKOFF: BackoffPolicy = { firstUs: 200 * MILLISECOND, maxUs: 5 * SECOND, factor: 2 };

const TRIES_MAX = 8;

/** After this long no request is made anew; one that is under way may take as long as it takes. */
const RETRY_TIMEOUT_US = 2 * 60 * SECOND;

/** One without an answer for so long is given up. */
const ANSWER_US = 14 * SECOND;

/** So often in a row: whoever says nothing then will say nothing. */
const SILENCES_MAX = 2;

/** Failures of a connection that was there. */
const PASSING_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

/** Of somebody who waits for the process to end: a server that answers promptly is asked on. */
const PROMPT_US = 2 * SECOND;
/** One that has answered nothing promptly for so long is given up. */
const HURRY_US = 6 * SECOND;

/**
 * Once `signal` is aborted, what is under way is cut off and nothing is asked any more. In a hurry
 * a server that does not answer well is given up within seconds.
 */
export function retryingTransport(
  transport: Transport,
  clock: Clock,
  rng: Rng,
  signal?: AbortSignal,
  isHurried = false,
): Transport {
  // Each request under way listens to it; Node would warn of a leak from the eleventh on.
  if (signal) setMaxListeners(0, signal);
  const patience = isHurried ? hurriedPatience(clock) : PATIENCE;
  return {
    watch: (request, sink) => transport.watch(request, sink),
    async request(asked) {
      const request = { ...asked, ...(signal === undefined ? {} : { signal }) };
      let silences = 0;
      const isPassing = (error: unknown) => {
        if (error instanceof ApiError) return isPassingStatus(error.code);
        if (!(error instanceof TransportError)) return false;
        silences = error.code === 'ETIMEDOUT' ? silences + 1 : 0;
        return PASSING_CODES.has(error.code ?? '') && silences < patience.silencesMax;
      };
      const limits = { timeoutUs: patience.retryUs(), triesMax: TRIES_MAX };
      const options = { clock, rng, signal, backoff: BACKOFF, isPassing, ...limits };
      try {
        return await retry(options, async () => {
          const askedUs = clock.nowUs();
          const response = await transport.request({ timeoutUs: patience.answerUs(), ...request });
          if (!isPassingStatus(response.status)) {
            patience.answered(askedUs);
            return response;
          }
          throw new ApiError(response, `${asked.method} ${asked.path}`);
        });
      } catch (error) {
        // Refused for good: the last refusal is the answer.
        if (error instanceof ApiError && error.response !== undefined) return error.response;
        throw error;
      }
    },
  };
}

interface Patience {
  /** For one answer. */
  answerUs(): number;
  /** For one question, however often it is asked. */
  retryUs(): number;
  readonly silencesMax: number;
  /** To be told of each good answer, by when it was asked for. */
  answered(askedUs: number): void;
}

const PATIENCE: Patience = {
  answerUs: () => ANSWER_US,
  retryUs: () => RETRY_TIMEOUT_US,
  silencesMax: SILENCES_MAX,
  answered: () => {},
};

/** However many questions there are: what counts is when the server last answered well. */
function hurriedPatience(clock: Clock): Patience {
  let promptUs = clock.nowUs();
  const leftUs = () => Math.max(MILLISECOND, promptUs + HURRY_US - clock.nowUs());
  return {
    answerUs: leftUs,
    retryUs: leftUs,
    silencesMax: 1,
    answered(askedUs) {
      if (clock.nowUs() - askedUs <= PROMPT_US) promptUs = clock.nowUs();
    },
  };
}
