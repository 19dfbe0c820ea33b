import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bench } from '../../src/cli/bench.ts';
import type { Host } from '../../src/run/host.ts';
import { openTarget } from '../../src/cli/target.ts';
import { factDifferences } from '../../src/compare/nightly/blame.ts';
import { appendNight, readHistory } from '../../src/compare/history/store.ts';
import type { NightlyVerdict } from '../../src/compare/nightly/verdict.ts';
import { readManifest } from '../../src/record/manifest.ts';
import { systemClock } from '../../src/core/system-clock.ts';

const SCENARIO = fileURLToPath(new URL('../../scenarios/smoke.yaml', import.meta.url));

/** `bench run --gate` on the embedded cluster. */
function night(root: string, ...args: readonly string[]) {
  const nights = ['--history', join(root, 'nights')];
  return play(root, 'run', SCENARIO, '--gate', '--no-report', ...nights, ...args);
}

async function play(root: string, ...argv: readonly string[]) {
  const told: string[] = [];
  const output = { isTty: false, columns: 100, write: (text: string) => told.push(text) };
  const host: Host = {
    argv: [...argv, '--progress', 'none', '--results', join(root, 'results')],
    env: {},
    version: '0.0.0-test',
    out: output,
    err: output,
    clock: systemClock(),
    interrupt: new AbortController().signal,
    ask: async () => undefined,
    launch: async () => ({ code: 1, lastWords: 'no processes here' }),
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

const SLOW = ['--set', 'simulation.attacher.qps=0.2', '--set', 'simulation.attacher.burst=1'];

/** A folder with a history of nights like the run a. */
async function established() {
  const root = mkdtempSync(join(tmpdir(), 'bench-run-confirm-'));
  const nights = join(root, 'nights');
  await night(root, '--run-id', 'a');
  const [first] = readHistory(nights).nights;
  if (first === undefined) throw new Error('a night was added');
  for (let day = 1; day <= 20; day++) {
    const started = `2020-01-${String(day).padStart(2, '0')}T00:00:00.000000Z`;
    appendNight(nights, { ...first.night, run: `night-${day}`, started });
  }
  return { root, nights };
}

test('--confirm makes a suspect night again, and most of its runs decide', async () => {
  const { root, nights } = await established();
  const { code, out } = await night(root, ...SLOW, '--run-id', 'b', '--confirm', '2');
  expect(code).toBe(2);
  expect(out).toMatch(/SUSPECT: .*--confirm 2: more runs decide/);
  expect(out).toMatch(/REGRESSION {2}smoke, run b[\s\S]* in 3 of 3 runs tonight/);
  const verdict = join(root, 'results', 'smoke', 'b', 'verdict.json');
  expect(JSON.parse(readFileSync(verdict, 'utf8'))).toMatchObject({ verdict: 'regression' });
  // The night counts once, however often it was made.
  expect(readHistory(nights).nights).toHaveLength(22);
  const alone = await night(root, '--run-id', 'c', '--confirm', '2', '--repeat', '2');
  expect(alone).toMatchObject({ code: 64, out: expect.stringContaining('not for --repeat') });
});

test('bench gate --confirm makes a run again that was measured before', async () => {
  const { root, nights } = await established();
  await play(root, 'run', SCENARIO, '--no-report', ...SLOW, '--seed', '7', '--run-id', 'b');
  const judged = ['gate', 'b', '--history', nights, '--confirm', '2'];
  const { code, out } = await play(root, ...judged, '--json');
  expect(code).toBe(2);
  const verdict = JSON.parse(out.slice(out.indexOf('\n{') + 1)) as NightlyVerdict;
  expect(verdict.headline).toContain('in 3 of 3 runs tonight');
  expect(verdict.notes).toContain('made again the same night: b-confirm-1, b-confirm-2');
  const seedOf = (run: string) =>
    readManifest(join(root, 'results', 'smoke', run, 'manifest.json'))?.seed;
  expect([seedOf('b-confirm-1'), seedOf('b-confirm-2')]).toEqual([8, 9]);
  expect(readHistory(nights).nights).toHaveLength(22);
  // Judged once more, it is the same night, and the runs do not collide.
  const again = await play(root, ...judged);
  expect(again).toMatchObject({ code: 2, out: expect.stringContaining('b-confirm-1-2') });
  expect(readHistory(nights).nights).toHaveLength(22);
  // A night like the others needs no further run.
  const calm = await play(root, 'gate', 'a', '--history', nights, '--confirm', '2', '--dry-run');
  expect(calm.out).not.toContain('confirm');
});
