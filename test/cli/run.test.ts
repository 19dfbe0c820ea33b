/** `bench run` in-process: files, output, exit codes. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/core/duration.ts';
import { readManifest } from '../../src/record/manifest.ts';
import { toyCluster } from '../support/toy-cluster.ts';
import { cli, temporaryFolder } from './harness.ts';

const SCENARIO = `
name: toy
storage: { class: rbd, snapshotClass: rbd-snap, accessModes: [ReadWriteMany], volumeMode: Block }
images:
  rhel9: { import: { url: "http://images.example/rhel9.qcow2" }, size: 22Gi }
steps:
  - clone: { name: clones, image: rhel9, sources: [pvc, snapshot], count: 4, wave: { size: 2 } }
`;

function scenarioFile(text = SCENARIO): { readonly file: string; readonly results: string } {
  const folder = temporaryFolder();
  const file = join(folder, 'toy.yaml');
  writeFileSync(file, text);
  return { file, results: join(folder, 'results') };
}

describe('a run', () => {
  test('writes its folder, prints tables on stdout and progress on stderr', async () => {
    const { file, results } = scenarioFile();
    const { code, out, err } = await cli(['run', file, '--results', results, '--run-id', 'r1']);
    expect(code).toBe(0);
    const folder = join(results, 'toy', 'r1');
    for (const name of ['history.ndjson', 'summary.json', 'samples.csv', 'waves.csv']) {
      expect(readFileSync(join(folder, name), 'utf8'), name).not.toBe('');
    }
    expect(out).toContain('SIMULATED');
    expect(out).toContain('snapshot');
    expect(err).toContain("step 3/3 'clones'");
    expect(err).toContain('toy cluster');
    expect(err).not.toContain('\u001b');
    expect(readManifest(join(folder, 'manifest.json'))).toMatchObject({
      run: 'r1',
      scenario: { name: 'toy', text: SCENARIO },
      finished: { outcome: 'complete' },
    });
  });

  test('--repeat makes a group: runs, their spread, and what compare takes', async () => {
    const { file, results } = scenarioFile();
    const shared = ['run', file, '--results', results, '--progress', 'none'];
    const { code, out, err } = await cli([...shared, '--repeat', '3', '--run-id', 'g']);
    expect(code).toBe(0);
    expect(out).toMatch(/toy: 3 runs, g-1 to g-3[\s\S]*Run to run: coefficient of variation/);
    const folder = join(results, 'toy', 'g');
    expect(err).toContain(`group: ${folder}`);
    const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
    expect(read('group.json').runs.map((one: { done: boolean }) => one.done)).toEqual([
      true,
      true,
      true,
    ]);
    const seeds = [1, 2, 3].map((i) => readManifest(join(folder, `g-${i}`, 'manifest.json'))?.seed);
    expect(seeds).toEqual([1, 2, 3]);
    expect(read('group-summary.json').metrics[0].p50.runs).toHaveLength(3);
    const same = await cli(['compare', 'g', 'g', '--results', results]);
    expect(same).toMatchObject({ code: 0, out: expect.stringContaining('3 runs against 3') });
    const again = await cli([...shared, '--repeat', '3', '--run-id', 'g']);
    expect(again).toMatchObject({ code: 64, err: expect.stringContaining('exists') });
  });

  test('prints summary.json alone on stdout with --json', async () => {
    const { file, results } = scenarioFile();
    const { out } = await cli(['run', file, '--results', results, '--json', '--progress', 'none']);
    const summary = JSON.parse(out);
    expect(summary).toMatchObject({
      schema: 'bench/summary/v1',
      run: { id: 'seed-1', scenario: 'toy', target: 'simulated', seed: 1, outcome: 'complete' },
    });
    expect(out).toBe(readFileSync(join(results, 'toy', 'seed-1', 'summary.json'), 'utf8'));
  });

  test('gives the same history for the same seed', async () => {
    const histories = await Promise.all(
      [1, 2].map(async () => {
        const { file, results } = scenarioFile();
        await cli(['run', file, '--results', results, '--seed', '7']);
        return readFileSync(join(results, 'toy', 'seed-7', 'history.ndjson'), 'utf8');
      }),
    );
    expect(histories[0]).toBe(histories[1]);
  });

  test('writes a report beside the results, and none with --no-report', async () => {
    const { file, results } = scenarioFile();
    const page = join(results, '..', 'reports', 'toy', 'r1', 'index.html');
    await cli(['run', file, '--results', results, '--run-id', 'r0', '--no-report']);
    expect(existsSync(join(results, 'toy', 'r0', 'summary.json'))).toBe(true);
    expect(existsSync(join(results, '..', 'reports'))).toBe(false);
    const { err } = await cli(['run', file, '--results', results, '--run-id', 'r1', '--report']);
    expect(err).toContain('report: ');
    expect(readFileSync(page, 'utf8')).toContain('simulated cluster');
  });

  test('beyond the error budget exits 5 and still prints its tables', async () => {
    const { file, results } = scenarioFile();
    const toy = toyCluster(({ metadata }) => (metadata.name.endsWith('-1') ? 'fails' : undefined));
    const { code, out, err } = await cli(['run', file, '--results', results], { toy });
    expect(code).toBe(5);
    expect(out).toContain('PARTIAL');
    expect(err).toContain('operations missed');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('interrupted by %s exits %i after writing what there is', async (signal, expected) => {
    const { file, results } = scenarioFile();
    const toy = toyCluster();
    const abort = new AbortController();
    toy.kernel.schedule(20 * SECOND, () => abort.abort(signal));
    const argv = ['run', file, '--results', results, '--json'];
    const { code, out } = await cli(argv, { toy, interrupt: abort.signal });
    expect(code).toBe(expected);
    expect(JSON.parse(out).run.outcome).toBe('partial');
  });

  test('that hits a defect says with which seed and run, keeps the history, and exits 1', async () => {
    const { file, results } = scenarioFile();
    const toy = toyCluster(({ kind }) => {
      if (kind === 'VolumeSnapshot') throw new Error('planted');
      return undefined;
    });
    const { code, err } = await cli(['run', file, '--results', results, '--run-id', 'r1'], { toy });
    expect(code).toBe(1);
    expect(err).toContain('run r1, seed 1');
    expect(err).toContain('planted');
    const folder = join(results, 'toy', 'r1');
    expect(readFileSync(join(folder, 'history.ndjson'), 'utf8')).toContain('DataVolume');
    expect(readManifest(join(folder, 'manifest.json'))?.finished?.outcome).toBe('crashed');
  });
});

describe('wrong usage exits 64, before anything is created', () => {
  test.each([
    ['no command', [], 'which command'],
    ['an unknown command', ['rum'], 'Did you mean run?'],
    [
      'an unknown option',
      ['run', 'smoke', '--sed', '3'],
      'Unknown argument: sed. Did you mean --seed?',
    ],
    ['an unknown option', ['run', 'S', '--bogus'], 'bogus'],
    ['a slip in what is needed', ['gate', 'latest', '--histroy=x'], 'Did you mean --history?'],
    ['what is needed left out', ['gate', 'latest'], 'which history?'],
    ['a file for a history', ['run', 'S', '--gate', '--history', 'package.json'], 'is a file'],
    ['a missing scenario', ['run'], 'a SCENARIO or a RUN'],
    ['a second scenario', ['run', 'S', 'S'], 'Unknown argument'],
    ['a seed that is no number', ['run', 'S', '--seed', 'x'], '--seed has to be'],
    ['a negative seed', ['run', 'S', '--seed=-1'], '--seed has to be'],
    ['two seeds', ['run', 'S', '--seed', '1', '--seed', '2'], 'more than once'],
    ['an unknown kind of progress', ['run', 'S', '--progress', 'x'], 'Choices'],
    ['a run id that is no name', ['run', 'S', '--run-id', '../x'], 'label value'],
    ['an empty run id', ['run', 'S', '--run-id', ''], 'needs a value'],
    ['a scenario that does not exist', ['run', 'nowhere.yaml'], 'does not exist'],
    ['an override of nothing', ['run', 'S', '--set', 'steps.9.clone.count=1'], '--set'],
  ])('%s', async (_, argv, expected) => {
    const { file, results } = scenarioFile();
    const named = argv.map((arg) => (arg === 'S' ? file : arg));
    const { code, out, err } = await cli(named);
    expect(code).toBe(64);
    expect(out).toBe('');
    expect(err).toContain(expected);
    expect(err).not.toMatch(/\n\s+at /);
    expect(existsSync(results)).toBe(false);
  });

  test('a scenario with problems: each with its place', async () => {
    const { file, results } = scenarioFile(SCENARIO.replace('count: 4', 'count: 0'));
    const { code, err } = await cli(['run', file, '--results', results]);
    expect(code).toBe(64);
    expect(err).toMatch(/toy\.yaml:\d+:\d+ /);
    expect(existsSync(results)).toBe(false);
  });

  test('a run id that is taken', async () => {
    const { file, results } = scenarioFile();
    const argv = ['run', file, '--results', results, '--run-id', 'r1'];
    expect((await cli(argv)).code).toBe(0);
    const { code, err } = await cli(argv);
    expect(code).toBe(64);
    expect(err).toContain('exists');
  });

  test('a results folder that cannot be written', async () => {
    const { file, results } = scenarioFile();
    mkdirSync(results);
    writeFileSync(join(results, 'toy'), '');
    const { code, err } = await cli(['run', file, '--results', results]);
    expect(code).toBe(64);
    expect(err).toContain('cannot make');
  });
});

test.each(['--help', 'help', 'run --help', 'run help'])(
  'the page of help fits the terminal: %s',
  async (line) => {
    const { out } = await cli(line.split(' '), { columns: 70 });
    const wide = out.split('\n').filter((each) => each.length > 70);
    expect({ isHelp: out.includes('--version'), wide }).toEqual({ isHelp: true, wide: [] });
  },
);

test('--help shows commands, options with examples, and exit codes', async () => {
  const top = await cli(['--help']);
  expect(top.code).toBe(0);
  expect(top.out).toContain('bench run <scenario>');
  expect(top.out).toContain('130, 143 interrupted');
  const run = await cli(['run', '--help']);
  expect(run.out).toContain('Examples:');
  expect(run.out).toContain('--set');
  expect((await cli(['--version'])).out.trim()).toBe('0.0.0-test');
});

test('on a terminal progress is redrawn, and without colour where NO_COLOR is set', async () => {
  const { file, results } = scenarioFile();
  const plain = await cli(['run', file, '--results', results], {
    tty: true,
    env: { NO_COLOR: '1' },
  });
  expect(plain.err).toContain('\u001b[');
  expect(plain.out).not.toContain('\u001b[');
});
