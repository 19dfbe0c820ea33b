/** A run on a real cluster whose pod is lost: the next one goes on with it, or makes it anew. */

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bucket, openBucket } from '../../src/bucket/bucket.ts';
import { bucketPlace } from '../../src/bucket/place.ts';
import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import type { RunFolder } from '../../src/record/layout.ts';
import type { Session } from '../../src/run/session.ts';
import { makeKeptRun } from '../../src/study/make-kept-run.ts';
import { temporaryFolder } from '../cli/harness.ts';
import { type S3Server, startS3 } from '../support/s3-server.ts';

const RUN = { run: 'r1', set: {}, cluster: 'paris', repeat: 1, done: false };

const COMMANDS = {
  laneOf: () => 'paris',
  run: () => ['run'],
  resume: () => ['resume'],
};

let s3: S3Server;
let bucket: Bucket;

beforeAll(async () => {
  s3 = await startS3();
  const { signal } = new AbortController();
  const options = { clock: systemClock(), env: {}, userAgent: 'test', signal, patienceUs: 0 };
  bucket = await openBucket(bucketPlace('s3://results', s3.env()), options);
});
afterAll(async () => {
  bucket.close();
  await s3.close();
});
beforeEach(() => s3.objects.clear());

const there = () =>
  [...s3.objects.keys()].map((key) => key.replace('results/tiny/kept/', '')).sort();

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemClock().sleep(2000);
}

interface Process {
  readonly argv: readonly string[];
  readonly folder: RunFolder;
  write(file: string, text: string): void;
}

/** A pod with an empty disk; `child` is what the process of its run does, to its exit code. */
function pod(child: (process: Process) => Promise<number>) {
  const folder = { path: join(temporaryFolder(), 'r1'), scenario: 'tiny', runId: 'r1' };
  const told: string[] = [];
  const over = new AbortController();
  const system = systemClock();
  // An hour of waiting takes a few milliseconds.
  let isLost = false;
  const clock: Clock = {
    ...system,
    sleep: (_, how) => (isLost ? new Promise(() => {}) : system.sleep(2000, how)),
  };
  const write = (file: string, text: string) => {
    mkdirSync(folder.path, { recursive: true });
    if (file === 'history.ndjson') appendFileSync(join(folder.path, file), text);
    else writeFileSync(join(folder.path, file), text);
  };
  const launch = async (argv: readonly string[]) => ({
    code: await child({ argv, folder, write }),
    lastWords: '',
  });
  const session = {
    host: { clock, interrupt: over.signal, launch },
    screen: { tell: (line: string) => told.push(line) },
  } as unknown as Session;
  const kept = { bucket, folder: 'tiny/kept' };
  const made = makeKeptRun(session, COMMANDS, kept, RUN, folder);
  const lose = () => {
    isLost = true;
  };
  return { made, told, lose, interrupt: () => over.abort('SIGTERM') };
}

const AT = '2026-11-30T00:00:00Z';

const manifest = (more = {}) =>
  JSON.stringify({
    schema: 'bench/manifest/v1',
    run: 'r1',
    scenario: { name: 'tiny', path: 'tiny.yaml', text: '', hash: 'x' },
    target: 'cluster',
    seed: 1,
    started: AT,
    host: { bench: '0', node: '0', platform: 'test', cpus: 1, memoryBytes: 1 },
    ...more,
  });

function complete({ write }: Process): number {
  const run = { id: 'r1', scenario: 'tiny', target: 'cluster', seed: 1, outcome: 'complete' };
  write('summary.json', JSON.stringify({ schema: 'bench/summary/v1', run, metrics: [] }));
  write(
    'manifest.json',
    manifest({ finished: { at: AT, outcome: 'complete', wallUs: 1, rssMaxBytes: 1 } }),
  );
  return 0;
}

/** Its pod is lost as soon as what it wrote is in the bucket. */
async function lose(): Promise<void> {
  const lost = pod(async ({ write }) => {
    write('manifest.json', manifest());
    write('history.ndjson', 'header\nsent a\n');
    return new Promise<number>(() => {});
  });
  await until(() => there().includes('r1/checkpoint.json'));
  lost.lose();
  // What it had under way is over.
  await systemClock().sleep(20_000);
}

test('is gone on with, and in the end there are its files and their marker', async () => {
  await lose();
  // Its lock is still there: whoever held it is silent.
  const lock = s3.objects.get('results/tiny/kept/paris.lock');
  expect(lock).toBeDefined();
  s3.objects.delete('results/tiny/kept/paris.lock');
  const next = pod(async (process) => {
    expect(process.argv).toEqual(['resume']);
    const history = join(process.folder.path, 'history.ndjson');
    expect(readFileSync(history, 'utf8')).toBe('header\nsent a\n');
    process.write('history.ndjson', 'end\n');
    return complete(process);
  });
  expect(await next.made).toEqual({ isDone: true, code: 0 });
  expect(next.told).toContain('study: r1 goes on from the bucket');
  const files = ['r1/history.ndjson', 'r1/manifest.json', 'r1/summary.json'];
  await until(() => !there().includes('paris.lock'));
  expect(there()).toEqual(['r1.made.json', ...files]);
});

test('is made anew where it was told to end, and has removed what it made', async () => {
  const first = pod(async ({ write }) => {
    write('history.ndjson', 'header\nsent a\n');
    first.interrupt();
    write('manifest.json', manifest({ cleaned: AT }));
    return 143;
  });
  expect(await first.made).toEqual({ isDone: false, code: 143 });
  expect(there()).not.toContain('r1.failed');
  const next = pod(async (process) => {
    expect(process.argv).toEqual(['run']);
    expect(existsSync(process.folder.path)).toBe(false);
    process.write('history.ndjson', 'another header\nend\n');
    return complete(process);
  });
  expect(await next.made).toEqual({ isDone: true, code: 0 });
  const history = s3.objects.get('results/tiny/kept/r1/history.ndjson');
  expect(history?.data.toString()).toBe('another header\nend\n');
});

test('is cleaned up, and then made anew, where it was cut off as it removed what it made', async () => {
  const first = pod(async ({ write }) => {
    write('history.ndjson', 'header\nsent a\n');
    first.interrupt();
    write('manifest.json', manifest({ removes: true, cleaned: AT }));
    return 137;
  });
  expect(await first.made).toEqual({ isDone: false, code: 137 });
  const asked: (readonly string[])[] = [];
  const next = pod(async (process) => {
    asked.push(process.argv);
    if (process.argv[0] === 'run') {
      expect(existsSync(process.folder.path)).toBe(false);
      process.write('history.ndjson', 'another header\nend\n');
      return complete(process);
    }
    process.write('manifest.json', manifest({ removes: true, cleaned: AT, removed: AT }));
    return 0;
  });
  expect(await next.made).toEqual({ isDone: true, code: 0 });
  expect(asked).toEqual([['resume'], ['run']]);
});

test('that ends badly leaves its reason, and the reason goes once it is made', async () => {
  expect(await pod(async () => 64).made).toEqual({ isDone: false, code: 64 });
  const note = s3.objects.get('results/tiny/kept/r1.failed');
  expect(note?.data.toString()).toContain('r1 ended with 64');
  await pod(async (process) => {
    process.write('history.ndjson', 'header\n');
    return complete(process);
  }).made;
  expect(there()).not.toContain('r1.failed');
});
