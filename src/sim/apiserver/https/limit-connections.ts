/**
 * What a client may take of the server: connections, time, and bytes that it asked for and does not
 * read. Node keeps the sockets of failed handshakes and of answers that nobody reads for good.
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { SECOND } from '../../../core/duration.ts';
import { systemClock } from '../../../core/system-clock.ts';
import { failure } from '../../../api/status.ts';

/** From the first byte of a request, or from the connection where none comes. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Between two requests. */
const KEEP_ALIVE_MS = 90_000;
/** Of a client that reads nothing of what is waiting for it; the same for one that never asks. */
const STALL_MS = 30_000;
/** For the last answer to a client that has done wrong. */
const FAREWELL_US = 5 * SECOND;
/** Many times what a crowd of watchers takes, and fewer than a process may have open. */
const CONNECTIONS_MAX = 10_000;

/** exec, attach, port-forward, consoles: clients print the message of a Status. */
const NO_STREAMS = (() => {
  const message =
    'simulated: there is no process or console behind it, so that exec, attach, cp, ' +
    'port-forward, console and vnc have nothing to talk to';
  const body = JSON.stringify(failure(501, 'NotImplemented', message));
  return [
    'HTTP/1.1 501 Not Implemented',
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
})();

/** `stallMs`: milliseconds of the wall clock. */
export function limitConnections(listener: Server, stallMs = STALL_MS): void {
  const wall = systemClock();
  listener.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const tooLong = error.code === 'HPE_HEADER_OVERFLOW';
    const status = tooLong ? '431 Request Header Fields Too Large' : '400 Bad Request';
    // Whoever does not read even this must not keep us.
    wall.schedule(FAREWELL_US, () => socket.destroy(), { kind: 'background' });
    if (socket.writable) {
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`, () => socket.destroy());
    } else socket.destroy();
  });
  // Node only tells of a handshake that failed or never came, and keeps the socket.
  listener.on('tlsClientError', (_, socket: Socket) => socket.destroy());
  listener.on('upgrade', (_, socket) => {
    socket.on('error', () => {});
    wall.schedule(FAREWELL_US, () => socket.destroy(), { kind: 'background' });
    socket.end(NO_STREAMS, () => socket.destroy());
  });
  listener.on('request', hangUpOnStall);
  listener.timeout = stallMs;
  listener.requestTimeout = REQUEST_TIMEOUT_MS;
  listener.headersTimeout = HEADERS_TIMEOUT_MS;
  listener.keepAliveTimeout = KEEP_ALIVE_MS;
  listener.maxConnections = CONNECTIONS_MAX;
}

/** Nothing has moved for a while: no matter where nothing waits, as on a watch without events. */
function hangUpOnStall(_: IncomingMessage, response: ServerResponse): void {
  response.on('timeout', (socket: Socket) => {
    if (socket.writableLength > 0) socket.destroy();
  });
}
