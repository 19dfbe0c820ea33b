/** `bench study`: the grid, its folder, going on, and what becomes of a point that fails. */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTarget } from '../../src/cli/target.ts';
import type { JudgedPoint } from '../../src/compare/level-answer.ts';
import { parseRange } from '../../src/study/level.ts';
import { gridPoints, parseVary, pointRuns } from '../../src/study/points.ts';
import { thisProcess } from '../../src/core/process-identity.ts';
import { lockRun } from '../../src/record/run-lock.ts';
import { EMBEDDED } from '../../src/study/question.ts';
import { openStudy } from '../../src/study/open-study.ts';
import { simulatedCluster, withCluster } from '../support/https-cluster.ts';
import { openInThread } from '../support/open-in-thread.ts';
import { ROOT } from '../support/sources.ts';
import { cli, type CliOptions, temporaryFolder } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');
const WAVES = 'steps.2.boot.wave.size=1,2,4';

describe('the grid', () => {
  test('has all combinations, repeats of a point together', () => {
    const vary = parseVary(['a=1,2', 'b=x']);
    expect(gridPoints(vary)).toEqual([
      { a: '1', b: 'x' },
      { a: '2', b: 'x' },
    ]);
    expect(
      pointRuns(gridPoints(vary), { clusters: [{ name: undefined, prefix: '' }], repeat: 2 }).map(
        ({ run }) => run,
      ),
    ).toEqual(['p1-r1', 'p1-r2', 'p2-r1', 'p2-r2']);
  });

  test.each([['a=1,2'], ['a=2..1'], ['a=1s..2m'], ['a=1.5..2']])('refuses the range %s', (text) => {
    expect(() => parseRange([text])).toThrow('LEAST..GREATEST');
  });

  test.each([['a'], ['a='], ['a=1,,2'], ['a=1,1']])('refuses --vary %s', (text) => {
    expect(() => parseVary([text])).toThrow('--vary');
  });
});

describe('bench study', () => {
  test('gives the same bytes again, and makes what is missing', async () => {
    const results = temporaryFolder();
    const asked = ['study', TINY, '--vary', WAVES, '--results', results, '--study-id', 's'];
    const first = await cli(asked, { openTarget });
    expect(first.code).toBe(0);
    expect(first.out).toContain('3 points, 3 runs');
    const folder = join(results, 'tiny', 's');
    const files = ['group.json', 'study.json', 'study.csv', 'p2-r1/history.ndjson'];
    const read = () => files.map((name) => readFileSync(join(folder, name), 'utf8'));
    const before = read();
    rmSync(join(folder, 'p2-r1', 'summary.json'));
    // As a signal leaves a run behind.
    const cut = join(folder, 'p3-r1', 'summary.json');
    const whole = JSON.parse(readFileSync(cut, 'utf8'));
    whole.run = { ...whole.run, outcome: 'partial', reason: 'interrupted' };
    writeFileSync(cut, JSON.stringify(whole));
    const again = await cli(asked, { openTarget });
    expect(again.err).toContain('1 of 3 runs are there already');
    expect(read()).toEqual(before);
    const answer = JSON.parse(before[1] ?? '');
    expect(answer).toMatchObject({ schema: 'bench/study/v1', points: [{ runs: 1 }, {}, {}] });
    // The waves of the step that is varied, of the sizes that were asked for.
    const sizes = answer.points.map(
      (point: { load: { operations: number } }) => point.load.operations,
    );
    expect(sizes).toEqual([1, 2, 4]);
  });

  test('names a point that misses, goes on, and ends with 5', async () => {
    const results = temporaryFolder();
    const vary = ['--vary', 'steps.2.boot.wave.timeout=1s,10m', '--study-id', 's'];
    const { code, out } = await cli(['study', TINY, ...vary, '--results', results], { openTarget });
    expect(code).toBe(5);
    expect(out).toContain('2 points, 2 runs');
    expect(out).toMatch(/- steps\.2\.boot\.wave\.timeout=1s: p1-r1 is (failed|partial): /);
    const { points } = JSON.parse(readFileSync(join(results, 'tiny', 's', 'study.json'), 'utf8'));
    expect(points).toMatchObject([
      { failures: [expect.stringContaining('p1-r1')] },
      { failures: [] },
    ]);
    expect(points[0].load).toBeUndefined();
  });

  test('leaves a run alone that a process still makes', async () => {
    const results = temporaryFolder();
    const self = { ...thisProcess(), doing: 'bench run', since: '' };
    const vary = ['--vary', 'steps.2.boot.wave.size=4', '--seed', '1'];
    const asked = ['study', TINY, ...vary, '--results', results];
    const { err } = await cli(asked);
    const id = /study (study-\w+)/.exec(err)?.[1] ?? '';
    const mine = join(results, 'tiny', id, 'p1-r1');
    rmSync(mine, { recursive: true });
    mkdirSync(mine);
    lockRun({ path: mine, scenario: 'tiny', runId: 'p1-r1' }, self, 0);
    const again = await cli(asked);
    expect(again.code).toBe(64);
    expect(again.err).toContain('run p1-r1 is under way');
    expect(existsSync(join(mine, 'lock'))).toBe(true);
  });

  test('of a file that is not there says that, and not that the question is missing', async () => {
    const none = join(temporaryFolder(), 'nope.yaml');
    const { code, err } = await cli(['study', none]);
    expect(code).toBe(64);
    expect(err).toContain('nope.yaml:1:1: does not exist');
    expect(err).not.toContain('what is to differ');
    const asked = await cli(['study', TINY]);
    expect(asked.err).toContain('what is to differ? give --vary, --sensitivity or a study file');
  });

  test('is made on the cluster that the command line names', async () => {
    await withCluster(
      simulatedCluster,
      async ({ kubeconfig, folder, requests }) => {
        const results = join(folder, 'results');
        const vary = ['--vary', 'steps.0.clone.count=1,2', '--study-id', 's'];
        const asked = ['study', TINY, ...vary, '--kubeconfig', kubeconfig, '--results', results];
        const { code, err } = await cli([...asked, '--yes'], { openTarget: openInThread });
        expect({ code, err }).toMatchObject({ code: 0 });
        const study = JSON.parse(readFileSync(join(results, 'tiny/s/study.json'), 'utf8'));
        expect(study).toMatchObject({ points: [{ runs: 1 }, { runs: 1 }] });
        const clones = requests.filter((each) => /^POST .*\/datavolumes$/.test(each));
        // Of each run a dry one and the image; then one clone of each source, and two of each.
        expect(clones).toHaveLength(2 * 2 + 2 + 4);
      },
      { speed: 60 },
    );
  });

  test.each([
    [['--sensitivity=kubelet'], '--sensitivity is of the simulated cluster'],
    [['--vary', WAVES, '--twin', 'twin.yaml'], '--twin is a simulated cluster'],
  ])('that is of the simulator refuses a real cluster: %s', async (asked, message) => {
    const { code, err } = await cli(['study', TINY, ...asked, '--context', 'prod']);
    expect(code).toBe(64);
    expect(err).toContain(message);
  });

  test('of another cluster without a name is another study', () => {
    const question = (context: string) => {
      const clusters = [{ ...EMBEDDED, connection: { context } }];
      const set = { set: [], vary: parseVary([WAVES]), search: undefined };
      const asked = { ...set, sensitivity: undefined, repeat: 1, seed: 1, clusters };
      const opened = openStudy({ name: undefined, scenario: TINY, ...asked }, 'results', undefined);
      return 'problems' in opened ? opened.problems : opened.id;
    };
    expect(question('east')).toMatch(/^study-/);
    expect(question('east')).toBe(question('east'));
    expect(question('east')).not.toBe(question('west'));
  });

  test('is one question a folder', async () => {
    const results = temporaryFolder();
    const asked = ['study', TINY, '--vary', 'steps.2.boot.wave.size=4', '--study-id', 's'];
    const where = ['--results', results];
    expect((await cli([...asked, ...where])).code).toBe(0);
    const { code, err } = await cli([...asked, '--seed', '2', ...where]);
    expect(code).toBe(64);
    expect(err).toContain('is another study');
  });

  test('refuses a field that is not there before the first run', async () => {
    const results = temporaryFolder();
    const { code, err } = await cli(
      ['study', TINY, '--vary', 'steps.2.boot.wave.sice=1', '--results', results],
      { openTarget },
    );
    expect(code).toBe(64);
    expect(err).toContain('sice');
  });
});

