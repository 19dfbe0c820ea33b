/**
 * A program in a network of its own, for one whose port is another's: of the world outside it
 * reaches the API server alone, at the address that it has for everybody else.
 */

import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

export interface OwnNetwork {
  /** What the program is to be started by: to be put before its path and arguments. */
  readonly command: readonly string[];
  close(): void;
}

/**
 * Listens where the server would, inside; sockets of files are the same inside and outside. It says
 * by a file that it listens, and ends with the program, whose child it is.
 */
const RELAY = `
const net = require('node:net');
const [port, path] = process.argv.slice(1);
net.createServer((from) => {
  const to = net.connect(path);
  from.pipe(to).pipe(from);
  for (const [one, other] of [[from, to], [to, from]]) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}).listen(Number(port), '127.0.0.1', () => require('node:fs').writeFileSync(path + '.ready', ''));
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(), 500);
`;

const SCRIPT = `
ip link set lo up || exit
"$NODE" -e "$RELAY" "$PORT" "$WAY" &
until [ -e "$WAY.ready" ]; do sleep 0.1; done
exec "$0" "$@"
`;

/** `port` of loopback is what the program may reach; `folder` is for the socket. Wants `unshare` and `ip`. */
export async function openOwnNetwork(port: number, folder: string): Promise<OwnNetwork> {
  const way = join(folder, 'way-out.sock');
  const open = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(port, '127.0.0.1');
    inner.pipe(outer).pipe(inner);
    for (const socket of [inner, outer]) {
      open.add(socket);
      const other = socket === inner ? outer : inner;
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(way, resolve);
  });
  const settings = [`NODE=${process.execPath}`, `RELAY=${RELAY}`, `PORT=${port}`, `WAY=${way}`];
  return {
    command: [
      'unshare',
      '--user',
      '--map-root-user',
      '--net',
      'env',
      ...settings,
      'sh',
      '-c',
      SCRIPT,
    ],
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
