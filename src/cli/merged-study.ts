/** The answer of a study from what is there of it: in folders, or in a bucket. */

import { readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Bucket } from '../bucket/bucket.ts';
import { isPlainKey } from '../bucket/place.ts';
import { fetchStudy } from '../study/fetch-study.ts';
import { factOf, keyOf, type KeptStudy } from '../study/kept-study.ts';
import { mergeStudy } from '../study/merge-study.ts';
import { reportsBeside } from '../run/pages.ts';
import type { Session } from '../run/session.ts';
import { showStudy, type ToldStudy } from './told-study.ts';

export interface MergeOptions {
  readonly json: boolean;
  readonly report: boolean;
  readonly reports: string | undefined;
}

/** Of folders of one study; the first gets the answer. Throws UsageError. */
export async function mergeFolders(
  session: Session,
  folders: readonly string[],
  { json, report, reports }: MergeOptions,
): Promise<ToldStudy> {
  const { id, scenario, summary, runs, missing } = mergeStudy(folders);
  if (missing > 0) session.screen.tell(`study: ${missing} of ${runs.length} runs are missing`);
  const path = folders[0] as string;
  const under = reports ?? reportsBeside(dirname(dirname(path)));
  const page = report ? join(under, scenario, id) : undefined;
  return showStudy(session, summary, { path, runs, page, json });
}

export interface BucketMergeOptions extends MergeOptions {
  /** Where the study is brought to. */
  readonly results: string;
  /** Put the answer and its page into the bucket too. */
  readonly upload: boolean;
}

/** The same of a bucket. Throws UsageError and BucketError. */
export async function mergeBucket(
  session: Session,
  bucket: Bucket,
  options: BucketMergeOptions,
): Promise<ToldStudy> {
  const { kept, path, fetched } = await fetchStudy(bucket, options.results);
  session.screen.tell(`study: ${fetched} files fetched from ${bucket.name}`);
  const told = await mergeFolders(session, [path], options);
  if (!options.upload) return told;
  for (const name of ['study.json', 'study.csv']) await put(kept, join(path, name), name);
  if (told.page !== undefined) await putReport(kept, dirname(told.page));
  session.screen.tell(`answer: ${bucket.name}/${keyOf(kept, 'study.json')}`);
  return told;
}

async function putReport(kept: KeptStudy, folder: string): Promise<void> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const key = ['report', ...relative(folder, path).split(sep)].join('/');
    if (entry.isFile() && isPlainKey(key)) await put(kept, path, key);
  }
}

async function put(kept: KeptStudy, path: string, name: string): Promise<void> {
  await kept.bucket.put(keyOf(kept, name), { path, ...(await factOf(path)) });
}
