import type * as FileSystem from 'node:fs';
import {
  accessSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { appendNight, readHistory } from '../../src/compare/history/store.ts';
import type { NightlyVerdict } from '../../src/compare/nightly/verdict.ts';
import type { Manifest } from '../../src/record/manifest.ts';
import { night, type NightDraft, nightFiles, noisy, steps } from '../support/nights.ts';
import { cli, type CliOptions } from './harness.ts';

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof FileSystem>();
  return { ...fs, accessSync: vi.fn(fs.accessSync) };
});

const STABLE = noisy('stable', steps([25, 30]));

const SLOWER = [...STABLE, 44, 45, 46];

const histories = new Map<readonly number[], string>();

/** A history of nights with these medians; each is made once, and copied. */
function historyOf(levels: readonly number[]): string {
  const known = histories.get(levels);
  if (known !== undefined) return known;
  const folder = join(mkdtempSync(join(tmpdir(), 'bench-nights-')), 'nights');
  mkdirSync(folder);
  levels.forEach((boot, index) => appendNight(folder, night({ index, boot })));
  histories.set(levels, folder);
  return folder;
}

/** A folder with results, and a history of nights with these medians. */
function lab(levels: readonly number[] = STABLE) {
  const root = mkdtempSync(join(tmpdir(), 'bench-gate-'));
  const nights = join(root, 'nights');
  cpSync(historyOf(levels), nights, { recursive: true });
  const results = join(root, 'results');
  const run = (draft: NightDraft, spoil?: (text: string) => string) => {
    const { summary, manifest } = nightFiles(draft);
    const folder = join(results, 'nightly', summary.run.id);
    mkdirSync(folder, { recursive: true });
    const text = JSON.stringify(summary);
    writeFileSync(join(folder, 'summary.json'), spoil === undefined ? text : spoil(text));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'history.ndjson'), '');
    return folder;
  };
  const gate = (folder: string, ...args: readonly string[]) => gateWith({}, folder, ...args);
  const gateWith = (options: CliOptions, folder: string, ...args: readonly string[]) =>
    cli(['gate', folder, '--history', nights, ...args], options);
  return { root, nights, results, run, gate, gateWith };
}

function verdictIn(folder: string): NightlyVerdict {
  return JSON.parse(readFileSync(join(folder, 'verdict.json'), 'utf8')) as NightlyVerdict;
}

