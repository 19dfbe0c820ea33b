import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/core/exit-code.ts';
import { GROUP_SCHEMA, writeGroup } from '../../src/record/group.ts';
import { MANIFEST_SCHEMA } from '../../src/record/manifest.ts';
import { history } from '../support/history.ts';
import { cli, temporaryFolder } from './harness.ts';

const results = temporaryFolder();

/** A recorded run of ten waves of two clones each, all of which took `seconds`. */
function record(id: string, seconds: number, hash = 'h1'): void {
  const draft = history({ target: 'simulated' });
  const variants = [{ image: 'rhel9', source: 'pvc' }];
  const until = 'dataVolumeSucceeded';
  const step = draft.step({ kind: 'clone', name: 'clones', variants, until });
  for (let wave = 0; wave < 10; wave++) {
    const at = 100 * wave;
    draft.wave({ step, wave, at, n: 2 });
    for (const i of [0, 1]) {
      const length = seconds + 0.01 * wave + 0.1 * i;
      draft.clone({ step, wave, name: `c-${wave}-${i}`, seen: at, succeeded: at + length });
    }
  }
  draft.end(1000);
  const folder = join(results, 'by-hand', id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'history.ndjson'), draft.text());
  const scenario = { name: 's', path: 's', text: '', sha256: '', overrides: [], hash };
  const started = '2024-06-01T00:00:00Z';
  const host = { bench: '0', node: '0', platform: 'x', cpus: 1, memoryBytes: 1 };
  const facts = { run: id, scenario, target: 'simulated', seed: 1, started, argv: [], host };
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({ schema: MANIFEST_SCHEMA, ...facts }),
  );
}

record('base', 10);
record('same', 10);
record('slow', 15);
record('fast', 5);
record('other', 10, 'h2');

/** Runs of one group: what `bench run --repeat` leaves behind. */
function group(id: string, lengths: readonly number[]): void {
  const runs = lengths.map((seconds, i) => {
    record(`${id}/${id}-${i + 1}`, seconds);
    return { run: `${id}-${i + 1}`, set: {}, repeat: i + 1, done: true };
  });
  const folder = join(results, 'by-hand', id);
  writeGroup(folder, { schema: GROUP_SCHEMA, id, scenario: 'by-hand', runs });
}

group('before', [10, 10.3, 9.8, 10.1]);
group('after', [14.8, 15.2, 15, 14.9]);
group('again', [10.2, 9.9, 10, 10.25]);

function compare(...args: readonly string[]) {
  return cli(['compare', '--results', results, ...args]);
}

describe('bench compare', () => {
  test.each([
    ['same', EXIT.ok, 'unchanged'],
    ['fast', EXIT.ok, 'better'],
    ['slow', EXIT.regression, 'worse'],
  ])('base %s exits with %i', async (head, code, verdict) => {
    const result = await compare('base', head);
    expect(result.code).toBe(code);
    expect(result.out).toMatch(new RegExp(`RHEL 9 PVC clone .* ${verdict}\n`));
    expect(result.err).toBe('');
  });

  test('refuses runs of different scenarios, and says what to do', async () => {
    const refused = await compare('base', 'other');
    expect(refused).toMatchObject({ code: EXIT.invalid, out: '' });
    expect(refused.err).toMatch(/scenario hash: h1 in base, h2 in head[\s\S]*--allow-different/);
    const allowed = await compare('base', 'other', '--allow-different');
    expect(allowed.code).toBe(EXIT.ok);
    expect(allowed.out).toContain('Not the same measurement');
  });

  test('prints all of it as JSON', async () => {
    const { out, code } = await compare('base', 'slow', '--json');
    const comparison = JSON.parse(out);
    expect(code).toBe(EXIT.regression);
    expect(comparison).toMatchObject({ schema: 'bench/comparison/v1', differences: [] });
    expect(comparison.rows[0]).toMatchObject({ metric: 'clone', verdict: 'worse' });
    expect(comparison.rows[0].ratioOfMedians.hi).toBeLessThan(1);
  });

  test('takes run folders', async () => {
    const folder = (id: string) => join(results, 'by-hand', id);
    expect((await compare(folder('base'), folder('same'))).code).toBe(EXIT.ok);
  });

  test('of a run that is not there, or is no run, is bad usage', async () => {
    expect(await compare('base', 'nobody')).toMatchObject({ code: EXIT.usage });
    const broken = join(results, 'by-hand', 'broken', 'history.ndjson');
    mkdirSync(dirname(broken), { recursive: true });
    writeFileSync(broken, 'hello\n');
    const result = await compare('base', 'broken');
    expect(result.code).toBe(EXIT.usage);
    expect(result.err).toContain('no entries');
  });
});

describe('bench compare of several runs a side', () => {
  test('takes groups by their name, and the run as the unit', async () => {
    const { code, out } = await compare('before', 'after');
    expect(code).toBe(EXIT.regression);
    expect(out).toContain('4 runs against 4');
    expect(out).toMatch(/RHEL 9 PVC clone median .* worse\n/);
    expect(out).toContain('The run is the unit');
    expect(await compare('before', 'again')).toMatchObject({ code: EXIT.ok });
  });

  test('takes runs by --base and --head, of any number each', async () => {
    const base = ['before-1', 'before-2', 'before-3'].map((run) => `before/${run}`);
    const folders = base.map((run) => join(results, 'by-hand', run));
    const { code, out } = await compare('--base', ...folders, '--head', 'after', '--json');
    expect(code).toBe(EXIT.regression);
    const { schema, base: left, head: right, rows } = JSON.parse(out);
    expect(schema).toBe('bench/group-comparison/v1');
    expect([left.length, right.length]).toEqual([3, 4]);
    expect(rows[0].spread.baseline).toBeCloseTo(0.025, 2);
  });

  test('gives no verdict of fewer than three, and says what to do', async () => {
    const folders = [1, 2].map((i) => join(results, 'by-hand', 'after', `after-${i}`));
    const { code, out } = await compare('--base', 'before', '--head', ...folders);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('Fewer than 3 runs on a side give no verdict: bench run S --repeat 5');
    expect(out).not.toMatch(/ worse\n/);
  });

  test('of one run a side says what its intervals lack', async () => {
    const { out } = await compare('base', 'same');
    expect(out).toContain('One run a side');
    expect(out).toMatch(/--repeat 5|--history DIR/);
  });

  test('of a history that is not there says so', async () => {
    const nowhere = await compare('base', 'same', '--history', join(results, 'nihgts'));
    expect(nowhere.err).toMatch(/nihgts does not exist: intervals are of single runs/);
  });

  test.each([[['base']], [['base', 'same', 'slow']], [['--base', 'base']]])(
    'asks which runs: %j',
    async (args) => {
      const asked = await compare(...args);
      expect(asked.code).toBe(EXIT.usage);
      expect(asked.err).toContain('--base A1 A2 A3 --head B1 B2 B3');
    },
  );
});
