/** The page of a study: its pictures, what they claim, and names that are markup. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeLaw, operationalBounds } from '../../src/analyse/statistics/knee.ts';
import type { StudyPoint } from '../../src/compare/study-point.ts';
import type { StudySummary } from '../../src/compare/study-summary.ts';
import { studyFigures } from '../../src/report/study/study-figures.ts';
import { writeStudyReport } from '../../src/report/study/study-report.ts';
import { temporaryFolder } from '../cli/harness.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';

const SIZES = [10, 20, 40, 80];

/** 10 s without load, and a station that lets 4 a second through. */
const seconds = (n: number) => Math.max(10, n / 4);

const point = (n: number, qps: string): StudyPoint => ({
  set: { 'steps.0.boot.wave': String(n), qps },
  runs: 1,
  failures: n === 80 ? [`p4-r1 is failed: ${HOSTILE}`] : [],
  load: {
    metric: 'vmiRunning',
    operations: n,
    seconds: { value: seconds(n), lo: seconds(n) - 1, hi: seconds(n) + 1 },
    perSecond: { value: n / seconds(n) },
  },
  metrics: [
    {
      metric: 'vmiRunning',
      dimensions: { step: 'boot' },
      n,
      reached: n,
      p95: n === 10 && qps === '9' ? { never: true } : { value: seconds(n) },
    },
  ],
});

function study(qps: readonly string[]): StudySummary {
  const levels = SIZES.map((n) => ({ n, seconds: seconds(n) }));
  const bounds = operationalBounds([...levels, { n: 120, seconds: 30 }]);
  const law = judgeLaw(levels);
  const knee = 'none' in bounds ? bounds : { value: bounds.knee, method: 'operational bounds' };
  const curve = { path: 'steps.0.boot.wave', knee, bounds, ...(law && { law }) };
  return {
    schema: 'bench/study/v1',
    id: 's',
    scenario: HOSTILE,
    target: 'simulated',
    seed: 1,
    vary: { 'steps.0.boot.wave': SIZES.map(String), ...(qps.length > 1 ? { qps } : {}) },
    points: qps.flatMap((each) => SIZES.map((n) => point(n, each))),
    curves: qps.map((each) => ({ ...curve, set: qps.length > 1 ? { qps: each } : {} })),
    knee,
  };
}

test('curves carry their bounds, which meet at the knee, and throughput stays below them', () => {
  const [load, map] = studyFigures(study(['5']));
  expect(map).toBeUndefined();
  const charts = load?.rows.flatMap(({ panels }) => panels.map(({ chart }) => chart)) ?? [];
  expect(charts).toHaveLength(2);
  for (const { datasets, rules, texts } of charts) {
    const [measured, bound] = datasets;
    expect(measured?.data).toHaveLength(SIZES.length);
    expect(bound?.data).toHaveLength(SIZES.length + 1);
    expect(rules).toMatchObject([{ axis: 'x', from: 40 }]);
    expect(texts).toMatchObject([{ x: 40, text: 'knee 40' }]);
    expect(bound?.data).toEqual(expect.arrayContaining(measured?.data as unknown[]));
  }
  expect(load?.answer).toContain('Knee of steps.0.boot.wave');
});

test('two fields make a map, whose cells without a figure have no colour', () => {
  const [, map] = studyFigures(study(['5', '9']));
  const datasets = map?.rows[0]?.panels[0]?.chart.datasets ?? [];
  expect(datasets.map(({ data }) => data[0])).toEqual([[-0.5, 0.5], null]);
  expect(map?.table.rows[1]).toEqual(['9', 'never', '10.0', '10.0', '20.0']);
  expect(map?.answer).toContain('most at steps.0.boot.wave=80');
});

test('the page has both pictures with their words, says simulated, and runs no names', async () => {
  const folder = temporaryFolder();
  const { page } = await writeStudyReport(study(['5', '9']), undefined, folder);
  expect(readdirSync(folder).sort()).toEqual(['index.html', 'study-load.png', 'study-map.png']);
  const html = readFileSync(page, 'utf8');
  expect(html).not.toContain(HOSTILE);
  expect(html).toContain('&lt;img src=x');
  expect(html.toLowerCase()).toContain('simulated');
  expect(html.match(/<img [^>]*alt="[^"]{20,}"/g)).toHaveLength(2);
  const png = readFileSync(join(folder, 'study-map.png'));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
});

test('clusters stand slowest first, with the line of all their values and room for figures', () => {
  const row = (cluster: string, value: number): StudyPoint => ({
    ...point(10, '5'),
    set: {},
    cluster,
    target: 'cluster',
    metrics: [{ metric: 'clone', dimensions: { step: 'clone' }, n: 9, reached: 9, p95: { value } }],
  });
  const p95 = { value: 20 };
  const metric = {
    metric: 'clone',
    dimensions: { step: 'clone' },
    n: 18,
    reached: 18,
    failed: 0,
    censored: 0,
    p50: p95,
    p90: p95,
    p95,
    p99: p95,
    betweenShare: 0.4,
    slowest: { cluster: 'b', p95: { value: 21 } },
    fastest: { cluster: 'a', p95: { value: 12 } },
    warnings: [],
  } as const;
  const pool = { set: {}, target: 'cluster', clusters: ['a', 'b'], metrics: [metric] } as const;
  const fleet = {
    ...study(['5']),
    points: [row('a', 12), row('b', 21)],
    curves: [],
    pooled: [pool],
  };
  const [figure] = studyFigures(fleet);
  const chart = figure?.rows[0]?.panels[0]?.chart;
  expect(chart).toMatchObject({
    labels: ['b', 'a'],
    rules: [{ axis: 'x', from: 20 }],
    datasets: [{ data: [21, 12] }],
  });
  expect(chart?.x.suggestedMax).toBeGreaterThan(23);
  expect(figure?.answer).toContain('slowest b, 21.0 s; fastest a, 12.0 s; 40 % of the variance');
});

test('a tornado has a bar on each side of the figure as it is, for what moves it', () => {
  const p95 = (value: number) => ({ p95: { value } });
  const bar = (path: string, low: number, high: number) => ({
    path,
    low: { value: '1s', ...p95(low) },
    high: { value: '3s', ...p95(high) },
    swing: (high - low) / 20,
  });
  const base = { metric: 'guestReady', dimensions: { step: 'boot' }, base: { value: 20 } } as const;
  const moved = { ...base, bars: [bar('simulation.a.b', 18, 23), bar('simulation.a.c', 20, 20.1)] };
  const unmoved = { ...base, bars: [bar('simulation.a.b', 20, 20)] };
  const [only, ...others] = studyFigures({ ...study(['5']), sensitivity: [moved, unmoved] });
  expect(others).toEqual([]);
  expect(only?.answer).toContain(
    'most by a.b (25 %, 18.0 s at 1s, 23.0 s at 3s); 1 of 2 constants',
  );
  const chart = only?.rows[0]?.panels[0]?.chart;
  expect(chart?.rules).toMatchObject([{ axis: 'x', from: 20 }]);
  expect(chart?.datasets.map(({ data }) => data[0])).toEqual([
    [18, 20],
    [20, 23],
  ]);
  expect(chart?.labels).toEqual(['a.b', 'a.c']);
});
