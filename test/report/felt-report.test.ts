/** What the cluster felt, on paper: the picture under the waves, the table's rows, CSV, OpenMetrics. */

import { expect, test } from 'vitest';
import { summarise } from '../../src/analyse/summary.ts';
import type { Run } from '../../src/record/run.ts';
import { exportFiles, exportText } from '../../src/report/export/formats.ts';
import { figuresOfRun } from '../../src/report/inputs/figures-of-run.ts';
import { history } from '../support/history.ts';

/** Two waves of one boot each, and what two questions were answered. */
function measured(): Run {
  const draft = history({ target: 'cluster' });
  const variants = [{ image: 'rhel9', template: 'small' }];
  const step = draft.step({ kind: 'boot', name: 'boots', variants, until: 'guestReady' });
  for (const [wave, at] of [10, 60].entries()) {
    draft.wave({ step, wave, at, n: 1 });
    draft.boot({
      step,
      wave,
      name: `vm-${wave}`,
      seen: at + 0.1,
      running: at + 9,
      guestReady: at + 20,
    });
  }
  const seconds = (...pairs: readonly (readonly [number, number])[]) =>
    pairs.map(([at, value]) => [at * 1e6, value] as const);
  const head = { e: 'metric', t: 99e6, s: step } as const;
  const latency = [
    { labels: { verb: '=GET' }, values: seconds([10, 0.25], [25, 0.5], [70, 0.125]) },
    { labels: { verb: 'LIST' }, values: seconds([10, 2]) },
  ];
  const metrics = [
    { ...head, n: 'latency', unit: 'seconds', q: 'a', series: latency },
    {
      ...head,
      n: 'idle',
      unit: 'count',
      q: 'b',
      series: [{ labels: {}, values: seconds([10, 0]) }],
    },
    { ...head, n: 'silent', unit: 'bytes', q: 'c', series: [] },
  ];
  return { ...draft.run(), metrics };
}

const run = measured();
const summary = summarise(run);
const source = { run, summary, manifest: undefined };

test('stands under the waves, on one time line, and is broken where nobody answered', () => {
  const all = figuresOfRun(source);
  const place = all.findIndex(({ id }) => id === 'felt');
  expect(all[place - 1]?.id).toBe('waves');
  const figure = all[place];
  const charts = figure?.rows.flatMap(({ panels }) => panels) ?? [];
  expect(charts.map(({ title }) => title)).toEqual(['The slowest of each wave', 'latency']);
  expect(new Set(charts.map(({ chart }) => `${chart.x.min} ${chart.x.max}`)).size).toBe(1);
  expect(charts.map(({ chart }) => chart.y.width)).toEqual([74, 74]);
  const [waves, latency] = charts.map(({ chart }) => chart.datasets);
  expect(waves?.[0]?.data).toEqual([
    [10, 19.9],
    [60, 19.9],
  ]);
  // The largest first.
  expect(latency?.map(({ series }) => series)).toEqual(['LIST', '=GET']);
  expect(latency?.[1]?.data).toEqual([
    [10, 0.25],
    [25, 0.5],
    [70, null],
    [70, 0.125],
  ]);
  expect(figure?.answer).toBe('At most: latency 2.00 s (LIST).');
  expect(figure?.notes).toContain('Zero throughout: idle.');
});

test('each value is a row of felt.csv, with no formula in it', () => {
  const file = [...exportFiles('csv', source)].find(({ name }) => name === 'felt.csv');
  const lines = [...(file?.pieces ?? [])].join('').trim().split('\n');
  expect(lines).toHaveLength(1 + 5);
  expect(lines[1]).toBe(`r1,by-hand,0,boots,latency,seconds,"{""verb"":""=GET""}",10,0.25`);
});

test('mean and most are gauges of OpenMetrics; what was not answered is none', () => {
  const lines = [...exportText('openmetrics', source)].join('').split('\n');
  const gauges = lines.filter((line) => line.startsWith('bench_felt{'));
  expect(gauges.map((line) => line.replace(/^.*step=/, 'step=').replace(/ \S+$/, ''))).toEqual([
    'step="boots",metric="latency",unit="seconds",statistic="mean"} 0.71875',
    'step="boots",metric="latency",unit="seconds",statistic="max"} 2',
    'step="boots",metric="idle",unit="count",statistic="mean"} 0',
    'step="boots",metric="idle",unit="count",statistic="max"} 0',
  ]);
});
