/**
 * Probes over the real network. It is no client of the guest. A TCP probe closes what it has opened
 * without a word; an HTTP probe follows no redirect, sends nothing of ours but a user agent, looks
 * at no certificate (a guest has one for itself, as kubelet's probes take it), and reads no more
 * than the status.
 */

import { request as plain } from 'node:http';
import { request as tls } from 'node:https';
import { connect } from 'node:net';
import type { Probe, ProbeAnswer } from '../api/probe.ts';
import type { Clock } from '../core/clock.ts';

export interface NetworkProbeOptions {
  readonly clock: Clock;
  readonly userAgent: string;
  readonly connectTimeoutUs: number;
  readonly answerTimeoutUs: number;
}

export function networkProbe(options: NetworkProbeOptions): Probe {
  return (target, signal) => {
    if (signal.aborted) return Promise.resolve(NOT_ASKED);
    return target.by === 'tcp'
      ? askTcp(target, signal, options)
      : askHttp(target.url, signal, options);
  };
}

const NOT_ASKED: ProbeAnswer = { answered: false, why: 'not asked' };
const ANSWERED: ProbeAnswer = { answered: true };

interface Socketed {
  destroy(): unknown;
}

/** Settles once, by the first of an answer, an error, the end of the patience, and the signal. */
function once(
  { clock }: NetworkProbeOptions,
  signal: AbortSignal,
  open: (end: (answer: ProbeAnswer) => void, patience: Patience) => Socketed,
): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    let cancel = () => {};
    const end = (answer: ProbeAnswer) => {
      cancel();
      signal.removeEventListener('abort', onAbort);
      // Whoever has opened it closes it: an error that comes late is nobody's.
      opened.destroy();
      resolve(answer);
    };
    const onAbort = () => end(NOT_ASKED);
    const patience: Patience = (us, why) => {
      cancel();
      cancel = clock.schedule(us, () => end({ answered: false, why }));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const opened = open(end, patience);
  });
}

/** How long is waited from now on, and what is then said. */
type Patience = (us: number, why: string) => void;

function askTcp(
  { address, port }: { readonly address: string; readonly port: number },
  signal: AbortSignal,
  options: NetworkProbeOptions,
): Promise<ProbeAnswer> {
  return once(options, signal, (end, patience) => {
    patience(options.connectTimeoutUs, `port ${port}: no answer`);
    const socket = connect({ host: address, port, noDelay: true });
    socket.on('connect', () => end(ANSWERED));
    socket.on('error', (error) => end(refusal(error, `port ${port}`)));
    return socket;
  });
}

function askHttp(
  url: string,
  signal: AbortSignal,
  options: NetworkProbeOptions,
): Promise<ProbeAnswer> {
  const { userAgent, connectTimeoutUs, answerTimeoutUs } = options;
  const isTls = url.startsWith('https:');
  return once(options, signal, (end, patience) => {
    patience(connectTimeoutUs, 'HTTP: no connection');
    const headers = { 'user-agent': userAgent, connection: 'close' };
    const settings = { agent: false, headers, method: 'GET' } as const;
    const request = isTls
      ? tls(url, { ...settings, rejectUnauthorized: false })
      : plain(url, settings);
    request.on('socket', (socket) => {
      socket.once('connect', () => patience(answerTimeoutUs, 'HTTP: connected, and no answer'));
    });
    request.on('response', ({ statusCode = 0 }) => {
      const isGood = statusCode >= 200 && statusCode < 400;
      end(isGood ? ANSWERED : { answered: false, why: `HTTP ${statusCode}` });
    });
    request.on('error', (error) => end(refusal(error, 'HTTP')));
    request.end();
    return request;
  });
}

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to its network',
  ETIMEDOUT: 'no answer',
};

function refusal(error: NodeJS.ErrnoException, what: string): ProbeAnswer {
  const { code = 'ERROR' } = error;
  return { answered: false, why: `${what}: ${CAUSES[code] ?? code}` };
}
