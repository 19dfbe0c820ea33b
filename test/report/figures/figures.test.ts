/** What every figure owes its reader, and what single figures have to get right. */

import { describe, expect, test } from 'vitest';
import type { ChartSpec, DatasetSpec } from '../../../src/report/chart/chart-spec.ts';
import { configure } from '../../../src/report/chart/runtime.ts';
import { LIGHT } from '../../../src/report/chart/theme.ts';
import { boots } from '../../../src/report/figures/boots.ts';
import { cloneSpeedUp } from '../../../src/report/figures/clone-speed-up.ts';
import { ecdf } from '../../../src/report/figures/ecdf.ts';
import type { Figure } from '../../../src/report/figures/figure.ts';
import { mergedWaves } from '../../../src/report/figures/series.ts';
import { stages } from '../../../src/report/figures/stages.ts';
import { throughput } from '../../../src/report/figures/throughput.ts';
import { timeToN } from '../../../src/report/figures/time-to-n.ts';
import { waves } from '../../../src/report/figures/waves.ts';
import { figuresOfRun } from '../../../src/report/inputs/figures-of-run.ts';
import { sampleRun } from '../reported.ts';
import { BOOTS, BOOT_SERIES, PVC, SNAPSHOT, SPEED_UP, STAGED } from '../synthetic.ts';

const figures = figuresOfRun({ ...sampleRun(), manifest: undefined });

function charts(figure: Figure): readonly ChartSpec[] {
  return figure.rows.flatMap(({ panels }) => panels.map(({ chart }) => chart));
}

function only(figure: Figure | undefined): Figure {
  if (figure === undefined) throw new Error('no figure');
  return figure;
}

test('a run has all figures, in order, each with a name of its own', () => {
  expect(figures.map(({ id }) => id)).toEqual([
    'clone-pvc-vs-snapshot',
    'boot-rhel9-vs-windows11',
    'time-to-n',
    'waves',
    'ecdf',
    'percentiles',
    'wave-spread',
    'stages',
    'stages-by-wave',
    'stage-distributions',
    'latency-heat-map',
    'throughput',
    'position-in-wave',
    'nodes',
    'storage',
    'measurement-quality',
  ]);
});

describe.each(figures.map((figure) => [figure.id, figure] as const))('%s', (_id, figure) => {
  test('answers its question with numbers', () => {
    expect(figure.question).toMatch(/\?$/);
    expect(figure.answer).toMatch(/\d|no /);
  });

  test('has its numbers in a table', () => {
    expect(figure.table.rows.length).toBeGreaterThan(0);
    for (const row of figure.table.rows) expect(row).toHaveLength(figure.table.headers.length);
  });

  test('names the unit of each value axis', () => {
    for (const chart of charts(figure)) {
      const axes = [chart.x, chart.y, ...(chart.y2 ? [chart.y2] : [])];
      const bare = axes.filter(
        ({ scale, title, format }) => scale !== 'category' && !title && format === 'plain',
      );
      expect(bare).toEqual([]);
    }
  });

  test('starts bars at zero', () => {
    for (const chart of charts(figure).filter(hasBarsFromZero)) {
      expect(chart.isHorizontal ? chart.x : chart.y).not.toHaveProperty('min');
    }
  });

  test('is data: it survives JSON, and asks for no number that is none', () => {
    expect(JSON.parse(JSON.stringify(figure.rows))).toEqual(figure.rows);
    expect(JSON.stringify(figure)).not.toMatch(/NaN|undefined/);
    expect(figure.answer).not.toMatch(/∞/);
  });
});

/** Bars that hang between two values need no zero. */
function hasBarsFromZero(chart: ChartSpec): boolean {
  return chart.datasets.some(
    ({ type = chart.base, data }) =>
      type === 'bar' &&
      data.some((point) => typeof point === 'number' || typeof yOf(point) === 'number'),
  );
}

function yOf(point: DatasetSpec['data'][number]): unknown {
  return point !== null && typeof point === 'object' && 'y' in point ? point.y : undefined;
}

describe('clone speed-up', () => {
  const figure = only(cloneSpeedUp([SPEED_UP]));

  test('shows both means with their intervals and the ratio', () => {
    const [bars] = charts(figure)[0]?.datasets ?? [];
    expect(bars?.data).toEqual([PVC.mean?.value, SNAPSHOT.mean?.value]);
    expect(bars?.whiskers?.[0]).toEqual([PVC.mean?.lo, PVC.mean?.hi]);
    expect(figure.answer).toContain('10.1x (9.21-11.3) as fast, one arm after the other');
  });

  test('claims no interval where there is none', () => {
    const bare = only(cloneSpeedUp([{ ...SPEED_UP, ratioOfMeans: { value: 10 } }]));
    expect(bare.answer).toContain('10.0x as fast');
    expect(JSON.stringify(bare)).not.toContain('95 % interval');
  });

  test('there is none without a comparison', () => {
    expect(cloneSpeedUp([])).toBeUndefined();
  });
});

describe('boots', () => {
  test('show VMI Running beside guest ready', () => {
    const [bars] = charts(only(boots(BOOTS)));
    expect(bars?.datasets.map(({ series }) => series)).toEqual(['VMI Running', 'guest ready']);
    expect(bars?.datasets.map(({ data }) => data.length)).toEqual([2, 2]);
  });

  test('say median where waves missed someone', () => {
    const figure = only(
      boots(
        BOOTS.map((image) => ({ ...image, fact: { ...image.fact, statistic: 'median' as const } })),
      ),
    );
    expect(figure.answer).toContain('median wave');
    expect(figure.answer).not.toContain('mean');
  });
});

