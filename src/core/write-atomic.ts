/**
 * Files that are there whole or not at all, whoever is killed or whatever disk is full while they
 * are written: written beside, checked, synced, and then put in the place of the old one.
 */

import {
  closeSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { freshUuid } from './rng.ts';

export interface AtomicOptions {
  /** 0o600 where it holds secrets. */
  readonly mode?: number;
}

export type FileContent = string | Uint8Array | Iterable<string>;

/**
 * Throws what the file system throws, with the path that was asked for; the file before is then
 * still there.
 */
export function writeAtomic(
  path: string,
  content: FileContent,
  { mode = 0o666 }: AtomicOptions = {},
): void {
  try {
    writeBeside(path, content, mode);
  } catch (error) {
    throw namingFile(error, path);
  }
}

/**
 * As `writeAtomic`, for a file whose name a user gave: through a link to what it points to, and
 * straight into what is no file (`/dev/stdout`, a pipe).
 */
export function writeOutput(path: string, content: FileContent): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return writeAtomic(path, content);
  if (found.isFile()) {
    const isLink = lstatSync(path).isSymbolicLink();
    return writeAtomic(isLink ? realpathSync(path) : path, content);
  }
  try {
    const file = openSync(path, 'w');
    try {
      for (const piece of piecesIn(content)) writeWhole(file, piece);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw namingFile(error, path);
  }
}

function writeBeside(path: string, content: FileContent, mode: number): void {
  // Its own: others may be writing the same file, pods with the same process number among them.
  const draft = `${path}.${freshUuid().slice(0, 8)}.new`;
  // Never through a link that somebody has put there.
  const file = openSync(draft, 'wx', mode);
  try {
    try {
      let bytes = 0;
      for (const piece of piecesIn(content)) bytes += writeWhole(file, piece);
      fsyncSync(file);
      const { size } = fstatSync(file);
      if (size !== bytes) throw shortWrite(`only ${size} of ${bytes} bytes were written`);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

function* piecesIn(content: FileContent): Generator<Uint8Array> {
  if (content instanceof Uint8Array) yield content;
  else if (typeof content === 'string') yield Buffer.from(content);
  else for (const piece of content) yield Buffer.from(piece);
}

/** Writes all of `data`, however many calls that takes; the number of bytes. */
export function writeWhole(file: number, data: Uint8Array): number {
  let done = 0;
  while (done < data.length) {
    const written = writeSync(file, data, done);
    if (written === 0) throw shortWrite('nothing more was written');
    done += written;
  }
  return done;
}

function shortWrite(message: string): Error {
  return Object.assign(new Error(message), { code: 'ENOSPC', syscall: 'write' });
}

/** Calls on an open file fail without its name, those on a draft with a name that nobody knows. */
export function namingFile(error: unknown, path: string): unknown {
  if (error instanceof Error && 'syscall' in error) Object.assign(error, { path });
  return error;
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
