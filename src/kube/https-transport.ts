/**
 * The Transport over HTTPS: one keep-alive pool for requests and one for watches, so that a busy
 * watch never delays a write. Arrival is stamped when the bytes arrive; they are parsed later, when
 * all sockets have been looked at.
 */

import { type Agent, type ClientRequest, type IncomingMessage, request as plain } from 'node:http';
import { request as tls } from 'node:https';
import type { Status } from '../api/object.ts';
import {
  ABORTED,
  ACCEPT,
  type ApiRequest,
  type ApiResponse,
  type Transport,
  TransportError,
  type WatchEnd,
  type WatchEvent,
  type WatchRequest,
  type WatchSink,
} from '../api/transport.ts';
import type { Clock } from '../core/clock.ts';
import { SECOND } from '../core/duration.ts';
import { type Arrivals, createArrivals } from './arrivals.ts';
import { type Connection, ConnectionError } from './connection.ts';
import { parseBody, readAll, toApiResponse } from './http-answer.ts';
import { createLineSplitter } from './line-splitter.ts';
import { createSockets, type Sockets } from './sockets.ts';

export interface HttpsTransportOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly userAgent: string;
  /** Sockets for requests; watches have their own. */
  readonly socketsMax?: number;
  /** A request without an answer for so long is given up. */
  readonly timeoutUs?: number;
}

export interface HttpsTransport extends Transport {
  /** Counts since the start, for the record of our own cost. */
  readonly counts: { readonly requests: number; readonly connections: number };
  close(): void;
}

export async function createHttpsTransport(
  options: HttpsTransportOptions,
): Promise<HttpsTransport> {
  const { connection } = options;
  const counts = { requests: 0, connections: 0 };
  const requestAgent = await connection.agent(options.socketsMax ?? 32);
  const watchAgent = await connection.agent(64);
  const sockets = createSockets();
  const opened = opener(options, counts, sockets);
  const open: Open = (...request) => {
    // Who asks on after the end must not keep the process from ending.
    if (isClosed) throw new TransportError('the connection is closed', false, ABORTED);
    return opened(...request);
  };
  const arrivals = createArrivals();
  let isClosed = false;
  let isKnown = false;
  return {
    counts,
    request: async (request) => {
      const send = async () => {
        const headers = await inTime(options, request, headersFor(options, request), isKnown);
        isKnown = true;
        const outgoing = open(requestAgent, request, headers);
        return { headers, answer: await exchange({ ...options, sockets }, outgoing, request) };
      };
      const { headers, answer } = await send();
      // Nothing was done: whoever has a new credential may ask again.
      if (answer.status !== 401 || !connection.renew(headers)) return answer;
      return (await send()).answer;
    },
    watch(request, sink) {
      const stream = createStream(sink, options.clock, arrivals);
      return startWatch(options, (get, headers) => open(watchAgent, get, headers), request, stream);
    },
    close() {
      isClosed = true;
      requestAgent.destroy();
      watchAgent.destroy();
    },
  };
}

type Open = (
  agent: Agent,
  request: Pick<ApiRequest, 'method' | 'path' | 'query'>,
  headers: Readonly<Record<string, string>>,
) => ClientRequest;

function opener(
  { connection }: HttpsTransportOptions,
  counts: { requests: number; connections: number },
  sockets: Sockets,
): Open {
  const send = connection.server.startsWith('https:') ? tls : plain;
  return (agent, request, headers) => {
    counts.requests += 1;
    const query = new URLSearchParams(request.query ?? {}).toString();
    const url = `${connection.server}${request.path}${query === '' ? '' : `?${query}`}`;
    const outgoing = send(url, { agent, method: request.method, headers });
    outgoing.on('socket', (socket) => {
      if (!sockets.isNew(socket)) return;
      counts.connections += 1;
      socket.setNoDelay(true);
    });
    return outgoing;
  };
}

async function headersFor(
  options: HttpsTransportOptions,
  request: ApiRequest,
): Promise<Record<string, string>> {
  const body = request.body === undefined ? {} : { 'Content-Type': chooseContentType(request) };
  return {
    ...(await options.connection.headers()),
    'User-Agent': options.userAgent,
    Accept: ACCEPT,
    'Accept-Encoding': 'gzip',
    ...body,
    ...request.headers,
  };
}

function chooseContentType(request: ApiRequest): string {
  return request.contentType ?? 'application/json';
}

/**
 * What a program is asked for before a request can be sent. The first time a person may have to log
 * in, which takes as long as it takes; later it is a part of the time for the answer.
 */
function inTime<T>(
  { clock, timeoutUs }: HttpsTransportOptions,
  request: ApiRequest,
  credentials: Promise<T>,
  isLimited: boolean,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const what = `${request.method} ${request.path}`;
    const onLate = () => reject(new ConnectionError(NO_CREDENTIALS, LATE_REMEDY));
    const onAbort = () => reject(new TransportError(`${what}: aborted`, false, ABORTED));
    const limitUs = request.timeoutUs ?? timeoutUs ?? ANSWER_US;
    const cancelTimer = isLimited ? clock.schedule(limitUs, onLate) : () => {};
    if (request.signal?.aborted) onAbort();
    else request.signal?.addEventListener('abort', onAbort, { once: true });
    const over = () => {
      cancelTimer();
      request.signal?.removeEventListener('abort', onAbort);
    };
    credentials.finally(over).then(resolve, reject);
  });
}

