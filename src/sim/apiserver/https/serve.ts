/**
 * The HTTPS endpoint of the simulated API server: HTTP/1.1, chunked watches. A request acts half a
 * round trip after it came in, in simulated time, so that a client far away measures what one in
 * this process would.
 */

import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parse as parseQuery } from 'node:querystring';
import { HOUR } from '../../../core/duration.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import { seedCustomResourceDefinitions } from '../custom/crds.ts';
import { Refusal } from '../core/refusal.ts';
import { findRoute } from '../registry/routes.ts';
import type { User } from '../authorization/user.ts';
import type { Answered } from '../server/meter.ts';
import { createServicePaths } from '../wire/service-paths.ts';
import {
  createWire,
  isAggregated,
  isWatch,
  refusedAnswer,
  unauthorized,
  wireAnswer,
  type WireAnswer,
  type WireRequest,
} from '../wire/wire.ts';
import { actingUser, checkAccess } from './access.ts';
import { mediaType, parseBody, readBody } from './body.ts';
import { authenticate } from './credentials.ts';
import { raiseWriteMark } from './connection-buffer.ts';
import { createEventText } from './event-text.ts';
import { enter, type Endpoint, type HttpsOptions } from './endpoint.ts';
import { limitConnections } from './limit-connections.ts';
import { sendAnswer, type SendOptions } from './send.ts';
import { createTokenBook } from './tokens.ts';
import { streamWatch } from './watch-response.ts';

export interface HttpsFace {
  readonly url: string;
  readonly port: number;
  /** Open watches at this moment. */
  readonly watches: number;
  countConnections(): Promise<number>;
  /** Ends all connections. */
  close(): Promise<void>;
}

const ANYONE: User = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
/** Open to everyone, as for the load balancer of a real cluster. */
const PUBLIC = new Set(['/healthz', '/livez', '/readyz', '/version']);
const HEADER_LIMIT_BYTES = 64 * 1024;
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Resolves when the server listens. */
export async function serveHttps(options: HttpsOptions): Promise<HttpsFace> {
  const listener = options.credentials
    ? createTlsServer({
        key: options.credentials.server.key,
        cert: options.credentials.server.certificate,
        ca: options.credentials.authority,
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        maxHeaderSize: HEADER_LIMIT_BYTES,
      })
    : createPlainServer({ maxHeaderSize: HEADER_LIMIT_BYTES });
  const { server, clock } = options;
  seedCustomResourceDefinitions(server, rfc3339(clock.wallUs()));
  server.keepHistory(HISTORY_LENGTH);
  const stopExpiry = expireEvents(options);
  await listen(listener, options);
  const { port } = listener.address() as AddressInfo;
  const authority = `${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
  const endpoint = createEndpoint(options, authority);
  listener.on('request', (request, response) => void endpoint.onRequest(request, response));
  listener.on(options.credentials ? 'secureConnection' : 'connection', raiseWriteMark);
  limitConnections(listener, options.stallMs);
  return {
    url: `${options.credentials ? 'https' : 'http'}://${authority}`,
    port,
    get watches() {
      return endpoint.watches.size;
    },
    countConnections: () =>
      new Promise((resolve) => {
        listener.getConnections((_, count) => resolve(count));
      }),
    close() {
      stopExpiry();
      return close(listener, endpoint.watches);
    },
  };
}

/** A client on the wire may be away for half a minute of its own time: that is long in ours. */
const HISTORY_LENGTH = 20_000;
/** kube-apiserver --event-ttl default. */
const EVENT_TTL_US = HOUR;

function expireEvents({ clock, server }: HttpsOptions): () => void {
  let cancel = () => {};
  const plan = () => {
    cancel = clock.schedule(
      EVENT_TTL_US / 4,
      () => {
        server.expireEvents(EVENT_TTL_US);
        plan();
      },
      { kind: 'background' },
    );
  };
  plan();
  return () => cancel();
}

function listen(listener: Server, { host, port }: HttpsOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, host, () => {
      listener.off('error', reject);
      resolve();
    });
  });
}

function close(listener: Server, watches: ReadonlySet<() => void>): Promise<void> {
  for (const stop of watches) stop();
  return new Promise((resolve) => {
    listener.close(() => resolve());
    listener.closeAllConnections();
  });
}