describe('exit codes of bench gate', () => {
  test('0: a night like the others, which is added', async () => {
    const { nights, run, gate } = lab();
    const folder = run({ index: 25, boot: 30 });
    const { code, out } = await gate(folder);
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^PASS {2}nightly/),
    });
    expect(readHistory(nights).nights).toHaveLength(26);
    expect(verdictIn(folder)).toMatchObject({ schema: 'bench/verdict/v1', verdict: 'pass' });
  });

  test('2: a regression', async () => {
    const { run, gate } = lab(SLOWER);
    const { code, out } = await gate(run({ index: 28, boot: 45 }));
    expect(code).toBe(2);
    expect(out).toMatch(/^REGRESSION/);
  });

  test('2: a suspicion, where the job is strict', async () => {
    const { run, gate } = lab();
    const folder = run({ index: 25, boot: 45 });
    expect((await gate(folder, '--dry-run')).code).toBe(0);
    expect((await gate(folder, '--strict')).code).toBe(2);
  });

  test('3: data that are no basis for a verdict, which are not added', async () => {
    const { nights, run, gate } = lab();
    const zero = run({ index: 25, boot: 0 });
    expect((await gate(zero)).code).toBe(3);
    const unplaced = run({ index: 26, hash: undefined });
    expect(await gate(unplaced)).toMatchObject({
      code: 3,
      out: expect.stringContaining('no hash'),
    });
    const torn = run({ index: 27 }, (text) => text.slice(0, 100));
    expect(await gate(torn)).toMatchObject({
      code: 3,
      err: expect.stringContaining('cannot be read'),
    });
    expect(readHistory(nights).nights).toHaveLength(25);
  });

  test('3: files of a run that are not what they should be', async () => {
    const { run, gate } = lab();
    const shapeless = run({ index: 25 }, (text) => text.replaceAll('"p50"', '"median"'));
    expect((await gate(shapeless)).code).toBe(3);
    const nameless = run({ index: 26 });
    for (const manifest of ['', '{}', '{"schema":"bench/manifest/v1","run":"night-26"}']) {
      writeFileSync(join(nameless, 'manifest.json'), manifest);
      expect(await gate(nameless)).toMatchObject({
        code: 3,
        out: expect.stringContaining('no manifest.json that can be read'),
      });
    }
  });

  test('0: a summary of no more than the contract names', async () => {
    const { run, gate } = lab();
    const folder = run({ index: 25, boot: 30 }, (text) => {
      const { schema, run: names, metrics } = JSON.parse(text);
      const figures = ['mean', 'p50', 'p90', 'p95', 'p99', 'min', 'max'];
      const kept = ['metric', 'dimensions', 'n', 'reached', 'failed', 'censored', ...figures];
      return JSON.stringify({
        schema,
        run: names,
        metrics: metrics.map((record: Record<string, unknown>) =>
          Object.fromEntries(kept.map((name) => [name, record[name]])),
        ),
      });
    });
    expect((await gate(folder)).code).toBe(0);
  });

  test('64: a folder of results for a history', async () => {
    const { results, run } = lab();
    const folder = run({ index: 25 });
    expect(await cli(['gate', folder, '--history', results])).toMatchObject({
      code: 64,
      err: expect.stringContaining('a folder of their own'),
    });
  });

  test('3: too few nights, where the job is strict; 0 where it is not', async () => {
    const { run, gate } = lab([]);
    const folder = run({ index: 0 });
    expect((await gate(folder, '--strict', '--dry-run')).code).toBe(3);
    const learning = await gate(folder);
    expect(learning).toMatchObject({ code: 0, out: expect.stringMatching(/^LEARNING/) });
  });

  test('0: the same run again, which counts once', async () => {
    const { run, gate, nights } = lab();
    const folder = run({ index: 25 });
    expect((await gate(folder)).code).toBe(0);
    const { nights: added } = readHistory(nights);
    expect(await gate(folder)).toMatchObject({ code: 0, out: expect.stringContaining('already') });
    expect(readHistory(nights).nights).toEqual(added);
  });

  test('4: a limit missed', async () => {
    const { run, gate } = lab();
    const slo = [{ metric: 'guestReady', statistic: 'p50', limitSeconds: 20 }] as const;
    expect((await gate(run({ index: 25, slo }))).code).toBe(4);
  });

  test('5: a run that is not complete', async () => {
    const { run, gate } = lab();
    expect((await gate(run({ index: 25, outcome: 'partial' }))).code).toBe(5);
  });

  test.each([
    [['gate', 'nowhere', '--history', 'x'], "no run 'nowhere'"],
    [['gate', 'latest'], 'which history?'],
    [['run', 's.yaml', '--gate'], '--gate needs'],
    [['run', 's.yaml', '--gate', '--history', '/dev/null'], '/dev/null is a file'],
  ])('64: bench %s', async (argv, message) => {
    const { results } = lab([]);
    const { code, err } = await cli([...argv, '--results', results]);
    expect({ code, err }).toMatchObject({ code: 64, err: expect.stringContaining(message) });
  });

  test('64: files that cannot be read or written', async () => {
    const { root, run, gate } = lab();
    const folder = run({ index: 25 });
    const ack = join(root, 'ack.yaml');
    expect((await gate(folder, '--ack', ack)).code).toBe(64);
    writeFileSync(ack, 'acknowledged: [{ metric: clone }]');
    expect(await gate(folder, '--ack', ack)).toMatchObject({
      code: 64,
      err: expect.stringContaining('acknowledged.0.since'),
    });
    const blocked = await cli(['gate', folder, '--history', ack]);
    expect(blocked.code).toBe(64);
  });
});

