/** Answers a PromQL question from what was scraped, moment by moment. */

import { RE2JS, RE2JSException } from 're2js';
import { unreachable } from '../../core/assert.ts';
import { MINUTE } from '../../core/duration.ts';
import { type Labels, labelsKey } from './family.ts';
import { type Bucket, bucketQuantile } from './histogram-quantile.ts';
import { overTime } from './over-time.ts';
import {
  type Aggregation,
  type AggregationOperator,
  type Binary,
  type BinaryOperator,
  type Expression,
  isRangeFunction,
  type Matcher,
  type RangeFunction,
  type Selector,
} from './promql.ts';
import { PromqlError } from './promql-error.ts';
import { lastScrape, type SampleStore, type StoredSeries, valueAt } from './sample-store.ts';

export interface Point {
  readonly labels: Labels;
  readonly value: number;
}

/** What there is at one moment: a number, or a value for each of several label sets. */
export type Value = number | readonly Point[];

/** An older value than that is none (--query.lookback-delta, default). */
const LOOKBACK_US = 5 * MINUTE;

/** The expression at any moment, microseconds since 1970; made once for all moments of a range. */
export function createEvaluator(
  store: SampleStore,
  expression: Expression,
): (atUs: number) => Value {
  switch (expression.kind) {
    case 'number':
      return () => expression.value;
    case 'selector':
      return selectAt(store, expression);
    case 'call': {
      const [first, second] = expression.of as [Expression, Expression?];
      if (isRangeFunction(expression.name)) {
        return rangeAt(store, expression.name, first as Selector);
      }
      const quantile = createEvaluator(store, first);
      const buckets = createEvaluator(store, second as Expression);
      return (atUs) => quantilesOf(quantile(atUs) as number, pointsOf(buckets(atUs)));
    }
    case 'aggregation':
      return aggregateAt(store, expression);
    case 'binary':
      return combineAt(store, expression);
    default:
      return unreachable(expression);
  }
}

function pointsOf(value: Value): readonly Point[] {
  if (typeof value !== 'number') return value;
  throw new PromqlError('a vector is needed where the question has a number');
}

function selectAt(store: SampleStore, { matchers }: Selector) {
  const selected = selectSeries(store, matchers);
  return (atUs: number): readonly Point[] => {
    const scrape = lastScrape(store, atUs);
    const isOld = scrape < 0 || (store.timesUs[scrape] as number) <= atUs - LOOKBACK_US;
    if (isOld) return [];
    return known(selected.map((series) => [series.labels, valueAt(series, scrape)]));
  };
}

function rangeAt(store: SampleStore, name: RangeFunction, { matchers, rangeUs = 0 }: Selector) {
  const selected = selectSeries(store, matchers);
  return (atUs: number): readonly Point[] => {
    const first = lastScrape(store, atUs - rangeUs) + 1;
    const last = lastScrape(store, atUs);
    return known(
      selected.map((series) => {
        const within = valuesWithin(store, series, first, last);
        return [series.bare, overTime(name, within, atUs - rangeUs, atUs)];
      }),
    );
  };
}

function valuesWithin(store: SampleStore, series: StoredSeries, first: number, last: number) {
  const timesUs: number[] = [];
  const values: number[] = [];
  for (let scrape = Math.max(first, series.first); scrape <= last; scrape += 1) {
    const value = valueAt(series, scrape);
    if (Number.isNaN(value)) continue;
    timesUs.push(store.timesUs[scrape] as number);
    values.push(value);
  }
  return { timesUs, values };
}

function known(found: readonly (readonly [Labels, number])[]): readonly Point[] {
  return found.flatMap(([labels, value]) => (Number.isNaN(value) ? [] : [{ labels, value }]));
}

function selectSeries(store: SampleStore, matchers: readonly Matcher[]): readonly StoredSeries[] {
  const name = matchers.find(({ label, operator }) => label === '__name__' && operator === '=');
  const candidates = name
    ? (store.series.get(name.value) ?? [])
    : [...store.series.values()].flat();
  const tests = matchers.map(makeTest);
  return candidates.filter(({ labels }) => tests.every((test) => test(labels)));
}

/** A label that is not there is an empty one. */
function makeTest({ label, operator, value }: Matcher): (labels: Labels) => boolean {
  const matches = operator.endsWith('~') ? makePattern(value) : (text: string) => text === value;
  const wanted = !operator.startsWith('!');
  return (labels) => matches(labels[label] ?? '') === wanted;
}