const NO_CREDENTIALS = 'no credentials for the cluster: the program of the kubeconfig is not done';
const LATE_REMEDY = 'run it by hand to see what it waits for';

const ANSWER_US = 60 * SECOND;

/** One request and its whole answer. */
function exchange(
  options: HttpsTransportOptions & { readonly sockets: Sockets },
  outgoing: ClientRequest,
  request: ApiRequest,
): Promise<ApiResponse> {
  return new Promise((resolve, reject) => {
    let connected = false;
    const limitUs = request.timeoutUs ?? options.timeoutUs ?? ANSWER_US;
    const cancelTimer = options.clock.schedule(limitUs, () =>
      outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
    );
    const onAbort = () => outgoing.destroy(Object.assign(new Error('aborted'), { code: ABORTED }));
    const cancel = () => {
      cancelTimer();
      request.signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: NodeJS.ErrnoException) => {
      const message = `${request.method} ${request.path}: ${error.message}`;
      reject(new TransportError(message, connected, error.code));
    };
    outgoing.on('socket', (socket) =>
      options.sockets.whenUp(socket, () => {
        connected = true;
      }),
    );
    outgoing.on('error', (error) => {
      cancel();
      fail(error);
    });
    outgoing.on('response', (incoming) => {
      connected = true;
      readAll(incoming)
        .then((text) => {
          cancel();
          resolve(toApiResponse(incoming, text, options.clock.nowUs()));
        })
        .catch((error: Error) => {
          cancel();
          fail(error);
        });
    });
    if (request.signal?.aborted) onAbort();
    else request.signal?.addEventListener('abort', onAbort, { once: true });
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    // Node gives a DELETE no length by itself, and its body would be taken for the next request.
    if (body !== undefined) outgoing.setHeader('Content-Length', Buffer.byteLength(body));
    outgoing.end(body);
  });
}

function startWatch(
  options: HttpsTransportOptions,
  open: (get: ApiRequest, headers: Readonly<Record<string, string>>) => ClientRequest,
  request: WatchRequest,
  stream: Stream,
): () => void {
  const get = { method: 'GET' as const, path: request.path, query: request.query };
  let outgoing: ClientRequest | undefined;
  headersFor(options, get)
    .then((headers) => {
      if (stream.over) return;
      // Uncompressed: a compressor would hold events back until its window is full.
      const { 'Accept-Encoding': _, ...plainHeaders } = headers;
      outgoing = open(get, plainHeaders);
      outgoing.on('error', stream.broken);
      outgoing.on('response', (incoming) => {
        // Whoever opens the stream again does it with a new credential.
        if (incoming.statusCode === 401) options.connection.renew(headers);
        readStream(incoming, stream);
      });
      outgoing.end();
    })
    .catch(stream.broken);
  return () => {
    stream.stop();
    outgoing?.destroy();
  };
}

interface Stream {
  readonly over: boolean;
  opened(): void;
  chunk(chunk: Buffer): void;
  /** As Arrivals has it. */
  holdBack(resume: () => void): boolean;
  closed(): void;
  refused(code: number, status: Status | undefined): void;
  broken(error: Error): void;
  stop(): void;
}

/** Passes on what arrives until the first end, whichever way it comes, and nothing after it. */
function createStream(sink: WatchSink, clock: Clock, arrivals: Arrivals): Stream {
  const splitter = createLineSplitter();
  let over = false;
  const finish = (how: WatchEnd, atUs: number) => {
    if (over) return;
    over = true;
    sink.ended(how, atUs);
  };
  const end = (how: WatchEnd) => {
    const atUs = clock.nowUs();
    arrivals.put(0, () => finish(how, atUs));
  };
  const read = (chunk: Buffer, seenUs: number) => {
    try {
      for (const line of splitter.push(chunk)) {
        if (!over) sink.event(JSON.parse(line) as WatchEvent, seenUs);
      }
    } catch (error) {
      const message = `no JSON in the stream: ${(error as Error).message}`;
      finish({ kind: 'broken', message }, seenUs);
    }
  };
  return {
    get over() {
      return over;
    },
    opened: () => sink.opened(clock.nowUs()),
    chunk(chunk) {
      const seenUs = clock.nowUs();
      arrivals.put(chunk.length, () => over || read(chunk, seenUs));
    },
    holdBack: arrivals.holdBack,
    closed: () => end({ kind: 'closed' }),
    refused: (code, status) => end({ kind: 'refused', code, status }),
    broken: (error) => end({ kind: 'broken', message: error.message }),
    stop() {
      over = true;
    },
  };
}

function readStream(incoming: IncomingMessage, stream: Stream): void {
  const code = incoming.statusCode ?? 0;
  if (code !== 200) {
    readAll(incoming)
      .then((text) => stream.refused(code, parseBody(text) as Status | undefined))
      .catch(stream.broken);
    return;
  }
  stream.opened();
  incoming.on('data', (chunk: Buffer) => {
    stream.chunk(chunk);
    if (stream.holdBack(() => incoming.resume())) incoming.pause();
  });
  incoming.on('end', stream.closed);
  incoming.on('aborted', () => stream.broken(new Error('the stream broke off')));
  incoming.on('error', stream.broken);
}
