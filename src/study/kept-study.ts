/**
 * How a study lies in a bucket: as in a results folder, SCENARIO/STUDY/RUN/, with a marker beside
 * each run that is put when all of its files are there. What has no marker is not made, whatever
 * else is there of it.
 */

import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Bucket } from '../bucket/bucket.ts';
import { BucketError } from '../bucket/bucket-error.ts';
import { UsageError } from '../core/usage-error.ts';
import { LABEL_VALUE } from '../core/values.ts';
import { GROUP_FILE, parseGroup, type RunGroup } from '../record/group.ts';
import type { RunFolder } from '../record/layout.ts';
import type { OpenStudy } from './open-study.ts';

export interface KeptStudy {
  readonly bucket: Bucket;
  /** `SCENARIO/STUDY` below the bucket's prefix; empty where the prefix leads there. */
  readonly folder: string;
}

export function keptAt({ id, scenario }: OpenStudy, bucket: Bucket): KeptStudy {
  return { bucket, folder: `${scenario.name}/${id}` };
}

/** A key of the study. */
export function keyOf({ folder }: KeptStudy, ...names: readonly string[]): string {
  return [...(folder === '' ? [] : [folder]), ...names].join('/');
}

const MADE_SCHEMA = 'bench/made/v1';

const fileFact = z.strictObject({
  name: z.string().regex(LABEL_VALUE),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const madeSchema = z.looseObject({
  schema: z.literal(MADE_SCHEMA),
  run: z.string().regex(LABEL_VALUE),
  files: z.array(fileFact).max(1000),
});

export type FileFact = z.infer<typeof fileFact>;
export type MadeRun = z.infer<typeof madeSchema>;

const SMALL_CHARS_MAX = 256 * 1024;
/** 100,000 runs of 300 bytes. */
const INDEX_CHARS_MAX = 64 * 1024 * 1024;

/** The marker of a run; undefined where it is not made. Throws UsageError where it is damaged. */
export async function readMade(kept: KeptStudy, run: string): Promise<MadeRun | undefined> {
  const key = keyOf(kept, `${run}.made.json`);
  const found = await kept.bucket.read(key, SMALL_CHARS_MAX);
  if (found === undefined) return undefined;
  const made = parsed(found.text, madeSchema);
  if (made?.run === run) return made;
  throw new UsageError(`${kept.bucket.name}/${key} is damaged: remove it, and make the run anew`);
}

/** Text as JSON of a schema; undefined where it is none. */
export function parsed<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Puts all files of a run that is made, and the marker last. */
export async function publishRun(kept: KeptStudy, { path, runId }: RunFolder): Promise<void> {
  const files: FileFact[] = [];
  for (const name of filesOf(path)) {
    const fact = await factOf(join(path, name));
    await kept.bucket.put(keyOf(kept, runId, name), { path: join(path, name), ...fact });
    files.push({ name, ...fact });
  }
  const made: MadeRun = { schema: MADE_SCHEMA, run: runId, files };
  await kept.bucket.put(
    keyOf(kept, `${runId}.made.json`),
    `${JSON.stringify(made, undefined, 2)}\n`,
  );
  await noteFailure(kept, runId, undefined);
}

/** Neither locks nor drafts. */
function filesOf(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LABEL_VALUE.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => !/^lock\b|\.new$/.test(name))
    .sort();
}

/** Of a file as it is now. */
export async function factOf(path: string): Promise<Omit<FileFact, 'name'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Why a run gave no figures; of one that has some there is no such note. */
export async function noteFailure(
  { bucket, ...kept }: KeptStudy,
  run: string,
  failure: string | undefined,
): Promise<void> {
  const key = keyOf({ bucket, ...kept }, `${run}.failed`);
  if (failure !== undefined) await bucket.put(key, `${failure}\n`);
  else await bucket.remove(key);
}

export async function readFailureNote(kept: KeptStudy, run: string): Promise<string | undefined> {
  return (await kept.bucket.read(keyOf(kept, `${run}.failed`), SMALL_CHARS_MAX))?.text.trim();
}

/** Undefined where there is none. Throws UsageError where it is damaged. */
export async function readKeptIndex(kept: KeptStudy): Promise<RunGroup | undefined> {
  const key = keyOf(kept, GROUP_FILE);
  const found = await kept.bucket.read(key, INDEX_CHARS_MAX);
  if (found === undefined) return undefined;
  try {
    return parseGroup(found.text);
  } catch (error) {
    throw new UsageError(`${kept.bucket.name}/${key} is damaged: ${(error as Error).message}`);
  }
}

/** Whoever is first puts what all would put. Throws UsageError where another study is there. */
export async function shareKeptIndex(
  kept: KeptStudy,
  { question }: OpenStudy,
  index: string,
): Promise<void> {
  if ((await readKeptIndex(kept)) === undefined) {
    await putSafely(kept.bucket, keyOf(kept, GROUP_FILE), index);
  }
  if ((await readKeptIndex(kept))?.question === question) return;
  throw new UsageError(
    `${kept.bucket.name}/${kept.folder} is there and is another study: choose another --study-id`,
  );
}

/** Not over another's, where the server can tell; with `etag`, over that one alone. */
export async function putSafely(
  bucket: Bucket,
  key: string,
  text: string,
  etag?: string,
): Promise<boolean> {
  try {
    return await bucket.putIf(key, text, etag);
  } catch (error) {
    if (!(error instanceof BucketError && error.code === 'NotImplemented')) throw error;
    await bucket.put(key, text);
    return true;
  }
}

/** What a run that is made leaves in no folder: an older state is no part of it. */
export function dropLocal({ path }: RunFolder): void {
  rmSync(path, { recursive: true, force: true });
}
