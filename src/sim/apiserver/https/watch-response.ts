/**
 * A watch on a connection: headers at once, then a line for each event, in one chunk with what came
 * at the same time. A client that does not read is cut off, as a real server does.
 */

import type { ServerResponse } from 'node:http';
import type { WatchEvent } from '../../../api/transport.ts';
import { createLine, type Line } from '../core/line.ts';
import type { OpenWatch } from '../requests/watch.ts';
import type { WireRequest } from '../wire/wire.ts';
import { enter, type Endpoint } from './endpoint.ts';
import { sendAnswer, setHeaders } from './send.ts';

/** Unread bytes beyond which a watcher is cut off. */
const BACKLOG_LIMIT_BYTES = 32 * 1024 * 1024;

interface Stream {
  readonly response: ServerResponse;
  opened: OpenWatch | undefined;
  over: boolean;
}

/** Serves the watch until either side ends it. */
export async function streamWatch(
  endpoint: Endpoint,
  asked: WireRequest,
  response: ServerResponse,
): Promise<void> {
  const { options } = endpoint;
  const thereUs = Math.round(options.roundTripUs / 2);
  const backUs = options.roundTripUs - thereUs;
  await new Promise<void>((resolve) => {
    enter(options, () => {
      options.clock.schedule(thereUs, () => {
        void open(endpoint, asked, response, backUs).finally(resolve);
      });
    });
  });
}

async function open(
  endpoint: Endpoint,
  asked: WireRequest,
  response: ServerResponse,
  backUs: number,
): Promise<void> {
  const { options, wire, watches } = endpoint;
  if (response.destroyed) return;
  const stream: Stream = { response, opened: undefined, over: false };
  const line = deliveryLine(endpoint, stream);
  const end = () => finish(stream, () => response.end());
  const cut = () => finish(stream, () => response.destroy());
  const tap = options.faults?.onWatch(
    { path: asked.path, query: asked.query },
    { deliver: (item) => line.push(item), cut },
  );
  if (options.faults && !tap) return cut();
  const send = (item: WatchEvent | undefined) => (tap ? tap.item(item) : line.push(item));
  const opened = wire.watch(asked, { event: send, ended: () => send(undefined) });
  if (!('stop' in opened)) {
    tap?.closed();
    const { face } = endpoint;
    await sendAnswer(response, opened, { acceptsGzip: false, face, clock: options.clock });
    return;
  }
  stream.opened = opened;
  watches.add(end);
  response.on('close', () => {
    watches.delete(end);
    tap?.closed();
    finish(stream, () => {});
  });
  if (stream.over) opened.stop();
  else options.clock.schedule(backUs, () => begin(stream, endpoint));
}

/** Events on their way: the headers go out before the first of them. */
function deliveryLine(endpoint: Endpoint, stream: Stream): Line<WatchEvent | undefined> {
  const { clock, watchDelayUs } = endpoint.options;
  return createLine(clock, watchDelayUs, (item) => {
    const { response } = stream;
    if (stream.over || response.destroyed) return;
    begin(stream, endpoint);
    if (item === undefined) finish(stream, () => response.end());
    else response.write(endpoint.text.lineOf(item));
    if (response.writableLength > BACKLOG_LIMIT_BYTES) finish(stream, () => response.destroy());
  });
}

function begin({ response, over }: Stream, { face }: Endpoint): void {
  if (over || response.headersSent || response.destroyed) return;
  const answer = { status: 200, contentType: 'application/json', headers: {}, warnings: [] };
  setHeaders(response, answer, face);
  response.flushHeaders();
}

function finish(stream: Stream, how: () => void): void {
  if (stream.over) return;
  stream.over = true;
  stream.opened?.stop();
  how();
}
