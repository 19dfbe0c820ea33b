/** A study brought from a bucket into a results folder: what was made of it, checked. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Bucket, SOCKETS_MAX } from '../bucket/bucket.ts';
import { isPlainKey } from '../bucket/place.ts';
import { UsageError } from '../core/usage-error.ts';
import { makeFolders } from '../record/folders.ts';
import { type GroupedRun, readGroup, type RunGroup, writeGroup } from '../record/group.ts';
import type { RunFolder } from '../record/layout.ts';
import {
  factOf,
  type KeptStudy,
  keyOf,
  type MadeRun,
  readFailureNote,
  readKeptIndex,
  readMade,
} from './kept-study.ts';
import { runFolder, writeFailure } from './study-runs.ts';

export interface FetchedStudy {
  readonly kept: KeptStudy;
  /** The folder of the study. */
  readonly path: string;
  /** Files that were not there yet. */
  readonly fetched: number;
}

/** Throws UsageError where there is no study, or several, and BucketError. */
export async function fetchStudy(bucket: Bucket, results: string): Promise<FetchedStudy> {
  const { kept, index } = await findStudy(bucket);
  const { scenario, id, runs, question } = index;
  const path = join(results, scenario, id);
  const there = readGroup(path);
  if (there !== undefined && there.question !== question) {
    throw new UsageError(`${path} is there and is another study: choose another --results`);
  }
  makeFolders(path);
  if (there === undefined) writeGroup(path, index);
  const counts = await inTurns(runs, (run) => fetchRun(kept, run, runFolder(path, scenario, run)));
  return { kept, path, fetched: counts.reduce((sum, count) => sum + count, 0) };
}

/** A few at a time; after a failure none is begun, and it is thrown once nobody is at work. */
async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const queue = [...items];
  const done: R[] = [];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        done.push(await work(item));
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: SOCKETS_MAX }, lane));
  for (const each of lanes) if (each.status === 'rejected') throw each.reason;
  return done;
}

async function fetchRun(kept: KeptStudy, { run }: GroupedRun, folder: RunFolder): Promise<number> {
  const made = await readMade(kept, run);
  if (made === undefined) {
    writeFailure(folder, await readFailureNote(kept, run));
    return 0;
  }
  writeFailure(folder, undefined);
  makeFolders(folder.path);
  let fetched = 0;
  for (const fact of made.files) {
    const file = join(folder.path, fact.name);
    if (await isThere(file, fact)) continue;
    if (existsSync(file)) {
      throw new UsageError(
        `${folder.path} and ${run} at ${kept.bucket.name} are two runs of one place: ` +
          'keep one, or choose another --results',
      );
    }
    await kept.bucket.download(keyOf(kept, run, fact.name), file, fact);
    fetched += 1;
  }
  return fetched;
}

async function isThere(file: string, { bytes, sha256 }: MadeRun['files'][number]) {
  if (!existsSync(file) || statSync(file).size !== bytes) return false;
  return (await factOf(file)).sha256 === sha256;
}

interface FoundStudy {
  readonly kept: KeptStudy;
  readonly index: RunGroup;
}

/** At the address itself, or the only one below it. */
async function findStudy(bucket: Bucket): Promise<FoundStudy> {
  const here = { bucket, folder: '' };
  const index = await readKeptIndex(here);
  if (index !== undefined) return { kept: here, index };
  const found: FoundStudy[] = [];
  for (const scenario of await foldersIn(bucket, '')) {
    for (const folder of await foldersIn(bucket, scenario)) {
      const kept = { bucket, folder };
      const below = await readKeptIndex(kept);
      if (below?.study !== undefined) found.push({ kept, index: below });
    }
  }
  const [only, other] = found;
  if (only === undefined) throw new UsageError(`there is no study at ${bucket.name}`);
  if (other === undefined) return only;
  const names = found.map(({ kept }) => `${bucket.name}/${kept.folder}`).join(', ');
  throw new UsageError(`there are several studies at ${bucket.name}: name one of ${names}`);
}

async function foldersIn(bucket: Bucket, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { key, isFolder } of bucket.list(folder)) {
    if (isFolder && isPlainKey(key.slice(0, -1))) found.push(key.slice(0, -1));
  }
  return found;
}
