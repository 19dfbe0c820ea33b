/**
 * A transport that asks again where the server refuses for the moment or the connection breaks; for
 * questions and clean-up, where only the answer counts. Where nobody listens at all, or nobody is
 * to be trusted, it says so at once.
 */

import { type ApiResponse, type Transport, TransportError } from '../api/transport.ts';
import type { Clock } from '../core/clock.ts';
import { MILLISECOND, SECOND } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';
import { ApiError } from './api-error.ts';
import { type BackoffPolicy, jitteredBackoffUs } from './backoff.ts';

const BACKOFF: BackoffPolicy = { firstUs: 200 * MILLISECOND, maxUs: 5 * SECOND, factor: 2 };

const TRIES_MAX = 8;

const ASKED_MAX_US = 30 * SECOND;

/** Failures of a connection that was there. */
const PASSING_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

export function patientTransport(transport: Transport, clock: Clock, rng: Rng): Transport {
  return {
    watch: (request, sink) => transport.watch(request, sink),
    async request(request) {
      for (let tries = 1; ; tries++) {
        const outcome = await attempt(() => transport.request(request));
        const isLast = tries === TRIES_MAX;
        if ('response' in outcome) {
          if (isLast || !isPassing(outcome.response)) return outcome.response;
        } else if (isLast || !isReset(outcome.error)) throw outcome.error;
        await clock.sleep(askedDelayUs(outcome) ?? jitteredBackoffUs(BACKOFF, tries - 1, rng));
      }
    },
  };
}

type Outcome = { readonly response: ApiResponse } | { readonly error: unknown };

async function attempt(request: () => Promise<ApiResponse>): Promise<Outcome> {
  try {
    return { response: await request() };
  } catch (error) {
    return { error };
  }
}

/** What the server wishes for, within reason. */
function askedDelayUs(outcome: Outcome): number | undefined {
  if (!('response' in outcome)) return undefined;
  const { retryAfterSeconds } = new ApiError(outcome.response, 'a request');
  return retryAfterSeconds && Math.min(retryAfterSeconds * SECOND, ASKED_MAX_US);
}

function isPassing({ status }: ApiResponse): boolean {
  return status === 429 || status >= 500;
}

function isReset(error: unknown): boolean {
  return error instanceof TransportError && PASSING_CODES.has(error.code ?? '');
}
