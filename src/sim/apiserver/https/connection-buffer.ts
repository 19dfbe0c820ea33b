/**
 * Node's HTTP server refuses the body of a request (HPE_PAUSED) where it still holds more than the
 * socket's high-water mark of the answer before it, and a client on loopback can be faster than
 * the callback that says that the answer has left. A higher mark leaves that to answers so long
 * that their writing waits for the client anyway.
 */

import type { Socket } from 'node:net';

const MARK_BYTES = 8 * 1024 * 1024;

export function raiseWriteMark(socket: Socket): void {
  // The options of a TLS server do not reach its sockets.
  const { _writableState } = socket as unknown as {
    readonly _writableState: { highWaterMark: number };
  };
  _writableState.highWaterMark = MARK_BYTES;
}
