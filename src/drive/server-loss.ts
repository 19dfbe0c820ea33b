/**
 * Notices that the server is lost. A run may have nothing to ask for an hour while its clones go
 * on, so where no answer has come for a while it asks for the version, which costs nothing.
 */

import type { ApiResponse, Transport } from '../api/transport.ts';
import { TransportError } from '../api/transport.ts';
import type { Clock } from '../core/clock.ts';
import { ConnectionError } from '../kube/connection.ts';
import { formatDuration, MINUTE, SECOND } from '../core/duration.ts';

export interface Pulse {
  /** The same transport, listened to. */
  readonly transport: Transport;
  /** Clock time of the last answer to us; a refusal to know us (401) is none. */
  lastAnswerUs(): number;
  /** Whether the last thing heard was such a refusal, or why we had nothing to show it. */
  credentials(): 'refused' | ConnectionError | undefined;
}

/** As much of a driver as is needed to stop its run. */
export interface Listener {
  readonly lab: { readonly clock: Clock };
  readonly pulse: Pulse;
  readonly stop: {
    readonly signal: AbortSignal;
    abort(reason: {
      readonly miss: 'Interrupted';
      readonly message: string;
      readonly lost: true;
    }): void;
  };
}

const ASK_EVERY_US = 10 * SECOND;
/** New credentials have been asked for by then: there are none. */
const REFUSAL_TIMEOUT_US = MINUTE;
/** A short timeout is checked often enough to be kept. */
const ASKS_WITHIN_TIMEOUT = 4;

export function createPulse(transport: Transport, clock: Clock): Pulse {
  let lastUs = clock.nowUs();
  let credentials: ReturnType<Pulse['credentials']>;
  const heard = (response: ApiResponse) => {
    credentials = response.status === 401 ? 'refused' : undefined;
    if (credentials === undefined) lastUs = clock.nowUs();
    return response;
  };
  const failed = (error: unknown): never => {
    credentials = error instanceof ConnectionError ? error : undefined;
    throw error;
  };
  return {
    transport: {
      request: async (request) => heard(await transport.request(request).catch(failed)),
      watch: (request, sink) => transport.watch(request, sink),
    },
    lastAnswerUs: () => lastUs,
    credentials: () => credentials,
  };
}

/** Stops the run once nothing was heard for `serverLossTimeoutUs`; resolves when the run stops. */
export async function watchForLoss(
  { lab, stop, pulse }: Listener,
  timeoutUs: number,
): Promise<void> {
  const everyUs = Math.min(ASK_EVERY_US, Math.ceil(timeoutUs / ASKS_WITHIN_TIMEOUT));
  while (!stop.signal.aborted) {
    await lab.clock.sleep(everyUs, { signal: stop.signal, kind: 'background' });
    const silentUs = lab.clock.nowUs() - pulse.lastAnswerUs();
    if (silentUs < everyUs || stop.signal.aborted) continue;
    const credentials = pulse.credentials();
    const isRefused = credentials === 'refused';
    if (silentUs >= (isRefused ? Math.min(timeoutUs, REFUSAL_TIMEOUT_US) : timeoutUs)) {
      const message = lossText(credentials, formatDuration(silentUs));
      stop.abort({ miss: 'Interrupted', message, lost: true });
      return;
    }
    // A server that says nothing must not keep us from noticing that.
    await Promise.race([ask(pulse), lab.clock.sleep(everyUs, { kind: 'background' })]);
  }
}

function lossText(credentials: ReturnType<Pulse['credentials']>, silent: string): string {
  if (credentials === undefined) return `the API server has not answered for ${silent}`;
  if (credentials === 'refused') {
    return `the API server has refused our credentials (401) for ${silent}`;
  }
  return `nothing could be asked of the API server for ${silent}: ${credentials.message}`;
}

async function ask({ transport }: Pulse): Promise<void> {
  try {
    await transport.request({ method: 'GET', path: '/version' });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
  }
}
