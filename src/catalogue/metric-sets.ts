/** The catalogue of metrics by the questions that are asked of it: every list is a filter of it. */

import {
  type Direction,
  type Metric,
  type MetricFacts,
  METRICS,
  type ObjectSubject,
  type Subject,
} from './metrics.ts';
import { findMark, MARKS } from './milestone-marks.ts';
import type { Milestone } from './milestones.ts';

const FACTS: Readonly<Record<Metric, MetricFacts<Metric>>> = METRICS;

/** The order in which metrics are shown. */
export const METRIC_ORDER = Object.keys(METRICS) as readonly Metric[];

export function metricFacts(metric: Metric): MetricFacts<Metric> {
  return FACTS[metric];
}

/** A metric of another version's files may not be in the catalogue. */
export function metricDirection(metric: string): Direction {
  return knownFacts(metric)?.direction ?? 'lowerIsBetter';
}

/** As people say it; undefined of what is in no catalogue. */
export function metricHeading(metric: string): string | undefined {
  return knownFacts(metric)?.heading;
}

function knownFacts(metric: string): MetricFacts | undefined {
  return Object.hasOwn(FACTS, metric) ? FACTS[metric as Metric] : undefined;
}

/** In the order in which they are shown. */
export function metricsWhere(
  holds: (facts: MetricFacts<Metric>, metric: Metric) => boolean,
): ReadonlySet<Metric> {
  return new Set(METRIC_ORDER.filter((metric) => holds(FACTS[metric], metric)));
}

/** The figures that people quote; validity, slowest objects and pictures are about them. */
export const HEADLINE_METRICS = metricsWhere(({ gate }) => gate === 'headline');

/** What people wait for: guests that answer, guests, else Running, else clones. */
export const WAITED_FOR: readonly Metric[] = ['reachable', 'guestReady', 'vmiRunning', 'clone'];

/** The harness's own lateness, and what contains it: these repeat others where we were on time. */
export const FROM_INTENDED_START = metricsWhere(({ from }) => from === 'intendedStart');

export const WAVE_METRICS = metricsWhere(({ subject }) => subject === 'wave');

/** What happens to objects: metrics of waves and of the harness are other views of it. */
export const OBJECT_LATENCIES = metricsWhere(
  ({ subject }, metric) =>
    subject !== 'request' && !WAVE_METRICS.has(metric) && !FROM_INTENDED_START.has(metric),
);

/** How long after its first sight an object got somewhere. */
export const LATENCIES_FROM_SIGHT = metricsWhere(
  ({ from }, metric) => OBJECT_LATENCIES.has(metric) && from === 'firstSight',
);

/** A boot, as far as it was followed. */
export const BOOT_LATENCIES = metricsWhere(
  ({ subject }, metric) => OBJECT_LATENCIES.has(metric) && subject === 'vmi',
);

const BY_SUBJECT: ReadonlyMap<Subject, readonly Metric[]> = new Map(
  METRIC_ORDER.map((metric) => {
    const { subject } = FACTS[metric];
    return [subject, [...OBJECT_LATENCIES].filter((one) => FACTS[one].subject === subject)];
  }),
);

/** What is measured of an object of this kind. */
export function listLatencies(subject: ObjectSubject): readonly Metric[] {
  return BY_SUBJECT.get(subject) ?? [];
}

/** A scenario may set a limit on these. */
export const SERVICE_LEVEL_METRICS = metricsWhere(({ slo }) => slo);

function goingOnFrom(metric: Metric): readonly Metric[] {
  const next = METRIC_ORDER.find((other) => FACTS[other].beyond === metric);
  return next === undefined ? [] : [next, ...goingOnFrom(next)];
}

const FARTHER: ReadonlyMap<Metric, readonly Metric[]> = new Map(
  METRIC_ORDER.map((metric) => [metric, goingOnFrom(metric)]),
);

/** The metrics that go on from this one, the nearest first; asked for each span of a run. */
export function fartherMetrics(metric: Metric): readonly Metric[] {
  return FARTHER.get(metric) ?? [];
}

/** The metrics that this one goes on from, the nearest first. */
export function nearerMetrics(metric: Metric): readonly Metric[] {
  const { beyond } = FACTS[metric];
  return beyond === undefined ? [] : [beyond, ...nearerMetrics(beyond)];
}

/** A latency of objects with the metrics that are other views of it. */
export function withSiblings(metric: Metric): readonly Metric[] {
  const { response, longest } = FACTS[metric];
  return [metric, response, longest].filter((one) => one !== undefined);
}

const BEYOND: ReadonlyMap<string, readonly Milestone[]> = new Map(
  MARKS.map(({ kind }) => [
    kind,
    METRIC_ORDER.flatMap((metric) => {
      const { beyond, milestone } = FACTS[metric];
      if (beyond === undefined || milestone === undefined) return [];
      return findMark(milestone)?.kind === kind ? [milestone] : [];
    }),
  ]),
);

/** Milestones of the kind that only some objects get to, the farthest last. */
export function milestonesBeyond(kind: string): readonly Milestone[] {
  return BEYOND.get(kind) ?? [];
}
