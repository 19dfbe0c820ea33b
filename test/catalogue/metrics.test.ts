import { expect, test } from 'vitest';
import { metricFacts, METRIC_ORDER } from '../../src/catalogue/metric-sets.ts';
import { defineMetrics, METRICS } from '../../src/catalogue/metrics.ts';

const { clone } = METRICS;

test('leaving out a fact of a metric does not compile', () => {
  const { heading: _, ...nameless } = clone;
  const { gate: __, ...ungated } = clone;
  const { slo: ___, ...unlimited } = clone;
  const { milestone: ____, ...endless } = clone;
  // @ts-expect-error: no heading
  defineMetrics({ ...METRICS, another: nameless });
  // @ts-expect-error: nobody knows whether nights are judged by it
  defineMetrics({ ...METRICS, another: ungated });
  // @ts-expect-error: nobody knows whether it can have a limit
  defineMetrics({ ...METRICS, another: unlimited });
  // @ts-expect-error: no end, and nothing said of it
  defineMetrics({ ...METRICS, another: endless });
  defineMetrics({ ...METRICS, another: clone });
});

test('siblings that are not in the catalogue do not compile', () => {
  // @ts-expect-error: no such response
  defineMetrics({ ...METRICS, another: { ...clone, response: 'anotherResponse' } });
  // @ts-expect-error: no such milestone
  defineMetrics({ ...METRICS, another: { ...clone, milestone: 'finished' } });
});

test('columns and headings tell the metrics apart', () => {
  for (const read of ['column', 'heading', 'meaning'] as const) {
    const texts = METRIC_ORDER.map((metric) => metricFacts(metric)[read]);
    expect(new Set(texts).size, read).toBe(METRIC_ORDER.length);
  }
  for (const metric of METRIC_ORDER) {
    const snake = metric.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    expect(metricFacts(metric).column).toBe(snake);
  }
});

test('siblings end with their metric, and go with it', () => {
  for (const metric of METRIC_ORDER) {
    const { response, longest, beyond, milestone, from, subject } = metricFacts(metric);
    if (response !== undefined) {
      expect(metricFacts(response)).toMatchObject({ milestone, subject, from: 'intendedStart' });
    }
    if (longest !== undefined) {
      expect(metricFacts(longest)).toMatchObject({ milestone, subject: 'wave', from });
    }
    if (beyond !== undefined) expect(metricFacts(beyond)).toMatchObject({ subject, from });
  }
});
