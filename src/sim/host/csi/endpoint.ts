/** The simulated driver on a socket, where sidecars of a real cluster look for one. */

import { chmod, lstat, unlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { isAbsolute } from 'node:path';
import { createDeferred } from '../../../core/deferred.ts';
import { UsageError } from '../../../core/usage-error.ts';
import type { StorageDriver } from '../../hardware/storage/csi.ts';
import { createGrpcServer, type GrpcMethod } from './grpc.ts';
import { csiMethods } from './services.ts';

export interface CsiFace {
  /** Calls wait until then. */
  serve(driver: StorageDriver): void;
  close(): Promise<void>;
}

const SCHEME = 'unix://';
/** Of the name of a socket, on Linux and (104) elsewhere. */
const PATH_BYTES_MAX = 103;

/** The path in `unix:///PATH`, as sidecars take it. Throws UsageError. */
export function parseCsiAddress(text: string): string {
  const path = text.slice(SCHEME.length);
  if (!text.startsWith(SCHEME) || !isAbsolute(path)) {
    throw new UsageError('--csi takes the address of a socket: unix:///run/csi.sock');
  }
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) {
    throw new UsageError(`--csi: a socket's path has at most ${PATH_BYTES_MAX} bytes: ${path}`);
  }
  return path;
}

/**
 * Throws UsageError where the socket cannot be. One that a process left behind is replaced; only
 * its owner may call.
 */
export async function openCsiFace(
  path: string,
  onDefect: (error: unknown) => void,
): Promise<CsiFace> {
  await clearLeftover(path);
  const methods = createDeferred<ReadonlyMap<string, GrpcMethod>>();
  const server = createGrpcServer(methods.promise, onDefect);
  try {
    await server.listen(path);
    await chmod(path, 0o600);
  } catch (error) {
    throw new UsageError(`--csi: no socket at ${path}: ${codeIn(error)}`);
  }
  return {
    serve: (driver) => methods.resolve(csiMethods(driver)),
    close: () => server.close(),
  };
}

async function clearLeftover(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new UsageError(`--csi: ${path} is no socket; name another path`);
  if (await answers(path)) {
    throw new UsageError(`--csi: another process serves ${path}; end it, or name another path`);
  }
  await unlink(path).catch(() => undefined);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(path, () => {
      connection.destroy();
      resolve(true);
    });
    connection.on('error', () => resolve(false));
  });
}

function codeIn(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
