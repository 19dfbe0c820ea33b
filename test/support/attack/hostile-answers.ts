/**
 * What a proxy between bench and its API server may do to it, from the harmless to the mean: each
 * once. `forward` passes the request on; whatever else is done is done to the client.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly isWatch: boolean;
  /** The server's answer, read to its end; undefined where it is a stream. */
  fetched(): Promise<Fetched>;
  /** Passes request and answer on as they are. */
  forward(): void;
}

export interface Fetched {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

type Answer = (exchange: Exchange) => void | Promise<void>;

const JSON_TYPE = { 'content-type': 'application/json' };

const LOGIN = '<!DOCTYPE html><html><body>Log in to continue <a href="/sso">here</a></body></html>';

function refuse(code: number, more: Readonly<Record<string, string>> = {}): Answer {
  return ({ response }) => {
    const body = { kind: 'Status', status: 'Failure', code, reason: 'Hostile', message: 'no' };
    response.writeHead(code, { ...JSON_TYPE, ...more });
    response.end(JSON.stringify(body));
  };
}

function say(body: string, type = 'application/json', status = 200): Answer {
  return ({ response }) => {
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  };
}

/** Only of watches, or only of all else. */
function onWatches(answer: Answer): Answer {
  return (exchange) => (exchange.isWatch ? answer(exchange) : exchange.forward());
}

function onOthers(answer: Answer): Answer {
  return (exchange) => (exchange.isWatch ? exchange.forward() : answer(exchange));
}

function onReads(answer: Answer): Answer {
  return onOthers((exchange) =>
    exchange.request.method === 'GET' ? answer(exchange) : exchange.forward(),
  );
}

/** Of a whole answer. */
function changed(change: (body: string) => string): Answer {
  return onOthers(async ({ fetched, response }) => {
    const { status, headers, body } = await fetched();
    const { 'content-length': _, ...kept } = headers;
    response.writeHead(status, kept);
    response.end(change(body.toString('utf8')));
  });
}

/** Of lists. */
function changedList(change: (list: Record<string, unknown>) => unknown): Answer {
  return changed((body) => {
    try {
      const value = JSON.parse(body) as Record<string, unknown>;
      return Array.isArray(value['items']) ? JSON.stringify(change(value)) : body;
    } catch {
      return body;
    }
  });
}

function stream(lines: readonly string[], everyMs: number | undefined): Answer {
  return onWatches(({ response }) => {
    response.writeHead(200, JSON_TYPE);
    for (const line of lines) response.write(line);
    if (everyMs === undefined) return void response.end();
    const timer = setInterval(() => lines.forEach((line) => response.write(line)), everyMs);
    response.on('close', () => clearInterval(timer));
  });
}

function event(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

const GONE = { kind: 'Status', status: 'Failure', code: 410, reason: 'Expired', message: 'old' };

async function slowly({ fetched, response }: Exchange, delayMs: number): Promise<void> {
  const { status, headers, body } = await fetched();
  response.writeHead(status, headers);
  let at = 0;
  const timer = setInterval(() => {
    if (at < body.length) return void response.write(body.subarray(at, ++at));
    clearInterval(timer);
    response.end();
  }, delayMs);
  response.on('close', () => clearInterval(timer));
}

/** Of these the user hears within half a minute that the server does not answer. */
export const SILENT_ANSWERS: ReadonlySet<string> = new Set([
  'trickle',
  'black hole',
  'black hole of watches',
]);

export const HOSTILE_ANSWERS: Readonly<Record<string, Answer>> = {
  close: ({ request }) => void request.socket.destroy(),
  'close after the headers': ({ request, response }) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
    response.write('{"kind":', () => request.socket.destroy());
  },
  truncate: onOthers(async ({ fetched, request, response }) => {
    const { status, headers, body } = await fetched();
    response.writeHead(status, headers);
    response.write(body.subarray(0, body.length / 2), () => request.socket.destroy());
  }),
  'half a JSON': changed((body) => body.slice(0, body.length / 2)),
  trickle: onOthers((exchange) => slowly(exchange, 20)),
  'black hole': () => undefined,
  'black hole of watches': onWatches(() => undefined),
  'silent watches': onWatches(({ response }) => {
    response.writeHead(200, JSON_TYPE);
    response.flushHeaders();
  }),
  '401': refuse(401),
  '403': refuse(403),
  '404': refuse(404),
  '409': (exchange) =>
    exchange.request.method === 'POST' ? refuse(409)(exchange) : exchange.forward(),
  '410': refuse(410),
  '410 of watches': onWatches(refuse(410)),
  '410 in watches': stream([event('ERROR', GONE)], undefined),
  '429, Retry-After 0': refuse(429, { 'retry-after': '0' }),
  '429, Retry-After -1': refuse(429, { 'retry-after': '-1' }),
  '429, Retry-After of years': refuse(429, { 'retry-after': '999999999' }),
  '429, Retry-After no number': refuse(429, { 'retry-after': 'soon' }),
  '500': refuse(500),
  '502 in HTML': say(LOGIN, 'text/html', 502),
  '503': refuse(503, { 'retry-after': '1' }),
  '504': refuse(504),
  'HTML with 200': say(LOGIN, 'text/html'),
  'HTML with 200 as JSON': say(LOGIN),
  'a redirect to a login': ({ response }) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/sso' });
    response.end();
  },
  'nothing with 200': say(''),
  'null with 200': say('null'),
  'no content': say('', 'application/json', 204),
  'a number with 200': say('42'),
  'a failure with 200': say(JSON.stringify({ ...GONE, code: 500 })),
  'null lists': changedList((list) => ({ ...list, items: null })),
  'lists of null': changedList((list) => ({ ...list, items: [null, 3, 'x', {}] })),
  'lists without metadata': changedList(({ items }) => ({ items })),
  'lists without end': changedList((list) => ({ ...list, metadata: { continue: 'more' } })),
  'garbage discovery': (exchange) =>
    /^\/(api|apis)(\/[^/]+){0,2}(\?|$)/.test(exchange.request.url ?? '')
      ? say('{"groups":"x","resources":{"a":1},"versions":null}')(exchange)
      : exchange.forward(),
  'a body of 64 MB': onReads(({ response }) => {
    response.writeHead(200, JSON_TYPE);
    response.end(`{"items":["${'x'.repeat(64 * 2 ** 20)}"]}`);
  }),
  'nesting of 100,000': onReads(say(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)),
  'compressed that is not': onReads(({ response }) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' });
    response.end('{"items":[]}');
  }),
  'watches that end at once': onWatches(say('')),
  'watches of garbage': stream(['garbage\n', '{"type":"ADDED"}\n', 'null\n', '[]\n'], 50),
  'events without metadata': stream([event('ADDED', {}), event('MODIFIED', { kind: 'X' })], 50),
  'events of unknown types': stream([event('RENAMED', { metadata: { name: 'x' } })], 50),
  'a line without end': stream(['x'.repeat(2 ** 16)], 5),
  'bookmarks in a flood': stream([event('BOOKMARK', { metadata: { resourceVersion: '1' } })], 1),
};
