/**
 * Which figures a nightly verdict rests on: few, and those that people know first, since every
 * further one adds false alarms. Boots are judged by the last milestone that was waited for. What
 * is not gated is still in the history, and in `bench trend`.
 */

import {
  fartherMetrics,
  HEADLINE_METRICS,
  metricFacts,
  metricsWhere,
} from '../../catalogue/metric-sets.ts';
import type { Metric } from '../../catalogue/metrics.ts';
import { minimumCount } from '../../analyse/statistics/order-statistic-interval.ts';
import type { Night, NightMetric } from '../history/night.ts';
import type { SeriesKey, Statistic } from '../history/series.ts';

/** What a change must exceed before anyone is woken up. */
export interface Tolerance {
  /** Relative: 0.05 is 5 %. */
  readonly minMagnitude: number;
  /** In the unit of the series: seconds, or a share. */
  readonly minDifference: number;
}

export interface GatedSeries {
  readonly key: SeriesKey;
  readonly tolerance: Tolerance;
  /** False of what is only told beside the figures that a verdict rests on. */
  readonly isGated: boolean;
}

/** A change of 5 %, and of a quarter of a second: less is nothing that anyone would act on. */
export const LATENCY_TOLERANCE: Tolerance = { minMagnitude: 0.05, minDifference: 0.25 };

/** 5 % of what may be a hundredth of a second for each of many operations. */
const PACE_TOLERANCE: Tolerance = { minMagnitude: 0.05, minDifference: 0.001 };

/** One in a hundred. */
const SHARE_TOLERANCE: Tolerance = { minMagnitude: 0.01, minDifference: 0.01 };

const LEVEL = 0.95;

/** Judged where a run has no headline figure. */
const FALLBACKS = metricsWhere(({ gate }) => gate === 'fallback');

/** Judged beside the headline figures of the same step, by their median. */
const BESIDE = metricsWhere(({ gate }) => gate === 'beside');

/**
 * The figures that a night is followed by. Those that people ask for first (p95 of boots and
 * clones, how many succeeded, the longest of a wave) are gated; all else is context.
 */
export function gatedSeries(
  night: Night,
  latency: Tolerance = LATENCY_TOLERANCE,
): readonly GatedSeries[] {
  const main = night.metrics.filter((record) => isMain(record, night));
  if (main.length === 0) {
    const others = night.metrics.filter(({ metric }) => FALLBACKS.has(metric));
    return others.flatMap((record) => objectSeries(record, latency));
  }
  const steps = new Set(main.map(({ step }) => step));
  const ofWaves = (wanted: Metric) =>
    night.metrics.filter(({ metric, step }) => metric === wanted && steps.has(step));
  const longest = new Set(main.flatMap(({ metric }) => metricFacts(metric).longest ?? []));
  return [
    ...main.flatMap((record) => objectSeries(record, latency)),
    ...[...longest].flatMap((wanted) =>
      ofWaves(wanted).map((record) => series(record, 'p50', latency, true)),
    ),
    ...[...BESIDE].flatMap((wanted) => {
      const tolerance = metricFacts(wanted).unit === 'seconds' ? latency : PACE_TOLERANCE;
      return ofWaves(wanted).map((record) => series(record, 'p50', tolerance, false));
    }),
  ];
}

/**
 * An object's own latency; a boot's only up to the last milestone that its step has. Clones that
 * took another path come and go with the cluster's trouble: no series can be made of them.
 */
function isMain({ metric, step, path }: NightMetric, { metrics }: Night): boolean {
  if (!HEADLINE_METRICS.has(metric) || path !== undefined) return false;
  const farther = fartherMetrics(metric);
  return !metrics.some((other) => farther.includes(other.metric) && other.step === step);
}

function objectSeries(record: NightMetric, latency: Tolerance): readonly GatedSeries[] {
  const carriesP95 = record.n >= minimumCount(0.95, LEVEL);
  return [
    ...(carriesP95 ? [series(record, 'p95', latency, true)] : []),
    series(record, 'p50', latency, !carriesP95),
    series(record, 'successShare', SHARE_TOLERANCE, true),
  ];
}

function series(
  record: NightMetric,
  statistic: Statistic,
  tolerance: Tolerance,
  isGated: boolean,
): GatedSeries {
  const { metric, step, image, source, template } = record;
  return {
    key: {
      metric,
      statistic,
      step,
      ...(image === undefined ? {} : { image }),
      ...(source === undefined ? {} : { source }),
      ...(template === undefined ? {} : { template }),
    },
    tolerance,
    isGated,
  };
}
