/**
 * What merging a big study costs, from a folder and from a bucket: runs that are copies of one,
 * each with a seed of its own.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startS3 } from '../support/s3-server.ts';

export interface MergeCost {
  readonly seconds: number;
  readonly rssBytes: number;
}

const FIELD = 'steps.2.boot.wave.size';

/** `points` x `clusters` runs; of several clusters the histories are read, of one the summaries. */
export async function measureMerge(
  root: string,
  points: number,
  clusters: number,
): Promise<MergeCost> {
  const results = mkdtempSync(join(tmpdir(), 'bench-merge-'));
  try {
    const study = await stubStudy(root, results, points, clusters);
    return await bench(root, ['study', 'merge', study, '--no-report']);
  } finally {
    rmSync(results, { recursive: true });
  }
}

/** The same of one cluster, from a bucket whose every answer takes so long. */
export async function measureBucketMerge(
  root: string,
  points: number,
  answerMs: number,
): Promise<MergeCost> {
  const results = mkdtempSync(join(tmpdir(), 'bench-merge-'));
  const s3 = await startS3({ answerMs });
  try {
    const study = await stubStudy(root, results, points, 1);
    const put = (key: string, data: Buffer) => {
      const etag = `"${createHash('md5').update(data).digest('hex')}"`;
      s3.objects.set(`results/tiny/stub/${key}`, { data, etag, writtenMs: Date.now() });
    };
    put('group.json', readFileSync(join(study, 'group.json')));
    for (const entry of readdirSync(study, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const run = entry.name;
      const files = readdirSync(join(study, run)).map((name) => {
        const data = readFileSync(join(study, run, name));
        put(`${run}/${name}`, data);
        const sha256 = createHash('sha256').update(data).digest('hex');
        return { name, bytes: data.length, sha256 };
      });
      const made = { schema: 'bench/made/v1', run, files };
      put(`${run}.made.json`, Buffer.from(JSON.stringify(made)));
    }
    const argv = ['study', 'merge', 's3://results/tiny/stub', '--no-report'];
    return await bench(root, [...argv, '--results', join(results, 'home')], s3.env());
  } finally {
    await s3.close();
    rmSync(results, { recursive: true });
  }
}

/** The folder of such a study. */
async function stubStudy(
  root: string,
  results: string,
  points: number,
  clusters: number,
): Promise<string> {
  const study = join(results, 'tiny/stub');
  mkdirSync(study, { recursive: true });
  const first = join(results, 'tiny/first');
  const tiny = join(root, 'test/support/tiny.yaml');
  await bench(root, ['run', tiny, '--results', results, '--run-id', 'first', '--no-report']);
  const runs = Array.from({ length: points * clusters }, (_, i) => ({
    run: `c${i % clusters}-p${Math.floor(i / clusters) + 1}-r1`,
    set: { [FIELD]: String(Math.floor(i / clusters) + 1) },
    cluster: `c${i % clusters}`,
    repeat: 1,
    done: true,
  }));
  const index = { schema: 'bench/group/v1', id: 'stub', scenario: 'tiny', question: 'stub' };
  writeFileSync(join(study, 'group.json'), JSON.stringify({ ...index, study: { seed: 1 }, runs }));
  const summary = JSON.parse(readFileSync(join(first, 'summary.json'), 'utf8'));
  for (const [i, { run }] of runs.entries()) {
    mkdirSync(join(study, run));
    for (const file of ['manifest.json', 'history.ndjson', 'samples.csv', 'waves.csv']) {
      copyFileSync(join(first, file), join(study, run, file));
    }
    const own = { ...summary, run: { ...summary.run, id: run, seed: i + 1 } };
    writeFileSync(join(study, run, 'summary.json'), JSON.stringify(own, undefined, 2));
  }
  return study;
}

/** A command line in a process that tells how much memory it took. */
function bench(
  root: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<MergeCost> {
  const main = pathToFileURL(join(root, 'dist/main.js')).href;
  const tell = "process.on('exit', () => console.error('rss', process.resourceUsage().maxRSS))";
  const started = performance.now();
  const child = spawn(process.execPath, ['-e', `${tell}; import('${main}')`, 'x', ...argv], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      if (code !== 0) return reject(new Error(`exit ${code}: ${err}`));
      const rss = /^rss (\d+)$/m.exec(err)?.[1] ?? 'NaN';
      resolve({ seconds: (performance.now() - started) / 1000, rssBytes: Number(rss) * 1024 });
    });
  });
}
