/** `bench study point` and `merge`: any order, exact, and nothing missing goes unsaid. */

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { analyse } from '../../src/analyse/analysis.ts';
import { inSeconds } from '../../src/analyse/metric-record.ts';
import { openRun } from '../../src/analyse/open-run.ts';
import { rounded } from '../../src/analyse/rounding.ts';
import { headlineWaves } from '../../src/analyse/samples.ts';
import { summarise } from '../../src/analyse/statistics/summarise.ts';
import { openTarget } from '../../src/cli/target.ts';
import type { PooledPoint } from '../../src/compare/study-pool.ts';
import type { StudySummary } from '../../src/compare/study-summary.ts';
import { ROOT } from '../support/sources.ts';
import { cli, temporaryFolder } from './harness.ts';

const STUDY = `
name: fleet
scenario: ${join(ROOT, 'test/support/tiny.yaml')}
vary: { steps.2.boot.wave.size: [2, 4] }
targets:
  - { name: a, embedded: true }
  - { name: b, embedded: true, set: { simulation.kubelet.launcherTime: 30s } }
  - { name: c, kubeconfig: nowhere }
`;

const folder = temporaryFolder();
const file = join(folder, 'study.yaml');
const results = join(folder, 'results');
const fleet = join(results, 'tiny/fleet');
const point = (index: number, where = results, ...more: readonly string[]) => {
  const asked = ['study', 'point', file, '--index', String(index), '--results', where];
  return cli([...asked, ...more], { openTarget });
};
const merge = (...folders: readonly string[]) => cli(['study', 'merge', ...folders, '--json']);

describe('the points of a study', () => {
  let merged: StudySummary;
  let text: string;

  beforeAll(async () => {
    writeFileSync(file, STUDY);
    // The cluster with a kubeconfig is one index, with both of its runs.
    for (const index of [4, 2, 0, 1, 3]) expect((await point(index)).code).toBe(0);
    const { code, out } = await merge(fleet);
    expect(code).toBe(5);
    text = out;
    merged = JSON.parse(out);
  });

  test('are one study, whose missing cluster is named with the reason', () => {
    expect(merged.points.map(({ cluster, runs }) => [cluster, runs])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 0],
      ['a', 1],
      ['b', 1],
      ['c', 0],
    ]);
    expect(merged.points[2]?.failures).toEqual([
      expect.stringMatching(/^fleet-c-p1-r1 ended with 64: .*nowhere.* -> check --kubeconfig$/),
    ]);
  });

  test('are pooled from all values: to the last digit those of one sample', () => {
    const histories = ['a-p1-r1', 'b-p1-r1'].map((run) => join(fleet, run, 'history.ndjson'));
    const samples = histories.map((path) => analyse(openRun(path)).samples);
    const [{ metrics }] = merged.pooled as [PooledPoint];
    expect(metrics.length).toBeGreaterThan(10);
    for (const { metric, dimensions, n, reached, p50, p95, p99, mean } of metrics) {
      const key = JSON.stringify(dimensions);
      const waves = samples.flatMap((own) =>
        own
          .filter((one) => one.metric === metric && JSON.stringify(one.dimensions) === key)
          .flatMap((one) => inSeconds(headlineWaves(one))),
      );
      const all = rounded(summarise(waves, { seed: 1 }));
      const digits = (estimate: object | undefined) => Object(estimate).value;
      expect({ n, reached }).toEqual({ n: all.n, reached: all.reached });
      for (const [pooled, one] of [
        [p50, all.quantiles.p50],
        [p95, all.quantiles.p95],
        [p99, all.quantiles.p99],
        [mean, all.mean],
      ]) {
        expect(digits(pooled)).toBe(digits(one));
      }
    }
    const running = metrics.find(({ metric }) => metric === 'vmiRunning');
    expect(running?.slowest.cluster).toBe('b');
    expect(running?.warnings).toEqual(['2 clusters carry no interval']);
  });

  test('come out the same whoever made which, in whatever order the folders are named', async () => {
    const other = join(folder, 'other');
    cpSync(results, other, { recursive: true });
    for (const run of ['a-p1-r1', 'b-p2-r1']) rmSync(join(fleet, run), { recursive: true });
    rmSync(join(other, 'tiny/fleet/a-p2-r1'), { recursive: true });
    const [here, there] = [fleet, join(other, 'tiny/fleet')];
    expect((await merge(here, there)).out).toBe(text);
    expect((await merge(there, here)).out).toBe(text);
    const half = await merge(here);
    expect(half.code).toBe(5);
    expect(half.err).toContain('4 of 6 runs are missing');
    expect(half.out).toContain('a-p1-r1 is missing');
    // Made again it is whole again, and a run that is there is not touched.
    const kept = readFileSync(join(here, 'a-p2-r1/manifest.json'), 'utf8');
    for (const index of [0, 3, 4]) await point(index);
    expect((await merge(here)).out).toBe(text);
    expect(readFileSync(join(here, 'a-p2-r1/manifest.json'), 'utf8')).toBe(kept);
  });

  test('end as their runs ended where that is asked for', async () => {
    expect((await point(2, results, '--findings')).code).toBe(64);
    expect((await point(0, results, '--findings')).code).toBe(0);
    const beyond = await point(9);
    expect(beyond.code).toBe(64);
    expect(beyond.err).toContain('the study has 0 to 4');
  });

  test('are never pooled where one is simulated and the other is not', async () => {
    const mixed = join(folder, 'mixed/tiny/fleet');
    cpSync(fleet, mixed, { recursive: true });
    const path = join(mixed, 'b-p1-r1/summary.json');
    const summary = JSON.parse(readFileSync(path, 'utf8'));
    const run = { ...summary.run, target: 'cluster' };
    writeFileSync(path, JSON.stringify({ ...summary, run }));
    const { out } = await merge(mixed);
    const { target, pooled = [] } = JSON.parse(out) as StudySummary;
    expect(target).toBe('mixed');
    expect(pooled.map(({ set }) => set)).toEqual([{ 'steps.2.boot.wave.size': '4' }]);
  });

  test('are not counted twice', async () => {
    const copy = join(folder, 'copy/tiny/fleet');
    cpSync(fleet, copy, { recursive: true });
    rmSync(join(copy, 'b-p1-r1'), { recursive: true });
    cpSync(join(copy, 'a-p1-r1'), join(copy, 'b-p1-r1'), { recursive: true });
    const { code, err } = await merge(copy);
    expect(code).toBe(64);
    expect(err).toContain('a-p1-r1 and b-p1-r1 have the same seed 1');
    const both = await merge(copy, fleet);
    expect(both.err).toContain('are two runs of one place');
  });
});
