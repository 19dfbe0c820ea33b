/**
 * Who works on a run: one process at a time, by a file `lock` in the run's folder. The file alone
 * proves nothing, since a killed process leaves it behind. On the same machine the process that it
 * names must still be there; on another one, which cannot be asked, it must have renewed the file
 * lately.
 */

import {
  closeSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileTrouble } from '../core/disk-trouble.ts';
import { MINUTE, SECOND } from '../core/duration.ts';
import { UsageError } from '../core/usage-error.ts';
import { isRunning, type ProcessIdentity } from '../core/process-identity.ts';
import type { RunFolder } from './layout.ts';

export interface LockHolder extends ProcessIdentity {
  /** What it does: `bench run`. */
  readonly doing: string;
  /** RFC 3339, UTC. */
  readonly since: string;
}

export interface RunLock {
  /** Tells other machines that we are still there. */
  renew(): void;
  release(): void;
}

export type LockedRun =
  | { readonly kind: 'locked'; readonly lock: RunLock }
  | { readonly kind: 'held'; readonly holder: LockHolder }
  | { readonly kind: 'unwritable'; readonly message: string };

/** Something is in the place of the lock that no bench has put there. */
export class DamagedLock extends UsageError {}

/** A holder renews its lock at this interval. */
export const RENEW_EVERY_US = 10 * SECOND;

/** On another machine one that was silent for so long is gone: evaluating takes its time. */
export const SILENT_US = 3 * MINUTE;

/** Takes the lock, unless somebody has it who is still there. `wallUs`: Unix microseconds now. */
export function lockRun(folder: RunFolder, self: LockHolder, wallUs: number): LockedRun {
  const path = formatPath(folder);
  // Numbers of processes are the same in many containers, names of hosts are not.
  const draft = `${path}.${self.host}.${self.pid}`;
  try {
    rmSync(draft, { force: true });
    const file = openSync(draft, 'wx');
    const text = `${JSON.stringify(self)}\n`;
    writeSync(file, text, 0);
    const holder = take(path, draft, wallUs);
    rmSync(draft, { force: true });
    if (holder === undefined) return { kind: 'locked', lock: makeLock(path, file, text) };
    closeSync(file);
    return { kind: 'held', holder };
  } catch (error) {
    if (error instanceof DamagedLock) {
      rmSync(draft, { force: true });
      throw error;
    }
    return { kind: 'unwritable', message: fileTrouble(error) };
  }
}

/** Who works on the run; undefined where nobody does. */
export function readHolder(folder: RunFolder, wallUs: number): LockHolder | undefined {
  const found = readLock(formatPath(folder));
  return found && liveHolder(found, wallUs);
}

function formatPath({ path }: RunFolder): string {
  return join(path, 'lock');
}

/** Gives the draft the lock's name as soon as that is free; who has it, where it is not. */
function take(path: string, draft: string, wallUs: number): LockHolder | undefined {
  while (!isPublished(draft, path)) {
    const found = readLock(path);
    if (found === undefined) continue;
    const holder = liveHolder(found, wallUs) ?? bury(path, `${draft}.stale`, found, wallUs);
    if (holder !== undefined) return holder;
  }
  return undefined;
}

function isPublished(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

interface FoundLock {
  readonly text: string;
  readonly renewedUs: number;
}

function readLock(path: string): FoundLock | undefined {
  try {
    const found = lstatSync(path);
    if (!found.isFile()) {
      const what = found.isSymbolicLink() ? 'a link' : found.isDirectory() ? 'a folder' : 'no file';
      throw new DamagedLock(
        `the lock ${path} is ${what}, which bench never makes: see who works on the run, ` +
          'then remove it',
      );
    }
    return { text: readFileSync(path, 'utf8'), renewedUs: statSync(path).mtimeMs * 1000 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function liveHolder({ text, renewedUs }: FoundLock, wallUs: number): LockHolder | undefined {
  const holder = parseHolder(text);
  if (holder === undefined) return undefined;
  const lives = isRunning(holder) ?? wallUs - renewedUs < SILENT_US;
  return lives ? holder : undefined;
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const holder: unknown = JSON.parse(text);
    return isHolder(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** A lock gets its name when it is whole: what is no holder is damage, and nobody's. */
function isHolder(value: unknown): value is LockHolder {
  if (value === null || typeof value !== 'object') return false;
  const { pid, host, place, doing, since } = value as Readonly<Record<string, unknown>>;
  const texts = [host, place, doing, since].every((text) => typeof text === 'string');
  return texts && Number.isInteger(pid) && (pid as number) > 0;
}

/**
 * Takes a dead lock away. Two may try at the same time: who finds that it took the other's new one
 * puts it back, and gets its holder.
 */
function bury(
  path: string,
  grave: string,
  dead: FoundLock,
  wallUs: number,
): LockHolder | undefined {
  try {
    renameSync(path, grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const buried = readLock(grave);
  const isDead = buried === undefined || buried.text === dead.text;
  if (!isDead) isPublished(grave, path);
  rmSync(grave, { force: true });
  return isDead ? undefined : liveHolder(buried, wallUs);
}

function makeLock(path: string, file: number, text: string): RunLock {
  return {
    // The open file, whatever its name has become: nobody else's lock is written into.
    renew() {
      try {
        writeSync(file, text, 0);
      } catch {
        // The disk is full or gone: whoever works on the run will hear of it by itself.
      }
    },
    release() {
      try {
        if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(file).ino) rmSync(path);
      } catch {
        // As good as dead: the process that it names is about to end.
      }
      closeSync(file);
    },
  };
}
