/**
 * A transport that asks again where the server refuses for the moment or the connection breaks; for
 * questions and clean-up, where only the answer counts. Where nobody listens at all, or nobody is
 * to be trusted, it says so at once.
 */

import { type ApiResponse, type Transport, TransportError } from '../api/transport.ts';
import type { Clock } from '../core/clock.ts';
import { MILLISECOND, SECOND } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';
import { type BackoffPolicy, jitteredBackoffUs } from './backoff.ts';

const BACKOFF: BackoffPolicy = { firstUs: 200 * MILLISECOND, maxUs: 5 * SECOND, factor: 2 };

const TRIES_MAX = 8;

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
        await clock.sleep(jitteredBackoffUs(BACKOFF, tries - 1, rng));
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

function isPassing({ status }: ApiResponse): boolean {
  return status === 429 || status >= 500;
}

function isReset(error: unknown): boolean {
  return error instanceof TransportError && PASSING_CODES.has(error.code ?? '');
}
