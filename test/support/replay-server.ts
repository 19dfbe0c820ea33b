/**
 * A server that answers as a real one did, from a recording of the real arm. It is no simulation,
 * it decides nothing. An answer is the recorded one to the same request; a line of a watch is sent
 * once as many requests that change something have come as had come then.
 */

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { rfc3339 } from '../../src/core/time-text.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import type { Recorded, RecordedEvent, RecordedExchange } from './real/recorder.ts';

export interface ReplayServer {
  readonly kubeconfigText: string;
  /** Requests that change something, and that the recording has no answer to. */
  readonly strangers: readonly string[];
  /** Headers of all requests so far, by `METHOD path`. */
  readonly seen: readonly { readonly request: string; readonly accept: string | undefined }[];
  close(): Promise<void>;
}

export async function replay(file: string): Promise<ReplayServer> {
  const stage = createStage(readRecording(file));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => stage.answer(request, Buffer.concat(chunks).toString(), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfigText: configText(`http://127.0.0.1:${port}`),
    strangers: stage.strangers,
    seen: stage.seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function readRecording(file: string): readonly Recorded[] {
  return gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
}

interface OpenWatch {
  readonly response: ServerResponse;
  readonly events: RecordedEvent[];
}

function createStage(recording: readonly Recorded[]) {
  const exchanges = new Map<string, RecordedExchange[]>();
  const events = new Map<number, RecordedEvent[]>();
  const gate = gateOf(recording);
  for (const line of recording) {
    if ('of' in line) push(events, line.of, { ...line, writes: gate(line.writes) });
    else push(exchanges, keyOf(line.method, line.path, line.query, line.body), line);
  }
  const strangers: string[] = [];
  const seen: { request: string; accept: string | undefined }[] = [];
  const open: OpenWatch[] = [];
  let writes = 0;
  const managers = { recorded: findManager(recording), live: '' };
  const translated = (value: unknown) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return managers.live === '' ? text : text.replaceAll(managers.recorded, managers.live);
  };
  const release = () => {
    for (const { response, events: waiting } of open) {
      while (waiting[0] !== undefined && waiting[0].writes <= writes) {
        response.write(`${translated(waiting.shift()?.event)}\n`);
      }
    }
  };
  const answer = (request: IncomingMessage, body: string, response: ServerResponse) => {
    const { method = 'GET', url = '' } = request;
    const [path = '', query = ''] = url.split('?');
    seen.push({ request: `${method} ${path}`, accept: request.headers.accept });
    if (changesSomething(method, path, query)) writes += 1;
    managers.live ||= managerOf(query);
    const queue = exchanges.get(keyOf(method, path, query, body === '' ? undefined : json(body)));
    const found = queue !== undefined && queue.length > 1 ? queue.shift() : queue?.[0];
    if (found === undefined && changesSomething(method, path, query)) {
      strangers.push(`${method} ${url} ${body.slice(0, 300)}`);
    }
    send(response, found, translated(found?.answer ?? ''));
    if (found !== undefined && isWatch(found)) {
      open.push({ response, events: [...(events.get(found.n) ?? [])] });
    }
    release();
  };
  return { strangers, seen, answer };
}

/** Questions and dry runs change nothing, and how many there are is a matter of time. */
function changesSomething(method: string, path: string, query: string): boolean {
  return method !== 'GET' && !path.includes('reviews') && !query.includes('dryRun');
}

/** From a count of all requests but reads to that of those among them that change something. */
function gateOf(recording: readonly Recorded[]): (writes: number) => number {
  const asked = recording
    .filter((line): line is RecordedExchange => !('of' in line) && line.method !== 'GET')
    .toSorted((a, b) => a.n - b.n);
  const counts = [0];
  for (const { method, path, query } of asked) {
    counts.push((counts.at(-1) ?? 0) + (changesSomething(method, path, query) ? 1 : 0));
  }
  return (writes) => counts[Math.min(writes, counts.length - 1)] ?? 0;
}

/** Each run has a field manager of its own, by which it knows its objects. */
function managerOf(query: string): string {
  const manager = new URLSearchParams(query).get('fieldManager') ?? '';
  return manager.startsWith('bench-run-') ? manager : '';
}

function findManager(recording: readonly Recorded[]): string {
  const queries = recording.flatMap((line) => ('of' in line ? [] : [managerOf(line.query)]));
  return queries.find((manager) => manager !== '') ?? '';
}

function send(response: ServerResponse, found: RecordedExchange | undefined, text: string): void {
  if (found === undefined) {
    // Whoever reads more than the run that was recorded finds nothing there.
    const isRead = response.req.method === 'GET';
    response.writeHead(isRead ? 200 : 404, { 'content-type': 'application/json' });
    if (isRead) {
      const metadata = { resourceVersion: '1' };
      response.end(JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata, items: [] }));
      return;
    }
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 };
    response.end(JSON.stringify({ ...status, reason: 'NotFound', message: 'not recorded' }));
    return;
  }
  response.writeHead(found.status, found.answerHeaders);
  if (isWatch(found)) {
    response.flushHeaders();
    return;
  }
  const isProbe = found.query.includes('dryRun');
  response.end(isProbe ? stampedNow(text) : text);
}

/** A dry run is asked for the time of day. */
function stampedNow(text: string): string {
  const now = rfc3339(systemClock().wallUs());
  return text.replace(/"creationTimestamp":"[^"]*"/, `"creationTimestamp":"${now}"`);
}

function isWatch({ query, status }: RecordedExchange): boolean {
  return /(^|&)watch=/.test(query) && status === 200;
}

/** What differs from run to run is left out: versions, tokens of pages, timeouts. */
const VARYING = ['resourceVersion', 'continue', 'timeoutSeconds', 'fieldManager'];

function keyOf(method: string, path: string, query: string, body: unknown): string {
  const kept = [...new URLSearchParams(query)].filter(([name]) => !VARYING.includes(name));
  kept.sort((one, other) => (one.join() < other.join() ? -1 : 1));
  const isReview = path.includes('accessreviews');
  return JSON.stringify([method, path, kept, isReview ? body : undefined]);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function configText(server: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'replayed',
    clusters: [{ name: 'replayed', cluster: { server } }],
    contexts: [{ name: 'replayed', context: { cluster: 'replayed', user: 'replayed' } }],
    users: [{ name: 'replayed', user: {} }],
  });
}
