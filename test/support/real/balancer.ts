/**
 * What a Service does for several replicas: each connection goes to one of them, drawn by turns. One
 * that refuses takes the connection with it, and is left out until it listens again.
 */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { SECOND } from '../../../src/core/duration.ts';
import { systemClock } from '../../../src/core/system-clock.ts';

export interface Balancer {
  readonly port: number;
  close(): void;
}

/** How long a replica that refused is left out. */
const LEFT_OUT_US = SECOND;

/** In front of `ports` of loopback. */
export async function openBalancer(ports: readonly number[]): Promise<Balancer> {
  const clock = systemClock();
  const outUntilUs = new Map<number, number>();
  const open = new Set<Socket>();
  let turn = 0;
  const choose = (): number | undefined => {
    const up = ports.filter((port) => (outUntilUs.get(port) ?? 0) <= clock.nowUs());
    turn += 1;
    return up[turn % up.length];
  };
  const server = createServer((client) => {
    const port = choose();
    if (port === undefined) {
      client.destroy();
      return;
    }
    const replica = connect(port, '127.0.0.1');
    join(client, replica, () => outUntilUs.set(port, clock.nowUs() + LEFT_OUT_US));
    for (const socket of [client, replica]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function join(client: Socket, replica: Socket, refused: () => void): void {
  client.pipe(replica).pipe(client);
  client.on('error', () => replica.destroy());
  client.on('close', () => replica.destroy());
  replica.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED') refused();
    client.destroy();
  });
  replica.on('close', () => client.destroy());
}
