/** Sensitivities: which points are made, what they rank, and what is refused. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTarget } from '../../src/cli/target.ts';
import type { StudyPoint } from '../../src/compare/study-point.ts';
import { sensitivities } from '../../src/compare/study-sensitivity.ts';
import type { StudySummary } from '../../src/compare/study-summary.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { sensitivityPoints } from '../../src/study/sensitivity-points.ts';
import { cli, temporaryFolder } from '../cli/harness.ts';
import { ROOT } from '../support/sources.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');

function simulationOf(...set: readonly string[]) {
  const parsed = loadScenario(TINY, set);
  if (!('scenario' in parsed)) throw new Error('does not load');
  return parsed.scenario.simulation;
}

describe('the points', () => {
  test('are the scenario as it is, then each constant at half and at one and a half', () => {
    expect(sensitivityPoints(simulationOf(), ['kubelet.mapTime', 'kubelet.variation'])).toEqual([
      {},
      { 'simulation.kubelet.mapTime': '350ms' },
      { 'simulation.kubelet.mapTime': '1050ms' },
      { 'simulation.kubelet.variation': '0.1' },
      { 'simulation.kubelet.variation': '0.3' },
    ]);
  });

  test('start from what the scenario sets', () => {
    const points = sensitivityPoints(simulationOf('simulation.virtHandler.qemuTime=3s'), [
      'virtHandler.qemuTime',
    ]);
    expect(points.slice(1).flatMap(Object.values)).toEqual(['1.5s', '4.5s']);
  });

  test('are all taken by the scenario, each another one', () => {
    const points = sensitivityPoints(simulationOf(), []);
    expect(points.length).toBeGreaterThan(80);
    expect(new Set(points.map((set) => JSON.stringify(set))).size).toBe(points.length);
    for (const set of points) {
      const sets = Object.entries(set).map(([path, value]) => `${path}=${value}`);
      expect(loadScenario(TINY, sets)).toHaveProperty('scenario');
    }
  });

  test('are none of a constant that is off, of which there is no half', () => {
    expect(sensitivityPoints(simulationOf(), ['api.watchVariation'])).toEqual([{}]);
    const on = simulationOf('simulation.api.watchVariation=0.5');
    expect(sensitivityPoints(on, ['api.watchVariation']).slice(1).flatMap(Object.values)).toEqual([
      '0.25',
      '0.75',
    ]);
  });

  test('are none of a constant that is not calibrated, or not there', () => {
    expect(() => sensitivityPoints(simulationOf(), ['kubelet.reconcilerLoop'])).toThrow(
      'no calibrated constant kubelet.reconcilerLoop',
    );
  });
});

describe('the ranking', () => {
  const point = (
    set: StudyPoint['set'],
    p95: StudyPoint['metrics'][number]['p95'],
  ): StudyPoint => ({
    set,
    runs: 1,
    failures: [],
    metrics: [
      { metric: 'clone', dimensions: { step: 'clone' }, n: 9, reached: 9, p95: { value: 1 } },
      {
        metric: 'guestReady',
        dimensions: { step: 'boot' },
        n: 9,
        reached: 9,
        ...(p95 && { p95 }),
      },
    ],
  });

  test('has what moves most first, both ways counted, and what gave no number before it', () => {
    const [guests, clones] = sensitivities([
      point({}, { value: 20 }),
      point({ a: '1' }, { value: 19 }),
      point({ a: '3' }, { value: 19.5 }),
      point({ b: '1' }, { value: 16 }),
      point({ b: '3' }, { value: 25 }),
      point({ c: '1' }, { value: 20 }),
      point({ c: '3' }, { over: 600 }),
    ]);
    expect(guests?.metric).toBe('guestReady');
    expect(guests?.bars.map(({ path, swing }) => [path, swing])).toEqual([
      ['c', undefined],
      ['b', 0.45],
      ['a', 0.05],
    ]);
    expect(clones?.bars.map(({ swing }) => swing)).toEqual([0, 0, 0]);
  });

  test('is of each figure of what people wait for, a guest that answers first', () => {
    const answering = (set: StudyPoint['set']): StudyPoint => {
      const { metrics, ...others } = point(set, { value: 20 });
      const reachable = metrics.map((each) => ({ ...each, metric: 'reachable' as const }));
      return { ...others, metrics: [...metrics, ...reachable.slice(1)] };
    };
    const found = sensitivities([answering({}), answering({ a: '1' })]);
    expect(found.map(({ metric }) => metric)).toEqual(['reachable', 'guestReady', 'clone']);
  });
});

test('bench study --sensitivity says which matters, and the merge says the same', async () => {
  const results = temporaryFolder();
  const asked = ['study', TINY, '--sensitivity=virtHandler.qemuTime,virtHandler.tpmTime'];
  const options = ['--results', results, '--study-id', 's'];
  const { code, out } = await cli([...asked, ...options], { openTarget });
  expect(code).toBe(0);
  expect(out).toMatch(
    /RHEL 9 guest ready p95 \(step boot rhel9\), 2\d\.\d s, is moved most by\s+virtHandler\.qemu/,
  );
  expect(out).toMatch(/^virtHandler\.tpmTime .* 0 %$/m);
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  const { out: text } = await cli(['study', 'merge', join(results, 'tiny/s'), '--json']);
  const { sensitivity } = JSON.parse(text) as StudySummary;
  const [first, last] = sensitivity?.[0]?.bars ?? [];
  // The guest has no TPM.
  expect(last).toMatchObject({ path: 'simulation.virtHandler.tpmTime', swing: 0 });
  expect(first?.swing).toBeGreaterThan(0.01);
  const refused = await cli([...asked, '--vary', 'a=1', ...options]);
  expect(refused.err).toContain('--sensitivity varies by itself');
});
