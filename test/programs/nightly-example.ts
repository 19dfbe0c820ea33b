/**
 * The worked example of the nightly job: forty nights on the embedded cluster, each with a seed of
 * its own, and from night 31 on an attacher that is half as fast. It plays `bench run --gate` as a
 * nightly job would, prints a line a night, and the verdict of the night on which the regression is
 * named. Nobody tells the verdict about the change; it finds the level, and the manifests say what
 * differs between the last good night and the first bad one.
 *
 * `node dist/programs/test/programs/nightly-example.js [FOLDER]`; default: results/nightly-example. Exits
 * with 1 where the regression is not found, not explained, or something else is called one.
 */

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bench } from '../../src/cli/bench.ts';
import type { Host } from '../../src/run/host.ts';
import { openTarget } from '../../src/cli/target.ts';
import type { NightlyVerdict } from '../../src/compare/nightly/verdict.ts';
import { HOUR, SECOND } from '../../src/core/duration.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { parseRfc3339 } from '../../src/core/time-text.ts';
import { renderVerdict } from '../../src/report/nightly/terminal-verdict.ts';

const ROOT = new URL('../../../../', import.meta.url);
const SCENARIO = fileURLToPath(new URL('scenarios/nightly.yaml', ROOT));

const NIGHTS = 40;
const SLOW_FROM = 31;
const SLOW = 'simulation.attacher.qps=2.5';

/** The first night began at one o'clock. */
const FIRST_NIGHT_US = parseRfc3339('2026-09-01T01:00:00Z') ?? 0;

interface NightResult {
  readonly night: number;
  readonly code: number;
  readonly verdict: NightlyVerdict;
}

async function main(folder: string): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const results: NightResult[] = [];
  for (let night = 1; night <= NIGHTS; night++) {
    const result = await playNight(night, folder);
    results.push(result);
    print(nightLine(result));
  }
  const named = results.find(({ verdict }) => verdict.verdict === 'regression');
  const problems = listProblems(results, named);
  if (named !== undefined) {
    print(`\nThe verdict of night ${named.night}:\n`);
    print(renderVerdict(named.verdict, { width: 100, color: false }));
  }
  print(`See the series: bench trend ${join(folder, 'nights')} --html trend.html --png trend.png`);
  for (const problem of problems) print(`NOT AS EXPECTED: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

async function playNight(night: number, folder: string): Promise<NightResult> {
  const id = `night-${String(night).padStart(2, '0')}`;
  const results = join(folder, 'results');
  const run = ['run', SCENARIO, '--seed', String(night), '--run-id', id, '--results', results];
  const gate = ['--gate', '--history', join(folder, 'nights'), '--no-report'];
  const slow = night >= SLOW_FROM ? ['--set', SLOW] : [];
  const argv = [...run, ...gate, ...slow, '--progress', 'none'];
  const told: string[] = [];
  const code = await bench(hostOf(argv, night, told), openTarget);
  const file = join(results, 'nightly', id, 'verdict.json');
  try {
    return { night, code, verdict: JSON.parse(readFileSync(file, 'utf8')) as NightlyVerdict };
  } catch {
    throw new Error(`night ${night} has no verdict:\n${told.join('')}`);
  }
}

/** This machine, but for the date: one night after the other, in a minute. */
function hostOf(argv: readonly string[], night: number, told: string[]): Host {
  const clock = systemClock();
  const beganUs = FIRST_NIGHT_US + (night - 1) * 24 * HOUR;
  const output = { isTty: false, columns: 100, write: (text: string) => told.push(text) };
  return {
    argv,
    env: {},
    version: '0.0.0-example',
    out: output,
    err: output,
    clock: { ...clock, wallUs: () => beganUs + clock.nowUs() },
    interrupt: new AbortController().signal,
    ask: async () => undefined,
    launch: async () => ({ code: 1, lastWords: 'no processes here' }),
    facts: () => ({ bench: 'example', node: 'any', platform: 'any', cpus: 0, memoryBytes: 0 }),
    rssMaxBytes: () => 0,
  };
}

function nightLine({ night, code, verdict }: NightResult): string {
  const boots = verdict.series.find(
    ({ metric, statistic }) => metric === 'guestReady' && statistic === 'p95',
  );
  const value = boots !== undefined && 'value' in boots.tonight ? boots.tonight.value : Number.NaN;
  const figure = `guest ready p95 ${value.toFixed(1).padStart(5)} s`;
  const mark = night === SLOW_FROM ? '  <- attacher halved' : '';
  const word = verdict.verdict.padEnd(10);
  return `night ${String(night).padStart(2)}  ${figure}  ${word} exit ${code}${mark}`;
}

function listProblems(results: readonly NightResult[], named: NightResult | undefined): string[] {
  const early = results.filter(({ night, code }) => night < SLOW_FROM && code !== 0);
  const problems = early.map(({ night, verdict }) => `night ${night}: ${verdict.headline}`);
  if (named === undefined) return [...problems, 'the regression was not named'];
  if (named.night < SLOW_FROM || named.night > SLOW_FROM + 4) {
    problems.push(`the regression was named on night ${named.night}`);
  }
  const worst = named.verdict.series[0];
  const facts = worst?.blame?.differences.map(({ fact }) => fact) ?? [];
  if (facts.join() !== 'simulation.attacher.qps') {
    problems.push(`to blame is ${facts.join(', ') || 'nothing'}`);
  }
  return problems;
}

function print(line: string): void {
  console.log(line);
}

const started = systemClock();
process.exitCode = await main(process.argv[2] ?? 'results/nightly-example');
print(`${(started.nowUs() / SECOND).toFixed(0)} s`);