describe('bench study --until', () => {
  const results = temporaryFolder();
  const search = (until: string, id: string, options: CliOptions = { openTarget }) => {
    const range = ['--vary', 'steps.2.boot.wave.size=1..2', '--until', until];
    return cli(['study', TINY, ...range, '--results', results, '--study-id', id], options);
  };
  const read = (id: string, file = 'study.json') =>
    readFileSync(join(results, 'tiny', id, file), 'utf8');

  test('finds the largest wave, says why it stopped, and goes on to the same bytes', async () => {
    const loose = await search('vmiRunning.p95<=1h', 'loose');
    expect(loose.out).toContain('Both ends keep vmiRunning p95');
    const { answer } = JSON.parse(read('loose'));
    const [first, last] = answer.points.map(({ estimate }: JudgedPoint) => Object(estimate).value);
    expect(first).toBeLessThan(last);
    const limit = `vmiRunning.p95<=${Math.round((first + last) * 500)}ms`;
    const { code, out } = await search(limit, 'tight');
    expect(code).toBe(0);
    expect(out).toMatch(/Largest wave that keeps vmiRunning p95 <= .*: 1/);
    expect(out).toContain('It stopped there: 2 misses it, p95 is');
    const files = ['study.json', 'study.csv', 'group.json'];
    const before = files.map((file) => read('tight', file));
    rmSync(join(results, 'tiny', 'tight', 'p2-r1'), { recursive: true });
    await search(limit, 'tight');
    expect(files.map((file) => read('tight', file))).toEqual(before);
  });

  test.each([
    ['guestReady.p95', 'write for example'],
    ['guestRedy.p95<=1s', 'guestReady'],
    ['guestReady.p42<=1s', 'p95'],
    ['guestReady.p95<=long', 'no duration'],
    ['stop.p95<=1s', 'no figure stop; they have'],
  ])('refuses %s', async (until, says) => {
    const { code, err } = await search(until, 'refused', {});
    expect(code).toBe(64);
    expect(err).toContain(says);
  });
});
