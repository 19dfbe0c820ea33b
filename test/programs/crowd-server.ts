/**
 * A child of watch-scale.ts: an API server over TLS that lists a crowd and streams what happens in
 * it, and notes for each event the moment at which it went to the socket, on the machine's
 * monotonic clock. It answers lists and watches only.
 */

import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { monotonicNs, systemClock } from '../../src/core/system-clock.ts';
import { createCredentials, kubeconfigText } from '../../src/sim/apiserver/https/credentials.ts';
import { createCrowd, type CrowdKind } from '../support/crowd.ts';

export interface CrowdOrder {
  readonly folder: string;
  readonly objects: number;
}

export type ToCrowd = { readonly perSecond: number; readonly seconds: number };

export type FromCrowd =
  | { readonly is: 'listening'; readonly kubeconfig: string }
  /** `sent`: file of SentEvents. */
  | { readonly is: 'done'; readonly sent: string; readonly events: number; readonly bytes: number };

/** What an observer should have told, and when it was sent: nanoseconds, monotonic. */
export type SentEvents = readonly (readonly [sign: string, sentNs: string])[];

const clock = systemClock();
const { folder, objects } = JSON.parse(process.argv[2] ?? '') as CrowdOrder;
const crowd = createCrowd(objects);
const watches = new Map<CrowdKind, ServerResponse>();
const credentials = createCredentials(['127.0.0.1'], clock.wallUs());
const server = createServer(
  {
    key: credentials.server.key,
    cert: credentials.server.certificate,
    ca: credentials.authority,
    requestCert: true,
    noDelay: true,
  },
  answer,
);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigText(`https://127.0.0.1:${port}`, credentials, 'crowd'));
  tell({ is: 'listening', kubeconfig });
});
process.on('message', (order: ToCrowd) => void stream(order));
process.on('disconnect', () => process.exit());

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'https://crowd');
  const kind = crowd.kinds.find(({ path }) => path === url.pathname);
  if (kind === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('Content-Type', 'application/json');
  if (url.searchParams.get('watch') !== null) {
    response.flushHeaders();
    watches.set(kind, response);
    return;
  }
  const from = Number(url.searchParams.get('continue') ?? 0);
  const to = from + Number(url.searchParams.get('limit') ?? crowd.perKind);
  const items = crowd.items(kind, from, to);
  const more = items === '' || to >= crowd.perKind ? '' : `,"continue":"${to}"`;
  const head = `"apiVersion":"${kind.apiVersion}","kind":"${kind.kind}List"`;
  response.end(`{${head},"metadata":{"resourceVersion":"1"${more}},"items":[${items}]}`);
}

/** Events a millisecond at most: what was delayed is made up for, but in no burst. */
const AT_ONCE = 4;

/** Evenly: each millisecond those that are due by then. */
async function stream({ perSecond, seconds }: ToCrowd): Promise<void> {
  while (watches.size < crowd.kinds.length) await clock.sleep(10_000);
  const sent: [string, string][] = [];
  const total = perSecond * seconds;
  const startUs = clock.nowUs();
  let bytes = 0;
  for (let events = 0; events < total; ) {
    const due = ((clock.nowUs() - startUs) / 1e6) * perSecond;
    const dueBy = Math.min(total, due, events + AT_ONCE);
    for (; events < dueBy; events++) {
      const { kind, line, sign } = crowd.next();
      const nowNs = monotonicNs();
      watches.get(kind)?.write(line);
      bytes += line.length;
      if (sign !== undefined) sent.push([sign, String(nowNs)]);
    }
    await clock.sleep(1000);
  }
  const file = join(folder, 'sent.json');
  writeFileSync(file, JSON.stringify(sent));
  tell({ is: 'done', sent: file, events: total, bytes });
}

function tell(message: FromCrowd): void {
  process.send?.(message);
}
