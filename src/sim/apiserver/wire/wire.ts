/**
 * The API as a client on a wire sees it, still without a wire: every path, every shape, every
 * answer as plain data. The HTTPS endpoint adds bytes, credentials and connections.
 */

import { hasFlag } from '../core/query.ts';
import type { KubeList, KubeObject, Status } from '../../../api/object.ts';
import type { Method, WatchEvent } from '../../../api/transport.ts';
import {
  fromStoredEvent,
  NEW_EVENTS,
  storedPath,
  toStoredEvent,
  toStoredSelector,
} from '../kinds/events-alias.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { failure } from '../../../api/status.ts';
import { internalError, methodNotAllowed, Refusal } from '../core/refusal.ts';
import type { Answer } from '../requests/handle.ts';
import { unknownPath } from '../requests/unknown-path.ts';
import type { OpenWatch, WatchReceiver } from '../requests/watch.ts';
import { findRoute, readGroup } from '../registry/routes.ts';
import type { ApiServer } from '../server/server.ts';
import { chooseContentType, negotiateShape, PLAIN, type Shape } from './accept.ts';
import { OPENAPI_V2_TYPE, wantsOpenApiV2 } from '../openapi/openapi-v2.ts';
import type { User } from '../authorization/user.ts';
import { answerReview } from './reviews.ts';
import type { ServicePaths } from './service-paths.ts';
import { eventShaper, shapedBody } from './shaped.ts';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  readonly userAgent: string;
  readonly user: User;
  /** Parsed; undefined where there is none. */
  readonly body: unknown;
  /** Fields that the text of the body names twice. */
  readonly duplicates?: readonly string[];
}

export interface WireAnswer {
  readonly status: number;
  /** Sent as they are: a string, bytes, or nothing; all else as JSON. */
  readonly body: unknown;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  /** The body trickles at this pace, in simulated time; it is sent at once where absent. */
  readonly bytesPerSecond?: number;
}

export interface Wire {
  respond(request: WireRequest): WireAnswer | Promise<WireAnswer>;
  /** The refusal where the watch cannot be. */
  watch(request: WireRequest, receiver: WatchReceiver): OpenWatch | WireAnswer;
}

const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** Whether the request wants a stream of events. */
export function isWatch({ method, query }: WireRequest): boolean {
  return method === 'GET' && hasFlag(query, 'watch');
}

export function createWire(
  server: ApiServer,
  servicePaths: ServicePaths,
  nowUnixUs: () => number,
): Wire {
  return {
    respond: (request) =>
      refusable(() => {
        if (request.path === '/openapi/v2' && wantsOpenApiV2(request.accept)) {
          return wireAnswer({ status: 200, body: servicePaths.openApiV2() }, OPENAPI_V2_TYPE);
        }
        const shape = isAggregated(request.path) ? PLAIN : negotiateShape(request.accept);
        const definition = findRoute(server.registry, request.path)?.asked;
        if (definition) return resourceAnswer(server, request, definition, shape, nowUnixUs);
        return otherAnswer(server, servicePaths, request, shape);
      }),
    watch(request, receiver) {
      try {
        return openShapedWatch(server, request, receiver, nowUnixUs);
      } catch (error) {
        return refusedAnswer(error);
      }
    },
  };
}

function resourceAnswer(
  server: ApiServer,
  request: WireRequest,
  definition: KindDefinition,
  shape: Shape,
  nowUnixUs: () => number,
): WireAnswer | Promise<WireAnswer> {
  const warnings: string[] = [];
  const client = {
    userAgent: request.userAgent,
    user: request.user,
    duplicates: request.duplicates ?? [],
    warn: (message: string) => void warnings.push(message),
  };
  const answered = server.handle({ ...asStored(request), client });
  const shaped = (answer: Answer) => {
    const include = parseInclude(request.query['includeObject']);
    const options = { includeObject: include, nowUnixUs: nowUnixUs() };
    const body = asAsked(request, shapedBody(answer.body, definition, shape, options));
    return wireAnswer({ ...answer, body }, chooseContentType(shape), warnings);
  };
  return answered instanceof Promise ? answered.then(shaped) : shaped(answered);
}

