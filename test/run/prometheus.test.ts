/** What the cluster felt: a Prometheus asked once a step is over, against answers as it gives them. */

import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { feltRecords } from '../../src/analyse/felt.ts';
import { SECOND } from '../../src/core/duration.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import {
  type MetricsSource,
  type MetricsWindow,
  QueryRefusal,
} from '../../src/drive/metrics-source.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { createPseudonyms } from '../../src/record/pseudonyms.ts';
import { prometheusAt } from '../../src/run/prometheus.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { cli } from '../cli/harness.ts';
import { pick, play } from '../drive/play.ts';
import { history } from '../support/history.ts';
import { toyCluster } from '../support/toy-cluster.ts';

/** As Prometheus 2 answers (HTTP API, range queries), by the expression that it is asked. */
const ANSWERS: Readonly<Record<string, readonly [number, object]>> = {
  up: [
    200,
    {
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { verb: 'GET' },
            values: [
              [1700000000, '0.25'],
              [1700000015.5, 'NaN'],
            ],
          },
          { metric: { verb: 'LIST' }, values: [[1700000000, '1.5']] },
        ],
      },
    },
  ],
  nothing: [200, { status: 'success', data: { resultType: 'matrix', result: [] } }],
  'wrong(': [400, { status: 'error', errorType: 'bad_data', error: 'parse error at char 7' }],
};

describe('a Prometheus', () => {
  const asked: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    asked.push(searchParams);
    const [status, body] = ANSWERS[searchParams.get('query') ?? ''] ?? [404, {}];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  let source: MetricsSource;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const connection = {
      server: 'https://elsewhere',
      context: 'test',
      namespace: undefined,
      headers: () => Promise.resolve({ authorization: 'Bearer t' }),
      renew: () => false,
      agent: () => Promise.resolve(new Agent()),
    };
    source = prometheusAt(url, { connection, clock: systemClock(), userAgent: 'test' });
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const WINDOW: MetricsWindow = { fromUs: 1.7e15, untilUs: 1.7e15 + 30e6, everyUs: 15e6 };

  test('is asked for the window, and its values are read; what is no number is left out', async () => {
    expect(await source.read('up', WINDOW)).toEqual([
      { labels: { verb: 'GET' }, values: [[1.7e15, 0.25]] },
      { labels: { verb: 'LIST' }, values: [[1.7e15, 1.5]] },
    ]);
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      query: 'up',
      start: '1700000000',
      end: '1700000030',
      step: '15',
    });
    expect(await source.read('nothing', WINDOW)).toEqual([]);
  });

  test('that refuses is quoted; what is none is said to be none', async () => {
    await expect(source.read('wrong(', WINDOW)).rejects.toThrow('parse error at char 7');
    await expect(source.read('other', WINDOW)).rejects.toThrow('is no answer of a Prometheus');
  });
});

describe('a run', () => {
  const TEXT = `
name: any
namespace: bench-run
storage: { class: fast }
metrics: { queries: [{ name: latency, query: up, unit: seconds }], every: 5s }
steps:
  - apply:
      name: one
      template: { apiVersion: v1, kind: ConfigMap, metadata: { name: a } }
  - apply:
      name: two
      template: { apiVersion: v1, kind: ConfigMap, metadata: { name: b } }
`;
  const parsed = parseScenario(TEXT, 'any.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const plan = makePlan(parsed.scenario, { runId: 'run' });

  test('asks after each step for its own window, in times of the run', async () => {
    const toy = toyCluster();
    const windows: MetricsWindow[] = [];
    const metrics: MetricsSource = {
      read: (_, window) => {
        windows.push(window);
        return Promise.resolve([{ labels: {}, values: [[window.fromUs, 2]] }]);
      },
    };
    const { ending, entries } = await play(toy, plan, { metrics });
    expect(ending.outcome).toBe('complete');
    const steps = pick(entries, 'step');
    const found = pick(entries, 'metric');
    expect(found.map(({ s, n, q }) => [s, n, q])).toEqual([
      [0, 'latency', 'up'],
      [1, 'latency', 'up'],
    ]);
    // The window of a step begins with it; the value was at its beginning.
    expect(found.map(({ series }) => series[0]?.values[0]?.[0])).toEqual(steps.map(({ t }) => t));
    expect(windows.map(({ everyUs }) => everyUs)).toEqual([5 * SECOND, 5 * SECOND]);
  });

  test.each([
    ['has nobody to ask', undefined, '--prometheus URL'],
    [
      'asks what is not understood',
      { read: () => Promise.reject(new QueryRefusal('topk?')) },
      'topk',
    ],
    ['gets no answer', { read: () => Promise.reject(new Error('refused')) }, 'refused'],
  ])('that %s says so once, and goes on', async (_, metrics, said) => {
    const warnings: string[] = [];
    const lab = { metrics, onWarning: (text: string) => void warnings.push(text) };
    const { ending, entries } = await play(toyCluster(), plan, lab);
    expect(ending.outcome).toBe('complete');
    const notes = pick(entries, 'note').filter(({ what }) => what === 'metrics');
    expect(notes.map(({ message }) => message)).toEqual([expect.stringContaining(said)]);
    expect(warnings).toHaveLength(1);
  });
});

test('what was felt is summed up by step, with the series that had the most', () => {
  const draft = history({ target: 'cluster' });
  const step = draft.step({ kind: 'boot', name: 'boots', until: 'guestReady' });
  const metrics = [
    {
      ...({ e: 'metric', t: 9, s: step, n: 'latency', unit: 'seconds', q: 'up' } as const),
      series: [
        {
          labels: { verb: 'GET' },
          values: [
            [1, 1],
            [2, 2],
          ] as const,
        },
        { labels: { verb: 'LIST' }, values: [[1, 6]] as const },
      ],
    },
    { e: 'metric', t: 9, s: step, n: 'empty', unit: 'count', q: 'nothing', series: [] } as const,
  ];
  expect(feltRecords({ ...draft.run(), metrics })).toEqual([
    {
      step: 'boots',
      name: 'latency',
      unit: 'seconds',
      series: 2,
      n: 3,
      mean: 3,
      max: 6,
      of: { verb: 'LIST' },
    },
    { step: 'boots', name: 'empty', unit: 'count', series: 0, n: 0 },
  ]);
});

test('hosts in labels are hashed where names are hidden', () => {
  const { entry, name } = createPseudonyms('salt', ['worker-1']);
  const labels = { instance: '10.0.0.1:9100', pod: 'exporter-worker-1', verb: 'GET' };
  const series = [{ labels, values: [] }];
  const head = { e: 'metric', t: 1, s: 0, n: 'a', unit: 'count', q: 'up' } as const;
  expect(entry({ ...head, series })).toEqual({
    ...head,
    series: [
      {
        labels: {
          instance: name('10.0.0.1:9100'),
          pod: `exporter-${name('worker-1')}`,
          verb: 'GET',
        },
        values: [],
      },
    ],
  });
});

test.each([
  [[], 'name it with --context'],
  [['--context', 'prod'], 'give an address'],
])('an address that is of no use is refused before anything is done', async (more, said) => {
  const { code, err } = await cli(['run', 'smoke', '--prometheus', 'thanos', ...more]);
  expect(code).toBe(64);
  expect(err).toContain(said);
});
