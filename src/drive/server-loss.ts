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
  /** What came in place of the last answer; undefined after one, and where nothing came at all. */
  trouble(): Trouble | undefined;
}

type Trouble = 'refused' | TransportError;

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
  let trouble: Trouble | undefined;
  const heard = (response: ApiResponse) => {
    trouble = response.status === 401 ? 'refused' : undefined;
    if (trouble === undefined) lastUs = clock.nowUs();
    return response;
  };
  const failed = (error: unknown): never => {
    trouble = error instanceof TransportError ? error : undefined;
    throw error;
  };
  return {
    transport: {
      request: async (request) => heard(await transport.request(request).catch(failed)),
      watch: (request, sink) => transport.watch(request, sink),
    },
    lastAnswerUs: () => lastUs,
    trouble: () => trouble,
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
    const trouble = pulse.trouble();
    const isRefused = trouble === 'refused';
    if (silentUs >= (isRefused ? Math.min(timeoutUs, REFUSAL_TIMEOUT_US) : timeoutUs)) {
      const message = lossText(trouble, formatDuration(silentUs));
      stop.abort({ miss: 'Interrupted', message, lost: true });
      return;
    }
    // A server that says nothing must not keep us from noticing that.
    await Promise.race([ask(pulse), lab.clock.sleep(everyUs, { kind: 'background' })]);
  }
}

function lossText(trouble: Trouble | undefined, silent: string): string {
  if (trouble === 'refused') {
    return `the API server has refused our credentials (401) for ${silent}`;
  }
  if (trouble instanceof ConnectionError) {
    return `nothing could be asked of the API server for ${silent}: ${trouble.message}`;
  }
  // No more than its code: names and addresses of hosts may have to stay secret.
  const why = trouble?.code === undefined ? '' : ` (${trouble.code})`;
  return `the API server has not answered for ${silent}${why}`;
}

async function ask({ transport }: Pulse): Promise<void> {
  try {
    await transport.request({ method: 'GET', path: '/version' });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
  }
}
