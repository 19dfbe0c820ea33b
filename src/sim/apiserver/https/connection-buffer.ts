/**
 * Node's HTTP server refuses the body of a request (HPE_PAUSED) where it still holds more than the
 * socket's high-water mark of the answer before: a client on loopback is often faster than the
 * callback that says that the answer has left. A mark that no answer reaches avoids it; whoever
 * writes long answers therefore has to look at `writableLength` by himself.
 */

import type { Socket } from 'node:net';

const NEVER_REACHED_BYTES = 1 << 30;

export function neverPause(socket: Socket): void {
  // The options of a TLS server do not reach its sockets.
  const { _writableState } = socket as unknown as {
    readonly _writableState: { highWaterMark: number };
  };
  _writableState.highWaterMark = NEVER_REACHED_BYTES;
}
