/**
 * What bench itself costs: `npm run perf` prints absolute figures and ratios, and asserts nothing,
 * because machines differ. `npm run perf -- large` adds the run of 100,000 VMs (ten minutes).
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportCost } from '../report/report-cost.ts';
import { measureClusterCost } from './cluster-cost.ts';
import { measureBucketMerge, measureMerge, type MergeCost } from './merge-cost.ts';
import { measureRunTraffic, measureWatchScale } from './watch-scale.ts';

/** `dist/programs/test/programs/perf.js`, four folders below the project. */
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

interface Cost {
  readonly wallSeconds: number;
  readonly rssBytes: number;
  readonly historyBytes: number;
}

interface Line {
  readonly what: string;
  readonly figure: string;
  readonly target: string;
}

const out = (text: string) => process.stdout.write(`${text}\n`);

await main(process.argv.slice(2));

async function main(sections: readonly string[]): Promise<void> {
  out(`bench on ${cpus().length} cores, Node ${process.version}; targets are for 2 idle cores`);
  print('10k-mixed', measureMixed());
  print('cost per VM', measureScaling());
  print('report of 10,000 VMs', await measureReport(10_000, '<= 5 s', '<= 3.0 MB'));
  print('bench cluster', await measureClusterCost(ROOT));
  print('a run behind HTTPS', await measureRunTraffic(ROOT));
  print('bench study merge, 1,000 runs', await measureMerges());
  print('watching 100,000 objects, 2,000 events/s', await measureWatchScale());
  if (!sections.includes('large')) return;
  print('100,000 VMs on 1,100 nodes', measureLarge());
  print('report of 100,000 VMs', await measureReport(100_000, '<= 20 s', '<= 6.0 MB'));
}

function measureMixed(): readonly Line[] {
  const cost = runBench('10k-mixed');
  return [
    { what: 'wall', figure: `${cost.wallSeconds.toFixed(1)} s`, target: '<= 60 s, aim 20 s' },
    { what: 'memory', figure: megabytes(cost.rssBytes), target: '<= 1,500 MB, aim 800 MB' },
    {
      what: 'history, all 14,000 objects',
      figure: `${(cost.historyBytes / 1e6).toFixed(1)} MB`,
      target: '',
    },
  ];
}

/** Deploy and boot alone, at two sizes; the start of the process is in neither figure. */
function measureScaling(): readonly Line[] {
  const few = perVm(1000);
  const many = perVm(10_000);
  const ratio = many.milliseconds / few.milliseconds;
  return [
    { what: '1,000 VMs', figure: `${few.milliseconds.toFixed(2)} ms a VM`, target: '' },
    { what: '10,000 VMs', figure: `${many.milliseconds.toFixed(2)} ms a VM`, target: '' },
    { what: 'ratio', figure: ratio.toFixed(2), target: '<= 1.20' },
    { what: 'history', figure: `${many.historyBytes} B a VM`, target: '<= 3,000 B' },
  ];
}

function perVm(count: number) {
  const cost = runBench('boot-rhel9', [`steps.0.deploy.count=${count}`]);
  return {
    milliseconds: (cost.wallSeconds * 1000) / count,
    historyBytes: Math.round(cost.historyBytes / count),
  };
}

function measureLarge(): readonly Line[] {
  const cost = runBench('boot-rhel9', [
    'steps.0.deploy.count=100000',
    'steps.0.deploy.wave.size=500',
    'steps.1.boot.wave.size=500',
    'simulation.nodes.count=1100',
  ]);
  return [
    { what: 'wall', figure: `${cost.wallSeconds.toFixed(0)} s`, target: '' },
    { what: 'memory', figure: megabytes(cost.rssBytes), target: '<= 4,000 MB' },
  ];
}

/** As many runs as points of one cluster, and as fewer points of many; and from a bucket. */
async function measureMerges(): Promise<readonly Line[]> {
  const lines = (what: string, { seconds, rssBytes }: MergeCost) => [
    { what, figure: `${seconds.toFixed(1)} s`, target: '<= 60 s' },
    { what: `${what}: memory`, figure: megabytes(rssBytes), target: '<= 300 MB' },
  ];
  return [
    ...lines('1000 points, 1 cluster', await measureMerge(ROOT, 1000, 1)),
    ...lines('50 points, 20 clusters', await measureMerge(ROOT, 50, 20)),
    ...lines(
      `1000 points, answers of ${ANSWER_MS} ms`,
      await measureBucketMerge(ROOT, 1000, ANSWER_MS),
    ),
  ];
}

/** Of an object store in another building. */
const ANSWER_MS = 30;

async function measureReport(
  vms: number,
  timeTarget: string,
  sizeTarget: string,
): Promise<readonly Line[]> {
  const { seconds, pageBytes } = await reportCost(vms);
  return [
    { what: 'evaluated run to files', figure: `${seconds.toFixed(1)} s`, target: timeTarget },
    { what: 'page', figure: `${(pageBytes / 1e6).toFixed(1)} MB`, target: sizeTarget },
  ];
}

/** One `bench run` in a process of its own; what its manifest says of the run. */
function runBench(scenario: string, settings: readonly string[] = []): Cost {
  const results = mkdtempSync(join(tmpdir(), 'bench-perf-'));
  const argv = ['run', join(ROOT, 'scenarios', `${scenario}.yaml`), '--results', results];
  const sets = settings.flatMap((setting) => ['--set', setting]);
  const quiet = ['--run-id', 'perf', '--progress', 'none', '--no-report'];
  const child = spawnSync(process.execPath, [
    join(ROOT, 'dist/main.js'),
    ...argv,
    ...sets,
    ...quiet,
  ]);
  if (child.status !== 0) throw new Error(`exit ${child.status}: ${child.stderr.toString()}`);
  const folder = join(results, scenario, 'perf');
  const { finished } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    readonly finished: { readonly wallUs: number; readonly rssMaxBytes: number };
  };
  const historyBytes = statSync(join(folder, 'history.ndjson')).size;
  rmSync(results, { recursive: true });
  return { wallSeconds: finished.wallUs / 1e6, rssBytes: finished.rssMaxBytes, historyBytes };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`;
}

function print(title: string, lines: readonly Line[]): void {
  out(`\n${title}`);
  for (const { what, figure, target } of lines) {
    out(`  ${what.padEnd(50)}${figure.padStart(16)}${target === '' ? '' : `   target ${target}`}`);
  }
}
