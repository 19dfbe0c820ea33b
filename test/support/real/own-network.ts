/**
 * A program in a network of its own, for one whose port is another's: of the world outside it
 * reaches the API server alone, at the address that it has for everybody else.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from './programs.ts';

export interface OwnNetwork {
  /** What the program is to be started by: to be put before its path and arguments. */
  readonly command: readonly string[];
  close(): Promise<void>;
}

/**
 * From one place to another, each a port of loopback or a socket of a file: those are the same
 * inside and outside. Says by a file that it listens, and ends with the process that it is of.
 */
const RELAY = `
const net = require('node:net');
const fs = require('node:fs');
const [from, to, ready, owner] = process.argv.slice(1);
const place = (text) => (/^[0-9]+$/.test(text) ? { port: Number(text), host: '127.0.0.1' } : { path: text });
net.createServer((inner) => {
  const outer = net.connect(place(to));
  inner.pipe(outer).pipe(inner);
  for (const [one, other] of [[inner, outer], [outer, inner]]) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}).listen(place(from), () => fs.writeFileSync(ready, ''));
setInterval(() => process.ppid === Number(owner) || process.exit(), 500);
`;

const SCRIPT = `
ip link set lo up || exit
rm -f "$READY"
"$NODE" -e "$RELAY" "$PORT" "$WAY" "$READY" $$ &
until [ -e "$READY" ]; do sleep 0.1; done
exec "$0" "$@"
`;

/**
 * `port` of loopback is what the program may reach; `folder` is for the socket. The way is a process
 * of its own, since we are busy at times. Wants `unshare` and `ip`.
 */
export function openOwnNetwork(port: number, folder: string): OwnNetwork {
  const way = join(folder, 'way-out.sock');
  const ready = (name: string) => join(folder, `way-${name}.ready`);
  rmSync(way, { force: true });
  const args = ['-e', RELAY, way, String(port), ready('out'), String(process.pid)];
  const outer = startProgram('way-out', process.execPath, args, { folder });
  const apart = ['unshare', '--user', '--map-root-user', '--net', 'env'];
  const settings = [
    `NODE=${process.execPath}`,
    `RELAY=${RELAY}`,
    `PORT=${port}`,
    `WAY=${way}`,
    `READY=${ready('in')}`,
  ];
  return {
    command: [...apart, ...settings, 'sh', '-c', SCRIPT],
    close: () => outer.stop(),
  };
}
