/** What merging a big study costs: runs that are copies of one, each with a seed of its own. */

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface MergeCost {
  readonly seconds: number;
  readonly rssBytes: number;
}

const FIELD = 'steps.2.boot.wave.size';

/** `points` x `clusters` runs; of several clusters the histories are read, of one the summaries. */
export function measureMerge(root: string, points: number, clusters: number): MergeCost {
  const results = mkdtempSync(join(tmpdir(), 'bench-merge-'));
  const study = join(results, 'tiny/stub');
  mkdirSync(study, { recursive: true });
  const first = join(results, 'tiny/first');
  const tiny = join(root, 'test/support/tiny.yaml');
  bench(root, ['run', tiny, '--results', results, '--run-id', 'first', '--no-report']);
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
    for (const file of ['manifest.json', 'history.ndjson']) {
      copyFileSync(join(first, file), join(study, run, file));
    }
    const own = { ...summary, run: { ...summary.run, id: run, seed: i + 1 } };
    writeFileSync(join(study, run, 'summary.json'), JSON.stringify(own, undefined, 2));
  }
  const cost = bench(root, ['study', 'merge', study, '--no-report']);
  rmSync(results, { recursive: true });
  return cost;
}

/** A command line in a process that tells how much memory it took. */
function bench(root: string, argv: readonly string[]): MergeCost {
  const main = pathToFileURL(join(root, 'dist/main.js')).href;
  const tell = "process.on('exit', () => console.error('rss', process.resourceUsage().maxRSS))";
  const started = performance.now();
  const child = spawnSync(process.execPath, ['-e', `${tell}; import('${main}')`, 'x', ...argv], {
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (child.status !== 0) throw new Error(`exit ${child.status}: ${child.stderr}`);
  const rss = /^rss (\d+)$/m.exec(child.stderr)?.[1] ?? 'NaN';
  return { seconds: (performance.now() - started) / 1000, rssBytes: Number(rss) * 1024 };
}
