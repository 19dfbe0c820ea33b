/** PromQL over scraped values, against answers that Prometheus gives to the same. */

import { describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../../src/core/duration.ts';
import { createEvaluator, type Value } from '../../../src/sim/monitoring/evaluate.ts';
import type { Labels, MetricFamily } from '../../../src/sim/monitoring/family.ts';
import { parsePromql } from '../../../src/sim/monitoring/promql.ts';
import { createSampleStore } from '../../../src/sim/monitoring/sample-store.ts';

type Series = readonly [name: string, labels: Labels, value: (i: number) => number | undefined];

/** Scraped every `everyUs`, from 0 on. */
function storeOf(series: readonly Series[], everyUs: number, scrapes: number) {
  const store = createSampleStore();
  for (let i = 0; i < scrapes; i++) {
    const families = series.flatMap(([name, labels, valueOf]): MetricFamily[] => {
      const value = valueOf(i);
      if (value === undefined) return [];
      return [{ name, help: '', type: 'gauge', samples: [{ labels, value }] }];
    });
    store.append(i * everyUs, families);
  }
  return store;
}

const BUCKETS: readonly Series[] = (
  [
    ['0.1', 5],
    ['.2', 7],
    ['1e0', 11],
    ['+Inf', 12],
  ] as const
).map(([le, step]) => ['h_bucket', { le, start: 'positive' }, (i) => step * i]);

/** Series of promql/promqltest/testdata of Prometheus, every five minutes. */
const STORE = storeOf(
  [
    ...BUCKETS,
    ['http_requests', { path: '/foo' }, (i) => 10 * i],
    ['http_requests', { path: '/bar' }, (i) => (i <= 5 ? 18 * i : 18 * (i - 6))],
    ['queue', { name: 'a', pod: 'x' }, () => 3],
    ['queue', { name: 'a', pod: 'y' }, () => 5],
    ['queue', { name: 'b', pod: 'x' }, () => 0],
    ['gone', {}, (i) => (i < 9 ? 1 : undefined)],
  ],
  5 * MINUTE,
  11,
);

function ask(question: string, atUs = 50 * MINUTE): Value {
  return createEvaluator(STORE, parsePromql(question))(atUs);
}

function values(question: string, atUs?: number): readonly number[] {
  const value = ask(question, atUs);
  return typeof value === 'number' ? [value] : value.map((point) => point.value);
}

describe('quantiles of histograms', () => {
  test.each([
    ['0', 0],
    ['0.2', 0.048],
    ['0.5', 0.15],
    ['0.8', 0.72],
    ['1', 1],
  ])('%s', (quantile, expected) => {
    expect(values(`histogram_quantile(${quantile}, h_bucket)`)[0]).toBeCloseTo(expected, 12);
    const rates = values(`histogram_quantile(${quantile}, rate(h_bucket[15m]))`);
    expect(rates[0]).toBeCloseTo(expected, 12);
  });
});

describe('counters', () => {
  test('an increase is stretched to its time, and resets are no decrease', () => {
    // promqltest/testdata/functions.test: increase(http_requests[50m]) at 50m.
    expect(values('increase(http_requests[50m])')).toEqual([100, 160]);
    expect(values('rate(http_requests{path="/foo"}[50m])')[0]).toBeCloseTo(100 / 3000, 12);
  });

  test('a counter is never taken to have begun below zero', () => {
    const store = storeOf([['c', {}, (i) => (i < 2 ? undefined : 60 * (i - 2))]], 30 * SECOND, 5);
    // Values 0, 60, 120 at 60, 90 and 120 s: nothing before the first of them.
    const evaluate = createEvaluator(store, parsePromql('increase(c[2m])'));
    expect(evaluate(120 * SECOND)).toEqual([{ labels: {}, value: 120 }]);
  });

  test('one value is no rate', () => {
    expect(ask('rate(http_requests[4m])')).toEqual([]);
  });
});

describe('vectors', () => {
  test.each([
    [
      'sum by (name) (queue)',
      [
        { labels: { name: 'a' }, value: 8 },
        { labels: { name: 'b' }, value: 0 },
      ],
    ],
    [
      'max without (pod) (queue)',
      [
        { labels: { name: 'a' }, value: 5 },
        { labels: { name: 'b' }, value: 0 },
      ],
    ],
    ['sum(queue) by (name) > 0', [{ labels: { name: 'a' }, value: 8 }]],
    ['count(queue{pod!="y"})', [{ labels: {}, value: 2 }]],
    ['queue{name=~"a|c",pod!~"x.*"} * 2 + 1', [{ labels: { name: 'a', pod: 'y' }, value: 11 }]],
    ['sum(queue{name="a"}) / sum(queue)', [{ labels: {}, value: 1 }]],
    ['10 - 2 * 3', 4],
    ['max_over_time(http_requests{path="/bar"}[1h])', [{ labels: { path: '/bar' }, value: 90 }]],
  ])('%s', (question, expected) => {
    expect(ask(question)).toEqual(expected);
  });

  test('values older than five minutes, and of what is gone, are none', () => {
    expect(ask('queue{name="b"}', 54 * MINUTE)).toHaveLength(1);
    expect(ask('queue{name="b"}', 55 * MINUTE)).toEqual([]);
    expect(ask('gone', 44 * MINUTE)).toHaveLength(1);
    expect(ask('gone', 45 * MINUTE)).toEqual([]);
  });
});

describe('what is left out is refused by name', () => {
  test.each([
    ['topk(3, queue)', 'does not know topk'],
    ['queue offset 5m', 'does not know offset'],
    ['sum(queue) or vector(0)', 'does not know or'],
    ['rate(queue[5m:1m])', 'does not know :'],
    ['queue * on (name) queue', 'does not know on'],
    ['rate(queue)', 'rate takes one range vector'],
    ['queue[5m]', 'a range vector is no answer'],
    ['sum(queue', 'ends too early'],
    ['queue{name=5}', 'unexpected "5" at character 12'],
    ['queue{name="\\d"}', 'is no escape'],
    ['{}', 'needs a name or a label'],
    ['queue $', 'no PromQL at character 7'],
  ])('%s', (question, said) => {
    expect(() => parsePromql(question)).toThrow(said);
  });
});

test('a store forgets the oldest scrapes only', () => {
  const store = createSampleStore(3);
  for (let i = 0; i < 20; i++) {
    const samples = [{ labels: {}, value: i }];
    store.append(i, [{ name: 'a', help: '', type: 'gauge', samples }]);
  }
  const times = store.timesUs;
  expect(times.length).toBeLessThanOrEqual(6);
  expect(times.at(-1)).toBe(19);
  expect(store.series.get('a')?.[0]?.values).toEqual(times);
});
