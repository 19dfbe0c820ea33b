/** `bench study`: the grid, its folder, going on, and what becomes of a point that fails. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTarget } from '../../src/cli/target.ts';
import { gridPoints, listRuns, parseVary } from '../../src/run/study-points.ts';
import { ROOT } from '../support/sources.ts';
import { cli, temporaryFolder } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');
const WAVES = 'steps.2.boot.wave.size=1,2,4';

describe('the grid', () => {
  test('has all combinations, repeats of a point together', () => {
    const vary = parseVary(['a=1,2', 'b=x']);
    expect(gridPoints(vary)).toEqual([
      { a: '1', b: 'x' },
      { a: '2', b: 'x' },
    ]);
    expect(listRuns(vary, 2).map(({ run }) => run)).toEqual(['p1-r1', 'p1-r2', 'p2-r1', 'p2-r2']);
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