/** Of the whole value, in the syntax of RE2. */
function makePattern(text: string): (value: string) => boolean {
  try {
    const pattern = RE2JS.compile(text, RE2JS.DOTALL);
    return (value) => pattern.matches(value);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new PromqlError(`"${text}" is no regular expression: ${error.message}`);
  }
}

function aggregateAt(store: SampleStore, { operator, mode, labels, of }: Aggregation) {
  const inner = createEvaluator(store, of);
  const group = grouper(mode, labels);
  return (atUs: number): readonly Point[] => {
    const groups = new Map<string, { readonly labels: Labels; readonly values: number[] }>();
    for (const point of pointsOf(inner(atUs))) {
      const kept = group(point.labels);
      const key = labelsKey(kept);
      const found = groups.get(key);
      if (found) found.values.push(point.value);
      else groups.set(key, { labels: kept, values: [point.value] });
    }
    return [...groups.values()].map(({ labels: kept, values }) => ({
      labels: kept,
      value: AGGREGATE[operator](values),
    }));
  };
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

const AGGREGATE: Readonly<Record<AggregationOperator, (values: readonly number[]) => number>> = {
  sum,
  min: (values) => values.reduce((least, value) => (value < least ? value : least), Infinity),
  max: (values) => values.reduce((most, value) => (value > most ? value : most), -Infinity),
  avg: (values) => sum(values) / values.length,
  count: ({ length }) => length,
};

/** Remembered: the same series come at every moment. */
function grouper(mode: Aggregation['mode'], names: readonly string[]): (labels: Labels) => Labels {
  const remembered = new WeakMap<Labels, Labels>();
  return (labels) => {
    let kept = remembered.get(labels);
    if (!kept) {
      const keeps = (name: string) =>
        mode === 'by' ? names.includes(name) : name !== '__name__' && !names.includes(name);
      kept = Object.fromEntries(Object.entries(labels).filter(([name]) => keeps(name)));
      remembered.set(labels, kept);
    }
    return kept;
  };
}

const withoutBound = grouper('without', ['le']);

function quantilesOf(quantile: number, points: readonly Point[]): readonly Point[] {
  const groups = new Map<string, { readonly labels: Labels; readonly buckets: Bucket[] }>();
  for (const { labels, value: count } of points) {
    const bound = labels['le'];
    if (bound === undefined) continue;
    const kept = withoutBound(labels);
    const bucket = { bound: bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), count };
    const found = groups.get(labelsKey(kept));
    if (found) found.buckets.push(bucket);
    else groups.set(labelsKey(kept), { labels: kept, buckets: [bucket] });
  }
  return [...groups.values()].map(({ labels, buckets }) => ({
    labels,
    value: bucketQuantile(quantile, buckets),
  }));
}

const bareOf = grouper('without', []);

function combineAt(store: SampleStore, { operator, left, right }: Binary) {
  const before = createEvaluator(store, left);
  const after = createEvaluator(store, right);
  return (atUs: number): Value => combine(operator, before(atUs), after(atUs));
}

/** Vectors meet where all their labels are equal. */
function combine(operator: BinaryOperator, left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') {
    if (isComparison(operator)) throw new PromqlError('two numbers are compared with bool only');
    return OPERATE[operator](left, right) as number;
  }
  if (typeof right === 'number') return each(operator, left as readonly Point[], right, false);
  if (typeof left === 'number') return each(operator, right, left, true);
  const partners = new Map(right.map(({ labels, value }) => [labelsKey(bareOf(labels)), value]));
  if (partners.size < right.length) throw new PromqlError(`${operator} has several partners`);
  return left.flatMap((point) => {
    const partner = partners.get(labelsKey(bareOf(point.labels)));
    return partner === undefined ? [] : each(operator, [point], partner, false);
  });
}

/** A comparison keeps the points for which it holds, as they are. */
function each(
  operator: BinaryOperator,
  points: readonly Point[],
  other: number,
  isSwapped: boolean,
): readonly Point[] {
  return points.flatMap(({ labels, value }) => {
    const [a, b] = isSwapped ? [other, value] : [value, other];
    const result = OPERATE[operator](a, b);
    if (typeof result === 'boolean') return result ? [{ labels, value }] : [];
    return [{ labels: bareOf(labels), value: result }];
  });
}

function isComparison(operator: BinaryOperator): boolean {
  return typeof OPERATE[operator](0, 0) === 'boolean';
}

const OPERATE: Readonly<Record<BinaryOperator, (a: number, b: number) => number | boolean>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
};