function otherAnswer(
  server: ApiServer,
  servicePaths: ServicePaths,
  request: WireRequest,
  shape: Shape,
): WireAnswer | Promise<WireAnswer> {
  const { method, path, body } = request;
  if (method === 'POST') {
    const reviewed = answerReview(path, body, request.user, server.authorizer);
    if (reviewed) return wireAnswer({ status: 201, body: reviewed });
  }
  const document = servicePaths.document(path, shape);
  if (document !== undefined) {
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed();
    const type = typeof document === 'string' ? PLAIN_TEXT : chooseContentType(shape);
    return wireAnswer({ status: 200, body: document }, type);
  }
  const answered = server.handle(asStored(request));
  const plain = (answer: Answer) => wireAnswer(answer);
  return answered instanceof Promise ? answered.then(plain) : plain(answered);
}

function openShapedWatch(
  server: ApiServer,
  request: WireRequest,
  receiver: WatchReceiver,
  nowUnixUs: () => number,
): OpenWatch | WireAnswer {
  const shape = negotiateShape(request.accept);
  const target = findRoute(server.registry, request.path);
  if (!target) return wireAnswer(unknownPath(server.registry, request.path));
  const include = parseInclude(request.query['includeObject']);
  const shaper = eventShaper(target.asked, shape, include, nowUnixUs);
  const renamed = storedPath(request.path) !== undefined;
  const through = (event: WatchEvent) => {
    if (shaper) receiver.event(shaper(event));
    else receiver.event({ type: event.type, object: fromStoredEvent(event.object) });
  };
  const direct = !renamed && !shaper;
  const opened = server.watch(
    asStored(request),
    direct ? receiver : { ...receiver, event: through },
  );
  return 'stop' in opened ? opened : refusedAnswer(new Refusal(opened));
}

/** What is passed on to a server behind this one, which negotiates for itself. */
export function isAggregated(path: string): boolean {
  return readGroup(path).startsWith('subresources.');
}

/** The request in the names of the storage. */
function asStored(request: WireRequest) {
  const path = storedPath(request.path);
  const { accept, body, contentType, query } = request;
  const method = request.method as Method;
  const type = contentType === undefined ? {} : { contentType };
  if (path === undefined) return { method, path: request.path, query, body, accept, ...type };
  const selector = query['fieldSelector'];
  const renamed = selector === undefined ? {} : { fieldSelector: toStoredSelector(selector) };
  return {
    method,
    path,
    query: { ...query, ...renamed },
    body: toStoredEvent(body),
    accept,
    ...type,
  };
}

function asAsked({ path }: WireRequest, body: unknown): unknown {
  if (storedPath(path) === undefined) return body;
  const { kind } = (body ?? {}) as Partial<KubeObject>;
  if (kind === NEW_EVENTS.resource.kind) return fromStoredEvent(body as KubeObject);
  if (kind !== `${NEW_EVENTS.resource.kind}List`) return body;
  const list = body as KubeList;
  return { ...list, apiVersion: 'events.k8s.io/v1', items: list.items.map(fromStoredEvent) };
}

function parseInclude(value: string | undefined): 'None' | 'Metadata' | 'Object' {
  return value === 'None' || value === 'Object' ? value : 'Metadata';
}

export function wireAnswer(
  answer: Answer,
  contentType = 'application/json',
  warnings: readonly string[] = [],
): WireAnswer {
  const type = typeof answer.body === 'string' ? PLAIN_TEXT : contentType;
  const isStatus = (answer.body as Partial<Status> | undefined)?.kind === 'Status';
  return {
    status: answer.status,
    body: answer.body,
    contentType: isStatus ? 'application/json' : type,
    headers: answer.headers ?? {},
    warnings,
  };
}

function refusable(
  respond: () => WireAnswer | Promise<WireAnswer>,
): WireAnswer | Promise<WireAnswer> {
  try {
    const answer = respond();
    return answer instanceof Promise ? answer.catch(refusedAnswer) : answer;
  } catch (error) {
    return refusedAnswer(error);
  }
}

/** What a client did wrong is its answer; anything else is a defect here, told as a 500. */
export function refusedAnswer(error: unknown): WireAnswer {
  const refusal =
    error instanceof Refusal
      ? error
      : internalError(error instanceof Error ? error.message : 'unknown');
  const { status } = refusal;
  const seconds = status.details?.retryAfterSeconds;
  const headers = seconds === undefined ? {} : { 'retry-after': String(seconds) };
  return wireAnswer({ status: status.code ?? 500, body: status, headers });
}

/** 401, as for any wrong or missing credential. */
export function unauthorized(): WireAnswer {
  return refusedAnswer(new Refusal(failure(401, 'Unauthorized', 'Unauthorized')));
}
