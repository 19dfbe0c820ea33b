/**
 * A history on disk: a folder (or a git repository) with a file for each night,
 * `<scenario>-<hash>/<environment>-<fingerprint>/<started>-<run>.json`. Files are only ever added,
 * each whole or not at all, and none is shared by two runs: that is what makes several writers safe
 * and lets two copies of a history be merged. Which series a night belongs to is decided by what
 * the file says, not by the folder it lies in.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileTrouble } from '../../core/disk-trouble.ts';
import { writeWhole } from '../../core/write-atomic.ts';
import { compareNights, type Night } from './night.ts';
import { nightText, parseNight } from './night-text.ts';
import { makeFolders } from '../../record/folders.ts';

export interface StoredNight {
  readonly night: Night;
  /** Relative to the history's folder. */
  readonly file: string;
}

/** A file that could not be used; the message says why. */
export interface HistoryProblem {
  readonly file: string;
  readonly message: string;
}

export interface History {
  /** False where there is no such folder yet. */
  readonly exists: boolean;
  /** All series, oldest night first. */
  readonly nights: readonly StoredNight[];
  readonly problems: readonly HistoryProblem[];
}

export type Appended =
  | { readonly kind: 'added'; readonly file: string }
  | { readonly kind: 'present'; readonly file: string }
  | { readonly kind: 'unwritable'; readonly message: string };

/** Reads all nights below `folder`. Files and folders that start with a dot are not looked at. */
export function readHistory(folder: string): History {
  if (!isFolder(folder)) return { exists: false, nights: [], problems: [] };
  const nights: StoredNight[] = [];
  const problems: HistoryProblem[] = [];
  for (const path of jsonFiles(folder)) {
    const file = relative(folder, path);
    const read = readNight(path);
    if (read.kind === 'night') nights.push({ night: read.night, file });
    else problems.push({ file, message: read.message });
  }
  nights.sort((a, b) => compareNights(a.night, b.night));
  return withoutTwins({ exists: true, nights, problems });
}

/** Adds the night's file; where there is one of that name already, leaves it as it is. */
export function appendNight(folder: string, night: Night): Appended {
  const file = nightFile(night);
  const path = join(folder, file);
  try {
    makeFolders(dirname(path));
    const draftFolder = mkdtempSync(join(dirname(path), DRAFT));
    removeStale(dirname(path), draftFolder);
    try {
      const draft = join(draftFolder, 'night.json');
      writeFileSync(draft, nightText(night), { flush: true });
      publish(draft, path);
      return { kind: 'added', file };
    } finally {
      rmSync(draftFolder, { recursive: true, force: true });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return { kind: 'present', file };
    return { kind: 'unwritable', message: fileTrouble(error) };
  }
}

/** Where the night's file lies, relative to the history's folder. */
export function nightFile({ scenario, scenarioHash, environment, started, run }: Night): string {
  const instant = started.replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
  return join(
    `${plain(scenario)}-${plain(scenarioHash.slice(0, 8))}`,
    `${plain(environment.name)}-${plain(environment.fingerprint.slice(0, 8))}`,
    `${plain(instant)}-${plain(run)}.json`,
  );
}

const DRAFT = '.adding-';

const STALE_MS = 3_600_000;

/** Drafts of whoever was killed while adding, by the clock of the disk. */
function removeStale(folder: string, own: string): void {
  const nowMs = statSync(own).mtimeMs;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(DRAFT) || nowMs - statSync(path).mtimeMs < STALE_MS) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

/** Gives the draft its name, which must be free: a link, or a copy where there are no links. */
function publish(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    const file = openSync(path, 'wx');
    try {
      writeWhole(file, readFileSync(draft));
      fsyncSync(file);
    } catch (full) {
      rmSync(path, { force: true });
      throw full;
    } finally {
      closeSync(file);
    }
  }
}

function readNight(path: string): ReturnType<typeof parseNight> {
  try {
    return parseNight(readFileSync(path, 'utf8'));
  } catch (error) {
    return { kind: 'broken', message: `cannot be read (${fileTrouble(error)})` };
  }
}

/** Of two files of one run the older one counts. */
function withoutTwins({ exists, nights, problems }: History): History {
  const first = new Map<string, StoredNight>();
  const twins: HistoryProblem[] = [];
  for (const stored of nights) {
    const { run, scenarioHash, environment } = stored.night;
    const key = `${scenarioHash}/${environment.fingerprint}/${run}`;
    const twin = first.get(key);
    if (twin === undefined) first.set(key, stored);
    else twins.push({ file: stored.file, message: `is of the same run as ${twin.file}` });
  }
  return { exists, nights: [...first.values()], problems: [...problems, ...twins] };
}

function jsonFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (isFolder(path)) return jsonFiles(path);
      return entry.name.endsWith('.json') ? [path] : [];
    });
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** Letters, digits and what no shell or file system minds. */
function plain(text: string): string {
  const safe = text.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[.-]+/, '');
  return safe === '' ? 'unnamed' : safe.slice(0, 80);
}
