/** From what a Prometheus said of each step to curves over the whole run. */

import { toSeconds } from '../../core/duration.ts';
import { plainText } from '../../core/plain-text.ts';
import type { MetricEntry, MetricSeries } from '../../record/metric-entry.ts';
import type { Run } from '../../record/run.ts';
import type { FeltCurve, FeltInput, FeltMetric } from '../figures/felt.ts';
import type { Series } from '../figures/series.ts';

export function makeFeltInput(run: Run, waves: readonly Series[]): FeltInput {
  const byName = new Map<string, MetricEntry[]>();
  for (const entry of run.metrics) {
    const known = byName.get(entry.n);
    if (known) known.push(entry);
    else byName.set(entry.n, [entry]);
  }
  return {
    waves,
    metrics: [...byName].map(([name, entries]) => oneMetric(name, entries)),
    begun: run.steps.map(({ name, startUs }) => ({ atS: toSeconds(startUs), what: name })),
  };
}

function oneMetric(name: string, entries: readonly MetricEntry[]): FeltMetric {
  const curves = new Map<string, FeltCurve & { points: [number, number | null][] }>();
  for (const { series } of entries) {
    const stepUs = shortestStep(series);
    for (const { labels, values } of series) {
      const label = labelText(labels);
      const curve = curves.get(label) ?? { label, points: [] };
      curves.set(label, curve);
      for (const [i, [us, value]] of values.entries()) {
        const beforeUs = values[i - 1]?.[0];
        // Between the windows of two steps nobody asked, and within one a series may be gone.
        const isBroken = beforeUs === undefined || us - beforeUs > 1.5 * stepUs;
        if (isBroken && curve.points.length > 0) curve.points.push([toSeconds(us), null]);
        curve.points.push([toSeconds(us), value]);
      }
    }
  }
  return { name: plainText(name), unit: entries[0]?.unit ?? 'count', curves: [...curves.values()] };
}

/** Between two values that follow each other. */
function shortestStep(series: readonly MetricSeries[]): number {
  let shortestUs = Number.POSITIVE_INFINITY;
  for (const { values } of series) {
    for (const [i, [us]] of values.entries()) {
      const beforeUs = values[i - 1]?.[0];
      if (beforeUs !== undefined) shortestUs = Math.min(shortestUs, us - beforeUs);
    }
  }
  return shortestUs;
}

/** Values of the labels that tell one series from another. */
function labelText(labels: MetricSeries['labels']): string {
  const told = Object.entries(labels).filter(([key]) => key !== '__name__');
  return plainText(told.map(([, value]) => value).join(' ')) || 'all';
}
