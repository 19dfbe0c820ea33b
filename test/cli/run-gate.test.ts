import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bench } from '../../src/cli/bench.ts';
import type { Host } from '../../src/run/host.ts';
import { openTarget } from '../../src/cli/target.ts';
import { factDifferences } from '../../src/compare/nightly/blame.ts';
import { readHistory } from '../../src/compare/history/store.ts';
import { systemClock } from '../../src/core/system-clock.ts';

const SCENARIO = fileURLToPath(new URL('../../scenarios/smoke.yaml', import.meta.url));

/** `bench run --gate` on the embedded cluster. */
async function night(root: string, ...args: readonly string[]) {
  const told: string[] = [];
  const output = { isTty: false, columns: 100, write: (text: string) => told.push(text) };
  const folders = ['--results', join(root, 'results'), '--history', join(root, 'nights')];
  const host: Host = {
    argv: ['run', SCENARIO, '--gate', '--no-report', '--progress', 'none', ...folders, ...args],
    env: {},
    version: '0.0.0-test',
    out: output,
    err: output,
    clock: systemClock(),
    interrupt: new AbortController().signal,
    ask: async () => undefined,
    launch: async () => ({ code: 1, lastLine: 'no processes here' }),
    facts: () => ({ bench: '0', node: '0', platform: 'test', cpus: 1, memoryBytes: 1 }),
    rssMaxBytes: () => 1,
  };
  return { code: await bench(host, openTarget), out: told.join('') };
}

test('bench run --gate measures, judges, and adds the night to its series', async () => {
  const root = mkdtempSync(join(tmpdir(), 'bench-run-gate-'));
  expect(await night(root, '--run-id', 'a')).toMatchObject({
    code: 0,
    out: expect.stringContaining('LEARNING  smoke, run a on SIMULATED environment article'),
  });
  const slow = ['--set', 'simulation.attacher.qps=2.5', '--seed', '2', '--run-id', 'b'];
  expect((await night(root, ...slow)).code).toBe(0);
  const file = join(root, 'results', 'smoke', 'b', 'verdict.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    verdict: 'learning',
    history: { nights: 1, added: true },
  });
  const [first, second] = readHistory(join(root, 'nights')).nights.map((stored) => stored.night);
  if (first === undefined || second === undefined) throw new Error('two nights were added');
  expect(factDifferences(first, second)).toEqual([
    { fact: 'simulation.attacher.qps', before: '5', after: '2.5' },
  ]);
  const limit = ['--set', 'slo=[{metric: guestReady, percentile: max, max: 1s}]'];
  const other = await night(root, '--set', 'simulation.environment=lab', ...limit, '--run-id', 'c');
  expect(other.out).toContain('environment article -> lab');
  expect(other.code).toBe(4);
});