describe('ECDF', () => {
  const [chart] = charts(only(ecdf([{ title: 'Cloning', series: [PVC, SNAPSHOT] }])));

  test('ends below 1 where some were missed, marks the end and says how many', () => {
    const curve = chart?.datasets.find(({ series }) => series.startsWith('snapshot'));
    const [, last] = (curve?.data.at(-1) ?? []) as readonly number[];
    expect(last).toBeLessThan(1);
    expect(last).toBeCloseTo(SNAPSHOT.reached / SNAPSHOT.n, 3);
    expect(curve?.series).toMatch(/unfinished of 2,000/);
    expect(chart?.datasets.some(({ marker }) => marker === 'crossRot')).toBe(true);
  });

  test('reaches 1 where none was', () => {
    const curve = chart?.datasets.find(({ series }) => series === 'PVC');
    expect(curve?.data.at(-1)).toHaveProperty('1', 1);
  });

  test('rises only, in few enough points', () => {
    for (const { data, type } of chart?.datasets ?? []) {
      if (type !== 'line') continue;
      const shares = data.map((point) => (point as readonly number[])[1] as number);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      expect(data.length).toBeLessThan(310);
    }
  });
});

describe('waves', () => {
  test('a wave with a miss has a cross and no bar', () => {
    const [chart] = charts(only(waves([SNAPSHOT])));
    const missed = SNAPSHOT.waves.filter(({ points }) =>
      points.some(({ outcome }) => outcome.state !== 'reached'),
    );
    const count = (series: string) =>
      chart?.datasets.find((dataset) => dataset.series === series)?.data.length;
    expect(missed.length).toBeGreaterThan(0);
    expect(count('miss')).toBe(missed.length);
    expect(count('longest of the wave')).toBe(SNAPSHOT.waves.length - missed.length);
  });

  test('too few waves give no slope, and say so', () => {
    const few = { ...PVC, waves: PVC.waves.slice(0, 2) };
    expect(only(waves([few])).answer).toMatch(/^Too few waves for a trend; slowest wave: PVC/);
  });
});

describe('stages', () => {
  test('means add up to the mean of the whole', () => {
    const figure = only(stages(STAGED));
    const [chart] = charts(figure);
    const sum = chart?.datasets.reduce((total, { data }) => total + (data[0] as number), 0);
    expect(sum).toBeCloseTo(PVC.mean?.value ?? 0, 0);
  });

  test('the waterfalls are of real objects', () => {
    const figure = only(stages(STAGED));
    const labels = charts(figure)
      .slice(2)
      .flatMap((chart) => chart.labels ?? []);
    expect(labels).toHaveLength(12);
    for (const label of labels) expect((label as readonly string[])[1]).toMatch(/-\d+$/);
  });
});

describe('time to N', () => {
  const told = (times: readonly number[], asked: number) => {
    const shared = { label: 'guest ready', identity: PVC.identity, isRequested: false };
    const curves = [{ ...shared, times, asked }];
    return only(timeToN([{ title: 'Booting', noun: 'VMs', curves }]));
  };

  test('counts what was there by then', () => {
    const { answer } = told([1, 2, 3, 4, 200], 5);
    expect(answer).toBe('5 VMs guest ready after 3.33 min; the first 3 after 3.00 s.');
  });

  test('is of what was asked for, begun or not', () => {
    const figure = told([1, 2, 3, 4, 200], 3000);
    expect(figure.answer).toMatch(/^5 of 3,000 VMs guest ready after 3.33 min/);
    expect(charts(figure)[0]?.texts?.[0]?.text).toBe('5 of 3,000 in 3.33 min');
    expect(figure.table.rows[0]?.slice(0, 3)).toEqual(['Booting', 'guest ready', '3,000']);
  });

  test('says so where nothing got there', () => {
    expect(told([], 7).answer).toBe('None of 7 VMs got there.');
  });
});

describe('throughput', () => {
  test.each([PVC, ...BOOT_SERIES])('counts each completion once ($name)', (series) => {
    const figure = only(throughput([series]));
    const chart = charts(figure)[0];
    const ends = chart?.datasets.find(({ series: name }) => name === 'completions');
    expect(ends?.data.length).toBeGreaterThan(20);
    const most = chart?.datasets.find(({ isOnRight }) => isOnRight);
    const values = most?.data.map((point) => (point as readonly number[])[1] as number) ?? [];
    expect(Math.max(...values)).toBeGreaterThanOrEqual(100);
  });
});

test('merged waves lose nobody', () => {
  const merged = mergedWaves(PVC.waves, 6);
  expect(merged.length).toBeLessThanOrEqual(6);
  expect(merged.flatMap(({ points }) => points)).toHaveLength(2000);
  expect(merged.at(-1)?.cumulative).toBe(2000);
});

test('chart.js gets a configuration of its own each time: it writes into it', () => {
  const [chart] = charts(only(cloneSpeedUp([SPEED_UP])));
  const before = JSON.stringify(chart);
  const [first, second] = [1, 2].map(() => configure(chart as ChartSpec, LIGHT, 'picture'));
  expect(first?.['data']).not.toBe(second?.['data']);
  expect(JSON.stringify(chart)).toBe(before);
});
