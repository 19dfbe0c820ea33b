/**
 * The sockets that requests were sent on. Node's `reusedSocket` is false for a request that waited
 * until another one gave its socket back, which a busy pool does all the time; so who is new and
 * who is connected is remembered here.
 */

import type { Socket } from 'node:net';

export interface Sockets {
  /** To be told of the socket of each request; false where an earlier one had it. */
  isNew(socket: Socket): boolean;
  /** Calls back as soon as something can reach the server: at once on a connected socket. */
  whenUp(socket: Socket, ready: () => void): void;
}

export function createSockets(): Sockets {
  const met = new WeakSet<Socket>();
  const up = new WeakSet<Socket>();
  return {
    isNew(socket) {
      if (met.has(socket)) return false;
      met.add(socket);
      return true;
    },
    whenUp(socket, ready) {
      if (up.has(socket)) return ready();
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
        up.add(socket);
        ready();
      });
    },
  };
}
