/**
 * A way to the server that writes down what passes: each request with its headers, each answer, each
 * line of each watch, and after how many requests that change something it came. The last is what a
 * replay goes by: an event cannot come before what it tells of was asked for.
 */

import { createWriteStream, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as tls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ControlPlane } from './control-plane.ts';

export interface Recorder {
  /** Leads through it. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}

/** One line of a recording. */
export type Recorded = RecordedExchange | RecordedEvent;

export interface RecordedExchange {
  readonly n: number;
  /** Requests that change something, before this one. */
  readonly writes: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, string>>;
  /** JSON where it is that, else text; absent for a watch. */
  readonly answer?: unknown;
}

export interface RecordedEvent {
  /** The watch. */
  readonly of: number;
  readonly writes: number;
  readonly event: unknown;
}

const KEPT = ['accept', 'content-type', 'user-agent', 'accept-encoding'];
const ANSWER_KEPT = ['content-type', 'warning', 'retry-after', 'allow'];

export async function openRecorder(plane: ControlPlane, file: string): Promise<Recorder> {
  const out = createWriteStream(file);
  const state = { n: 0, writes: 0 };
  const { authority } = plane;
  const admin = authority.client('recorder', 'real-admin', 'system:masters');
  const own = { ca: authority.certificate, cert: admin.certificate, key: admin.key };
  const write = (line: Recorded) => void out.write(`${JSON.stringify(line)}\n`);
  const server = createServer((incoming, response) => {
    pass({ incoming, response, url: plane.url, own, state, write });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kubeconfig = join(plane.folder, 'recorded.yaml');
  writeFileSync(kubeconfig, configText((server.address() as AddressInfo).port));
  return {
    kubeconfig,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => out.end(resolve));
      }),
  };
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: string;
  readonly own: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly state: { n: number; writes: number };
  readonly write: (line: Recorded) => void;
}

function pass({ incoming, response, url, own, state, write }: Passage): void {
  const n = state.n++;
  const writes = state.writes;
  const { method = 'GET', headers } = incoming;
  const [path = '', query = ''] = (incoming.url ?? '').split('?');
  if (method !== 'GET') state.writes += 1;
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const body = Buffer.concat(chunks);
    // Uncompressed, so that what passes can be read.
    const { host: _, 'accept-encoding': __, ...forwarded } = headers;
    const outgoing = tls(`${url}${incoming.url}`, { method, headers: forwarded, ...own });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      const exchange = {
        n,
        writes,
        method,
        path,
        query,
        headers: kept(headers, KEPT),
        ...(body.length > 0 ? { body: parsed(body.toString()) } : {}),
        status: answer.statusCode ?? 0,
        answerHeaders: kept(answer.headers, ANSWER_KEPT),
      };
      const isWatch = /(^|&)watch=/.test(query) && answer.statusCode === 200;
      if (isWatch) write(exchange);
      relay(answer, response, isWatch, {
        event: (line) => write({ of: n, writes: state.writes, event: parsed(line) }),
        whole: (text) => write({ ...exchange, answer: parsed(text) }),
      });
    });
    outgoing.end(body);
  });
}

function relay(
  answer: IncomingMessage,
  response: ServerResponse,
  isWatch: boolean,
  tell: { event(line: string): void; whole(text: string): void },
): void {
  let text = '';
  answer.on('data', (chunk: Buffer) => {
    response.write(chunk);
    text += chunk.toString();
    if (!isWatch) return;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (line !== '') tell.event(line);
  });
  answer.on('end', () => {
    if (!isWatch) tell.whole(text);
    response.end();
  });
  answer.on('error', () => response.destroy());
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function kept(headers: IncomingMessage['headers'], names: readonly string[]) {
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  );
}

function configText(port: number): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'recorded',
    clusters: [{ name: 'recorded', cluster: { server: `http://127.0.0.1:${port}` } }],
    contexts: [{ name: 'recorded', context: { cluster: 'recorded', user: 'recorded' } }],
    users: [{ name: 'recorded', user: {} }],
  });
}