describe('bench gate', () => {
  test('--dry-run adds nothing and writes nothing', async () => {
    const { nights, run, gate } = lab();
    const folder = run({ index: 25 });
    expect((await gate(folder, '--dry-run')).code).toBe(0);
    expect(readHistory(nights).nights).toHaveLength(25);
    expect(readdirSync(folder)).not.toContain('verdict.json');
  });

  test('--json prints verdict.json, and nothing else, on stdout', async () => {
    const { run, gate } = lab();
    const folder = run({ index: 25 });
    const { out } = await gate(folder, '--json');
    expect(JSON.parse(out)).toEqual(verdictIn(folder));
  });

  test('--ack accepts a change', async () => {
    const { root, run, gate } = lab(SLOWER);
    const ack = join(root, 'ack.yaml');
    const until = '{ since: night-25, reason: new disks, until: 2027-01-01 }';
    const entries = ['guestReady', 'waveMakespan'].map(
      (metric) => `- { metric: ${metric}, ${until.slice(2)}`,
    );
    writeFileSync(ack, `acknowledged:\n${entries.join('\n')}\n`);
    const { code, out } = await gate(run({ index: 28, boot: 45 }), '--ack', ack);
    expect(code).toBe(0);
    expect(out).toContain('until 2027-01-01: new disks');
  });

  test('--junit and --markdown write files, --github annotations and the job summary', async () => {
    const { root, run, gateWith } = lab(SLOWER);
    const at = (name: string) => join(root, 'out', name);
    mkdirSync(at('.'), { recursive: true });
    writeFileSync(at('summary'), 'before\n');
    const options = { env: { GITHUB_STEP_SUMMARY: at('summary') } };
    const files = ['--junit', at('j/junit.xml'), '--markdown', at('verdict.md'), '--github'];
    const { err } = await gateWith(options, run({ index: 28, boot: 45 }), ...files);
    expect(readFileSync(at('j/junit.xml'), 'utf8')).toContain('<failure type="regression"');
    expect(readFileSync(at('verdict.md'), 'utf8')).toContain('## REGRESSION');
    expect(readFileSync(at('summary'), 'utf8')).toMatch(/^before\n## REGRESSION/);
    expect(err).toMatch(
      /^::error title=bench \(simulated\)%3A regression%3A RHEL 9 guest ready p95%2C step/m,
    );
  });

  test('what cannot be written is told beside the verdict, which stands', async () => {
    const { run, gateWith } = lab(SLOWER);
    const options = { env: { GITHUB_STEP_SUMMARY: '/dev/full' } };
    const { code, out, err } = await gateWith(options, run({ index: 28, boot: 45 }), '--github');
    expect(out).toMatch(/^REGRESSION/);
    expect(err).toContain('cannot write /dev/full: the disk is full (ENOSPC)');
    expect(code).not.toBe(0);
  });

  test('a run in a place where nothing can be written is not half judged', async () => {
    const { nights, run, gate } = lab();
    const folder = run({ index: 25, boot: 30 });
    vi.mocked(accessSync).mockImplementation((path) => {
      if (path !== folder) return;
      throw Object.assign(new Error('no'), { code: 'EROFS', syscall: 'access', path });
    });
    const { code, err } = await gate(folder);
    vi.mocked(accessSync).mockReset();
    expect(code).toBe(64);
    expect(err).toMatch(/verdict\.json: the disk is read-only \(EROFS\)/);
    expect(readHistory(nights).nights).toHaveLength(25);
    expect((await gate(folder, '--dry-run')).code).toBe(0);
  });

  test('--min-change and --min-seconds set what counts', async () => {
    const { run, gate } = lab(SLOWER);
    const folder = run({ index: 28, boot: 45 });
    expect((await gate(folder, '--dry-run', '--min-change', '60')).code).toBe(0);
    expect((await gate(folder, '--dry-run', '--min-seconds', '30')).code).toBe(0);
    expect((await gate(folder, '--dry-run', '--min-change', '-1')).code).toBe(64);
  });

  test('--detector otava names a step after one night, where the other waits for three', async () => {
    const levels = steps([25, 30]).map((level, i) => level + 0.1 * (i % 3));
    const { run, gate } = lab(levels);
    const folder = run({ index: 25, boot: 45 });
    expect((await gate(folder, '--dry-run')).code).toBe(0);
    expect((await gate(folder, '--dry-run', '--detector', 'otava')).code).toBe(2);
  });

  test('judges a run by its name', async () => {
    const { nights, results, run } = lab();
    run({ index: 25 });
    const argv = ['gate', 'latest', '--history', nights, '--results', results];
    expect((await cli(argv)).code).toBe(0);
  });
});

describe('--confirm says in a sentence when a run cannot be made again, and adds nothing', () => {
  const refused = async (change: Partial<Manifest>, ...args: readonly string[]) => {
    const { nights, run, gate } = lab();
    const folder = run({ index: 25, boot: 45 });
    const path = join(folder, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
    writeFileSync(path, JSON.stringify({ ...manifest, ...change }));
    const { code, err } = await gate(folder, '--confirm', '2', ...args);
    expect(code).toBe(64);
    expect(readHistory(nights).nights).toHaveLength(STABLE.length);
    return err;
  };

  test('its cluster is not recorded', async () => {
    const err = await refused({ target: 'cluster' });
    expect(err).toContain('does not record how to reach its cluster: give --context NAME');
  });

  test('its night is over', async () => {
    const started = '2000-01-01T00:00:00Z';
    const err = await refused({ target: 'cluster', started }, '--context', 'prod');
    expect(err).toContain(`the night of run night-25, which ended ${started}, is over`);
  });

  test('it was simulated, and a cluster is named', async () => {
    expect(await refused({}, '--context', 'prod')).toContain(
      'was simulated: leave out the cluster',
    );
  });

  test('it observed the load of others', async () => {
    const lookout = { selector: 'app=x', timeoutUs: 1, waveGapUs: 1 };
    expect(await refused({ lookout })).toContain('observed a load of others');
  });

  test('it has no manifest', async () => {
    expect(await refused({ schema: undefined as never, scenario: undefined as never })).toContain(
      'has no manifest.json to be made again by',
    );
  });
});
