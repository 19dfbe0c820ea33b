/** A run kept in a bucket on its way: what a pod before has done is there for the next. */

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bucket, openBucket } from '../../src/bucket/bucket.ts';
import { bucketPlace } from '../../src/bucket/place.ts';
import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import type { RunFolder } from '../../src/record/layout.ts';
import { dropCheckpoints, keepRun, restoreRun } from '../../src/study/checkpoints.ts';
import type { KeptStudy } from '../../src/study/kept-study.ts';
import { temporaryFolder } from '../cli/harness.ts';
import { type S3Server, startS3 } from '../support/s3-server.ts';

let s3: S3Server;
let bucket: Bucket;
let kept: KeptStudy;

beforeAll(async () => {
  s3 = await startS3();
  const place = bucketPlace('s3://results', s3.env());
  const { signal } = new AbortController();
  const options = { clock: systemClock(), env: {}, userAgent: 'test', signal, patienceUs: 0 };
  bucket = await openBucket(place, options);
  kept = { bucket, folder: 'tiny/kept' };
});
afterAll(async () => {
  bucket.close();
  await s3.close();
});
beforeEach(() => {
  s3.objects.clear();
  s3.fault = () => undefined;
});

interface Pod {
  readonly folder: RunFolder;
  write(file: 'history' | 'manifest' | 'summary', text: string): void;
  read(file: 'history' | 'manifest' | 'summary'): string | undefined;
}

const NAMES = { history: 'history.ndjson', manifest: 'manifest.json', summary: 'summary.json' };

function pod(): Pod {
  const path = join(temporaryFolder(), 'r1');
  return {
    folder: { path, scenario: 'tiny', runId: 'r1' },
    write(file, text) {
      mkdirSync(path, { recursive: true });
      if (file === 'history') appendFileSync(join(path, NAMES[file]), text);
      else writeFileSync(join(path, NAMES[file]), text);
    },
    read(file) {
      const name = join(path, NAMES[file]);
      return existsSync(name) ? readFileSync(name, 'utf8') : undefined;
    },
  };
}

/** Each `tick` lets it look once more. */
function keeping({ folder }: Pod) {
  const troubles: unknown[] = [];
  let wake = () => {};
  let asleep = () => {};
  const clock: Clock = {
    ...systemClock(),
    sleep: (_, { signal } = {}) =>
      new Promise((resolve) => {
        wake = resolve;
        signal?.addEventListener('abort', () => resolve());
        asleep();
      }),
  };
  const run = keepRun(kept, folder, { clock, onTrouble: (error) => troubles.push(error) });
  const tick = () =>
    new Promise<void>((resolve) => {
      asleep = resolve;
      wake();
    });
  return { run, tick, troubles };
}

const parts = () => [...s3.objects.keys()].filter((key) => /history\./.test(key)).length;

test('whole lines are kept, each once, and a pod after goes on where they end', async () => {
  const first = pod();
  const { run, tick } = keeping(first);
  await tick();
  expect(s3.objects.size).toBe(0);
  first.write('manifest', '{"m":1}');
  first.write('history', 'header 1\nsent a\nhalf');
  await tick();
  first.write('history', ' a line\nsent b\n');
  first.write('manifest', '{"m":2}');
  await tick();
  await tick();
  expect(parts()).toBe(2);
  first.write('history', 'never kept\n');
  await run.stop();

  const second = pod();
  expect(await restoreRun(kept, second.folder)).toBe(true);
  expect(second.read('history')).toBe('header 1\nsent a\nhalf a line\nsent b\n');
  expect(second.read('manifest')).toBe('{"m":2}');
  const next = keeping(second);
  second.write('history', 'resumed\n');
  await next.tick();
  expect(parts()).toBe(3);
  second.write('summary', '{}');
  second.write('history', 'end\n');
  await next.run.end();
  const third = pod();
  await restoreRun(kept, third.folder);
  expect(third.read('history')).toBe(second.read('history'));
  expect(third.read('summary')).toBe('{}');
});

test('a run that is made anew takes nothing from the one before', async () => {
  const first = pod();
  first.write('history', 'header 1\nsent a\n');
  await keeping(first).run.end();
  const anew = pod();
  anew.write('history', 'header 2\nsent z\n');
  await keeping(anew).run.end();
  const next = pod();
  await restoreRun(kept, next.folder);
  expect(next.read('history')).toBe('header 2\nsent z\n');
  await dropCheckpoints(kept, 'r1');
  expect([...s3.objects.keys()]).toEqual([]);
});

test('a checkpoint that fails is made up for by the next', async () => {
  const first = pod();
  const { run, tick, troubles } = keeping(first);
  first.write('history', 'header 1\n');
  s3.fault = () => ({ status: 503 });
  await tick();
  expect(troubles).toHaveLength(1);
  s3.fault = () => undefined;
  first.write('history', 'sent a\n');
  await run.end();
  const next = pod();
  expect(await restoreRun(kept, next.folder)).toBe(true);
  expect(next.read('history')).toBe('header 1\nsent a\n');
});

test('what is not whole is not gone on with', async () => {
  expect(await restoreRun(kept, pod().folder)).toBe(false);
  const first = pod();
  first.write('history', 'header 1\n');
  await keeping(first).run.end();
  const [key = ''] = [...s3.objects.keys()].filter((each) => /history\./.test(each));
  const object = s3.objects.get(key);
  s3.objects.set(key, { etag: '', writtenMs: 0, data: Buffer.from('header 9\n') });
  const next = pod();
  expect(await restoreRun(kept, next.folder)).toBe(false);
  expect(existsSync(next.folder.path)).toBe(false);
  if (object) s3.objects.set(key, object);
  const list = 'results/tiny/kept/r1/checkpoint.json';
  const text = s3.objects.get(list)?.data.toString() ?? '';
  const out = text.replace(/history\.[0-9a-f.]+/, '../../escaped');
  s3.objects.set(list, { etag: '', writtenMs: 0, data: Buffer.from(out) });
  expect(await restoreRun(kept, next.folder)).toBe(false);
});
