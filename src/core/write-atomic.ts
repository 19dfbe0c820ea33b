/**
 * Files that are there whole or not at all, whoever is killed or whatever disk is full while they
 * are written: written beside, checked, synced, and then put in the place of the old one.
 */

import { closeSync, fstatSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface AtomicOptions {
  /** 0o600 where it holds secrets. */
  readonly mode?: number;
}

/** Throws what the file system throws; the file before is then still there. */
export function writeAtomic(
  path: string,
  text: string | Iterable<string>,
  { mode = 0o666 }: AtomicOptions = {},
): void {
  const draft = `${path}.new`;
  // Never through a link that somebody has put there.
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', mode);
  try {
    let bytes = 0;
    for (const piece of typeof text === 'string' ? [text] : text) {
      bytes += writeWhole(file, Buffer.from(piece));
    }
    fsyncSync(file);
    const { size } = fstatSync(file);
    if (size !== bytes) throw new Error(`only ${size} of ${bytes} bytes of ${path} were written`);
  } catch (error) {
    closeSync(file);
    rmSync(draft, { force: true });
    throw error;
  }
  closeSync(file);
  renameSync(draft, path);
  syncFolder(dirname(path));
}

function writeWhole(file: number, data: Buffer): number {
  let done = 0;
  while (done < data.length) {
    const written = writeSync(file, data, done);
    if (written === 0) throw new Error('the disk takes nothing more');
    done += written;
  }
  return done;
}

/** The new name is on disk too; some file systems have no such thing. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // The file is whole, whichever of its names survives a power cut.
  }
}
