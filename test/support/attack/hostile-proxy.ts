/** A proxy on loopback that hands requests on until it is told to be hostile. */

import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Exchange, Fetched } from './hostile-answers.ts';

export interface HostileProxy {
  readonly url: string;
  /** Requests that were answered by hostility, and since when, milliseconds of `performance`. */
  readonly hostile: { readonly count: number; readonly sinceMs: number };
  close(): Promise<void>;
}

/** `isHostile` is asked at each request; once it says so, it stays. */
export async function startHostileProxy(
  target: string,
  answer: (exchange: Exchange) => void | Promise<void>,
  isHostile: (request: IncomingMessage) => boolean,
): Promise<HostileProxy> {
  const { hostname, port } = new URL(target);
  const hostile = { count: 0, sinceMs: Number.NaN };
  const onward = (incoming: IncomingMessage, body: Buffer | IncomingMessage) => {
    const { method, url: path, headers } = incoming;
    const outgoing = send({ hostname, port, method, path, headers });
    if (Buffer.isBuffer(body)) outgoing.end(body);
    else body.pipe(outgoing);
    return outgoing;
  };
  const server = createServer((incoming, response) => {
    if (Number.isNaN(hostile.sinceMs) && isHostile(incoming)) hostile.sinceMs = performance.now();
    const forward = () => {
      const outgoing = onward(incoming, incoming);
      outgoing.on('response', (answered) => {
        response.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(response);
      });
      outgoing.on('error', () => incoming.socket.destroy());
      response.on('close', () => outgoing.destroy());
    };
    if (Number.isNaN(hostile.sinceMs)) return forward();
    hostile.count += 1;
    const isWatch = /[?&]watch=(1|true)/.test(incoming.url ?? '');
    const fetched = () => fetchWhole(incoming, onward);
    void Promise.resolve(answer({ request: incoming, response, isWatch, fetched, forward })).catch(
      () => incoming.socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hostile,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function fetchWhole(
  incoming: IncomingMessage,
  onward: (incoming: IncomingMessage, body: IncomingMessage) => ReturnType<typeof send>,
): Promise<Fetched> {
  const outgoing = onward(incoming, incoming);
  const answered = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answered) chunks.push(chunk as Buffer);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answered.headers)) {
    if (name !== 'transfer-encoding' && typeof value === 'string') headers[name] = value;
  }
  return { status: answered.statusCode ?? 502, headers, body: Buffer.concat(chunks) };
}
