/**
 * Which figures tell something that latencies do not. A latency begins with the first sight of its
 * object: what a creation waited for before, at webhooks that let in few or for a server that is
 * asked too much, is in the wait for its answer and in the response from the intended start. Where
 * these are but a little more they only repeat the latency, and are left out.
 */

import {
  FROM_INTENDED_START,
  LATENCIES_FROM_SIGHT,
  METRIC_ORDER,
  metricFacts,
} from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import { headlineWaves, type Sample } from './samples.ts';
import type { Dimensions } from './span.ts';
import { dimensionKey } from './spans.ts';
import { EQUIVALENCE_MARGIN } from './statistics/verdict.ts';

interface Named {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
}

export interface MeanFigure extends Named {
  /** Of what got there; undefined where nothing did. In one unit. */
  readonly mean: number | undefined;
}

/** Whether a figure among these is more than another view of a latency. */
export function findTelling(figures: readonly MeanFigure[]): (figure: Named) => boolean {
  const means = new Map(figures.map((one) => [keyOf(one), one.mean]));
  const telling = new Set(figures.filter((one) => isTelling(one, means)).map(keyOf));
  return (figure) => !isOfBefore(figure.metric) || telling.has(keyOf(figure));
}

/** The same of samples of several runs: what tells something in one of them is told of all. */
export function findTellingSamples(
  ...runs: readonly (readonly Sample[])[]
): (figure: Named) => boolean {
  const each = runs.map((samples) =>
    findTelling(samples.map((sample) => ({ ...sample, mean: meanUs(sample) }))),
  );
  return (figure) => each.some((tells) => tells(figure));
}

/** Whether it begins before the object of its latency is seen. */
function isOfBefore(metric: Metric): boolean {
  return FROM_INTENDED_START.has(metric) || metric === 'acknowledged';
}

function isTelling(
  { metric, dimensions, mean }: MeanFigure,
  means: ReadonlyMap<string, number | undefined>,
): boolean {
  if (mean === undefined) return false;
  const latencyOf = (other: Metric) => means.get(keyOf({ metric: other, dimensions }));
  if (metric === 'acknowledged') {
    const longest = Math.max(...[...LATENCIES_FROM_SIGHT].map((one) => latencyOf(one) ?? 0));
    return longest > 0 && mean > EQUIVALENCE_MARGIN * longest;
  }
  const latency = RESPONSE_TO.get(metric);
  const other = latency && latencyOf(latency);
  return other !== undefined && mean > (1 + EQUIVALENCE_MARGIN) * other;
}

/** By response: its latency. The harness's own lateness is none. */
const RESPONSE_TO: ReadonlyMap<Metric, Metric> = new Map(
  METRIC_ORDER.flatMap((metric) => {
    const { response } = metricFacts(metric);
    return response === undefined ? [] : [[response, metric] as const];
  }),
);

function keyOf({ metric, dimensions }: Named): string {
  return `${metric}\u0000${dimensionKey(dimensions)}`;
}

function meanUs(sample: Sample): number | undefined {
  const reached = headlineWaves(sample)
    .flat()
    .flatMap((one) => (one.state === 'reached' ? [one.hi] : []));
  if (reached.length === 0) return undefined;
  return reached.reduce((sum, us) => sum + us, 0) / reached.length;
}