interface ListeningEndpoint extends Endpoint {
  onRequest(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

function createEndpoint(options: HttpsOptions, authority: string): ListeningEndpoint {
  const { server, clock, speed, twin } = options;
  const { registry } = server;
  const nowUnixUs = () => clock.wallUs();
  const paths = createServicePaths({ registry, serverAddress: authority, speed, twin, nowUnixUs });
  const endpoint: ListeningEndpoint = {
    options,
    wire: createWire(server, paths, () => clock.wallUs()),
    text: createEventText(),
    tokens: createTokenBook(server, () => clock.wallUs()),
    watches: new Set(),
    face: { simulation: `speed=${speed}`, nowUnixUs: server.nowUnixUs },
    async onRequest(request, response) {
      response.on('error', () => {});
      try {
        await serveRequest(endpoint, request, response);
      } catch (error) {
        await refuse(endpoint, request, response, error);
      }
    },
  };
  return endpoint;
}

async function serveRequest(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const caller = identifyUser(endpoint, request);
  if (!caller) return send(endpoint, request, response, unauthorized());
  const { authorizer } = endpoint.options.server;
  const user = actingUser(authorizer, caller, request.headers);
  if ('status' in user) return send(endpoint, request, response, user);
  const bytes = await readBody(request);
  const asked = wireRequest(endpoint, request, bytes, user);
  const refusal = checkAccess(authorizer, asked);
  if (refusal) return send(endpoint, request, response, refusal);
  const { extension } = endpoint.options;
  const own = extension?.(asked) ?? endpoint.tokens.answer(asked);
  if (own) return send(endpoint, request, response, own);
  if (isWatch(asked)) return streamWatch(endpoint, asked, response);
  const answer = await answerInTime(endpoint, asked);
  if (answer === undefined) response.destroy();
  else await send(endpoint, request, response, answer);
}

function identifyUser({ options, tokens }: Endpoint, request: IncomingMessage): User | undefined {
  const { credentials } = options;
  if (!credentials) return ANYONE;
  const user = authenticate(request, credentials, tokens.holderOf);
  if (user || request.headers.authorization !== undefined) return user;
  return PUBLIC.has((request.url ?? '').split('?')[0] ?? '') ? ANYONE : undefined;
}

function wireRequest(
  { options }: Endpoint,
  request: IncomingMessage,
  bytes: Buffer,
  user: User,
): WireRequest {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const contentType = mediaType(request);
  // The API behind an aggregated group has its own words for a bad body.
  const aggregated = findRoute(options.server.registry, path) === undefined && isAggregated(path);
  const { value, duplicates } = parseBody(bytes, contentType, aggregated);
  return {
    method: request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET'),
    path,
    query: mark < 0 ? {} : singleValues(url.slice(mark + 1)),
    accept: request.headers.accept,
    contentType,
    userAgent: request.headers['user-agent'] ?? '',
    user,
    body: value,
    duplicates,
  };
}

function singleValues(text: string): Record<string, string> {
  const entries = Object.entries(parseQuery(text)).map(([key, value]) => [
    key,
    (Array.isArray(value) ? value[0] : value) ?? '',
  ]);
  return Object.fromEntries(entries);
}

/** The answer after a simulated round trip; undefined where the connection is to break. */
function answerInTime(
  { options, wire }: Endpoint,
  asked: WireRequest,
): Promise<WireAnswer | undefined> {
  const { clock, faults, server } = options;
  const thereUs = Math.round(options.roundTripUs / 2);
  const backUs = options.roundTripUs - thereUs;
  return new Promise((resolve, reject) => {
    let answered: Answered | undefined;
    const reply = (answer: WireAnswer | undefined) => {
      clock.schedule(backUs, () => {
        answered?.(answer?.status);
        resolve(answer);
      });
    };
    const perform = (pass: (answer: WireAnswer) => WireAnswer | undefined) => {
      Promise.resolve(wire.respond(asked)).then((answer) => reply(pass(answer)), reject);
    };
    const whole = (answer: WireAnswer) => answer;
    const arrive = () => {
      const { method, path, query, body } = asked;
      const fault = faults?.onRequest({ method: method as 'GET', path, query, body });
      if (fault?.kind === 'drop') reply(undefined);
      else if (fault?.kind === 'refuse') reply(wireAnswer(fault.answer));
      else if (fault?.kind === 'delay') clock.schedule(fault.delayUs, () => perform(whole));
      else if (fault?.kind === 'lose') perform(() => undefined);
      else if (fault?.kind === 'slowBody') {
        perform((answer) => ({ ...answer, bytesPerSecond: fault.bytesPerSecond }));
      } else perform(whole);
    };
    enter(options, () => {
      answered = server.meter?.requested(asked);
      clock.schedule(thereUs, arrive);
    });
  });
}

function send(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  answer: WireAnswer,
): Promise<void> {
  return sendAnswer(response, answer, sendOptions(endpoint, request));
}

function sendOptions({ face, options }: Endpoint, request: IncomingMessage): SendOptions {
  const encodings = request.headers['accept-encoding'] ?? '';
  const acceptsGzip = /\bgzip\b/.test(String(encodings));
  return { acceptsGzip, face, clock: options.clock };
}

/** A refusal before the request got anywhere; a body that was not read ends the connection. */
async function refuse(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): Promise<void> {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (!request.complete) response.setHeader('connection', 'close');
  const answer = refusedAnswer(
    error instanceof Refusal ? error : new Error('defect in the server'),
  );
  await send(endpoint, request, response, answer);
}
