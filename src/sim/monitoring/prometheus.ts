/**
 * A small Prometheus beside the simulated cluster: it scrapes what the components tell, in
 * simulated time, and answers the part of its HTTP API that asks for values
 * (https://prometheus.io/docs/prometheus/latest/querying/api/).
 */

import type { Clock } from '../../core/clock.ts';
import { parseDuration, SECOND } from '../../core/duration.ts';
import { parseRfc3339 } from '../../core/time-text.ts';
import { createEvaluator } from './evaluate.ts';
import { valueText } from './exposition.ts';
import { type Collect, type Labels, labelsKey } from './family.ts';
import { parsePromql } from './promql.ts';
import { PromqlError } from './promql-error.ts';
import { createSampleStore, type SampleStore } from './sample-store.ts';

export interface Prometheus {
  /** At a path like `/api/v1/query_range`; undefined where there is nothing. */
  answer(request: PrometheusRequest): PrometheusAnswer | undefined;
}

export interface PrometheusRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
}

export interface PrometheusAnswer {
  readonly status: number;
  readonly body: object;
}

export interface PrometheusOptions {
  readonly clock: Clock;
  readonly collect: Collect;
  readonly scrapeIntervalUs: number;
  /** So many scrapes at least are remembered; all where absent. */
  readonly scrapesKept?: number | undefined;
}

/** Scrapes from now on, for as long as its clock goes. */
export function startPrometheus(options: PrometheusOptions): Prometheus {
  const { clock, collect, scrapeIntervalUs } = options;
  const store = createSampleStore(options.scrapesKept);
  const scrape = () => {
    store.append(clock.wallUs(), collect());
    clock.schedule(scrapeIntervalUs, scrape, { kind: 'background' });
  };
  clock.schedule(0, scrape, { kind: 'background' });
  return { answer: (request) => answer(store, clock, request) };
}

function answer(
  store: SampleStore,
  clock: Clock,
  { method, path, query = {} }: PrometheusRequest,
): PrometheusAnswer | undefined {
  const isRange = path === '/api/v1/query_range';
  if (!isRange && path !== '/api/v1/query') return undefined;
  if (method !== 'GET') return refusal(405, `${method} is not answered: use GET`);
  try {
    const data = isRange ? answerRange(store, query) : answerInstant(store, clock, query);
    return { status: 200, body: { status: 'success', data } };
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error;
    return refusal(400, error.message);
  }
}

function refusal(status: number, error: string): PrometheusAnswer {
  return { status, body: { status: 'error', errorType: 'bad_data', error } };
}

type Asked = NonNullable<PrometheusRequest['query']>;

function answerInstant(store: SampleStore, clock: Clock, query: Asked) {
  const atUs = query['time'] === undefined ? clock.wallUs() : readTime(query, 'time');
  const value = createEvaluator(store, parsePromql(query['query'] ?? ''))(atUs);
  const time = atUs / SECOND;
  if (typeof value === 'number') return { resultType: 'scalar', result: [time, valueText(value)] };
  const result = value.map((point) => ({
    metric: point.labels,
    value: [time, valueText(point.value)],
  }));
  return { resultType: 'vector', result };
}

/** As many moments as Prometheus answers for. */
const POINTS_MAX = 11_000;

function answerRange(store: SampleStore, query: Asked) {
  const [startUs, endUs] = [readTime(query, 'start'), readTime(query, 'end')];
  const stepUs = readStep(query);
  if (endUs < startUs) throw new PromqlError('end lies before start');
  if ((endUs - startUs) / stepUs > POINTS_MAX) {
    throw new PromqlError(`more than ${POINTS_MAX} points are asked for: give a longer step`);
  }
  const evaluate = createEvaluator(store, parsePromql(query['query'] ?? ''));
  const found = new Map<string, { metric: Labels; values: [number, string][] }>();
  for (let atUs = startUs; atUs <= endUs; atUs += stepUs) {
    const value = evaluate(atUs);
    const points = typeof value === 'number' ? [{ labels: {}, value }] : value;
    for (const point of points) {
      const key = labelsKey(point.labels);
      const series = found.get(key) ?? { metric: point.labels, values: [] };
      if (series.values.at(-1)?.[0] === atUs / SECOND) {
        throw new PromqlError('several series differ in nothing but their names');
      }
      series.values.push([atUs / SECOND, valueText(point.value)]);
      found.set(key, series);
    }
  }
  return { resultType: 'matrix', result: [...found.values()] };
}

/** Unix seconds or RFC 3339, in microseconds. */
function readTime(query: Asked, name: string): number {
  const text = query[name] ?? '';
  const us = /^-?\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * SECOND) : parseRfc3339(text);
  if (us === undefined) throw new PromqlError(`${name} is no time: give Unix seconds or RFC 3339`);
  return us;
}

/** Seconds, or a duration, in microseconds. */
function readStep(query: Asked): number {
  const text = query['step'] ?? '';
  const us = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * SECOND) : parseDuration(text);
  if (us === undefined || us <= 0) throw new PromqlError('step is no duration above zero');
  return us;
}
