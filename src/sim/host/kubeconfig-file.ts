/**
 * The kubeconfig that a served cluster is reached by: readable by its owner alone, since it lets
 * its bearer in. A file that bench has not written is never overwritten.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileTrouble } from '../../core/disk-trouble.ts';
import { UsageError } from '../../core/usage-error.ts';
import { writeAtomic } from '../../core/write-atomic.ts';

export interface KubeconfigFile {
  readonly path: string;
  write(text: string): void;
  /** Removes what nobody asked to keep. */
  discard(): void;
}

const MARK = '# Written by bench cluster; written anew at every start.\n';

/** `path` as asked; a file of the process's own where it is undefined. Throws UsageError. */
export function kubeconfigFile(path: string | undefined): KubeconfigFile {
  if (path === undefined) return ownFile();
  const absolute = resolve(path);
  if (existsSync(absolute) && !isOurs(absolute)) {
    throw new UsageError(
      `${path} exists, and bench has not written it: name another --write-kubeconfig`,
    );
  }
  return { path: absolute, write: (text) => writePrivate(absolute, text), discard: () => {} };
}

function isOurs(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').startsWith(MARK);
  } catch {
    return false;
  }
}

function ownFile(): KubeconfigFile {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cluster-'));
  const path = join(folder, 'kubeconfig');
  return {
    path,
    write: (text) => writePrivate(path, text),
    discard: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function writePrivate(path: string, text: string): void {
  try {
    writeAtomic(path, MARK + text, { mode: 0o600 });
  } catch (error) {
    throw new UsageError(`cannot write ${path} (${fileTrouble(error)})`);
  }
}
