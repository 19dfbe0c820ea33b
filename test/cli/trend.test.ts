import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appendNight } from '../../src/compare/history/store.ts';
import { night, nightFiles, noisy, steps } from '../support/nights.ts';
import { cli } from './harness.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-trend-'));
const SLOW = { 'simulation.attacher.qps': '2.5' };
const LEVELS = noisy('trend', steps([30, 30], [10, 42]));

function csv(values: readonly (number | string)[]): string {
  const file = join(root, `series-${values.length}-${values[0]}.csv`);
  writeFileSync(file, `time,value\n${values.map((value, i) => `${i},${value}`).join('\n')}\n`);
  return file;
}

const nights = join(root, 'nights');
LEVELS.forEach((boot, index) =>
  appendNight(nights, night({ index, boot, facts: index < 30 ? {} : SLOW })),
);

interface SyntheticCase {
  readonly series: readonly number[];
  readonly expect_corrected: readonly number[];
  readonly expect_otavaCompat: readonly number[];
}

const FIXTURE = new URL('../fixtures/edivisive-synthetic.json', import.meta.url);
const synthetic = JSON.parse(readFileSync(FIXTURE, 'utf8')) as readonly SyntheticCase[];

describe('bench trend --series', () => {
  test('--json prints the change points: index, p, before, after', async () => {
    const { code, out } = await cli(['trend', '--series', csv(LEVELS), '--json']);
    const { changePoints } = JSON.parse(out);
    expect(code).toBe(0);
    expect(changePoints).toMatchObject([
      { index: 30, before: expect.closeTo(30, -0.5), after: expect.closeTo(42, -0.5) },
    ]);
    expect(changePoints[0].p).toBeLessThan(1e-10);
    expect(changePoints[0].direction).toBe('worse');
  });

  test('--direction higher says that more is better', async () => {
    const { out } = await cli(['trend', '--series', csv(LEVELS), '--direction', 'higher']);
    expect(out).toContain('point 30 (30): better by');
  });

  test('--detector otava answers as that tool does', async () => {
    const differing = synthetic.filter((one) => {
      return one.expect_corrected.join() !== one.expect_otavaCompat.join();
    });
    expect(differing.length).toBeGreaterThan(0);
    for (const { series, expect_corrected, expect_otavaCompat } of differing) {
      const found = async (detector: string) => {
        const options = ['--detector', detector, '--min-change', '5', '--json'];
        const { out } = await cli(['trend', '--series', csv(series), ...options]);
        return JSON.parse(out).changePoints.map(({ index }: { index: number }) => index);
      };
      expect(await found('bench')).toEqual(expect_corrected);
      expect(await found('otava')).toEqual(expect_otavaCompat);
    }
  });

  test('--html and --png write a page and a picture', async () => {
    const [html, png] = [join(root, 'out', 't.html'), join(root, 'out', 't.png')];
    const { code } = await cli(['trend', '--series', csv(LEVELS), '--html', html, '--png', png]);
    expect(code).toBe(0);
    expect(readFileSync(html, 'utf8')).toContain('One change of level in 40 points');
    expect(readFileSync(png).subarray(1, 4).toString()).toBe('PNG');
  });

  test.each([
    [['trend'], 64, 'needs the folder of a history'],
    [['trend', 'x', '--series', 'y'], 64, 'needs the folder of a history'],
    [['trend', join(root, 'nowhere')], 64, 'does not exist'],
    [['trend', '--series', join(root, 'nowhere.csv')], 64, 'cannot read'],
    [['trend', '--series', csv(['fast'])], 64, "line 2: 'fast' is no number"],
    [['trend', '--series', csv(LEVELS), '--max-p', '2'], 64, '--max-p'],
  ])('%j fails with %i', async (argv, exitCode, message) => {
    const { code, err } = await cli(argv);
    expect({ code, err }).toMatchObject({ code: exitCode, err: expect.stringContaining(message) });
  });

  test('without any value has insufficient data', async () => {
    expect((await cli(['trend', '--series', csv(['', ''])])).code).toBe(3);
    expect((await cli(['trend', '--series', csv([5])])).code).toBe(0);
  });
});

describe('bench trend DIR', () => {
  test('shows each figure, its changes, and what could be to blame', async () => {
    const { code, out } = await cli(['trend', nights]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^nightly on SIMULATED environment lab: 40 nights, 2026-09-21 to 2026-10-30/,
    );
    expect(out).toContain('point 30 (run night-30, 2026-10-21): worse by');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'between run night-29 and run night-30: simulation.attacher.qps 5 -> 2.5',
    );
    expect(out).toContain(
      'RHEL 9 guest ready success, step boot rhel9: 100.0 %, no change of level',
    );
  });

  test('--json has them all as data', async () => {
    const { out } = await cli(['trend', nights, '--json', '--metric', 'guestReady']);
    const { schema, groups } = JSON.parse(out);
    expect(schema).toBe('bench/trend/v1');
    expect(groups[0].series.map((s: { statistic: string }) => s.statistic)).toEqual(['p50', 'p95']);
    expect(groups[0].series[0].changePoints).toMatchObject([{ index: 30 }]);
  });

  test('takes a folder of results as well; runs that are no nights are left out', async () => {
    const results = join(root, 'results');
    for (const index of [0, 1, 2]) {
      const folder = join(results, 'nightly', `night-${index}`);
      const { summary, manifest } = nightFiles({
        index,
        outcome: index === 2 ? 'partial' : 'complete',
      });
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
      writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
      writeFileSync(join(folder, 'history.ndjson'), '');
    }
    const { code, out, err } = await cli(['trend', results]);
    expect(code).toBe(0);
    expect(out).toContain('2 nights');
    expect(err).toContain('night-2 the run is partial');
  });

  test('of an empty folder has insufficient data', async () => {
    const empty = join(root, 'empty');
    mkdirSync(empty);
    expect(await cli(['trend', empty])).toMatchObject({
      code: 3,
      err: expect.stringContaining('no nights'),
    });
  });

  test('tells of files that it could not use', async () => {
    const damaged = join(root, 'damaged');
    appendNight(damaged, night({ index: 0 }));
    writeFileSync(join(damaged, 'x.json'), '{');
    const { code, err } = await cli(['trend', damaged]);
    expect({ code, err }).toMatchObject({
      code: 0,
      err: expect.stringContaining('x.json is no JSON'),
    });
  });

  test('--html has a figure for each series', async () => {
    const html = join(root, 'out', 'nights.html');
    await cli(['trend', nights, '--html', html, '--png', join(root, 'out', 'nights.png')]);
    const page = readFileSync(html, 'utf8');
    expect(page.match(/<figure /g)).toHaveLength(4);
    expect(page).toContain('simulated cluster');
    expect(page).toContain('simulation.attacher.qps 5 -&gt; 2.5');
  });
});
