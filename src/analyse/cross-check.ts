/**
 * The same latencies by the server's stamps alone, as a cross-check. Both stamps are cut to whole
 * seconds, so a difference is known to +-1 s and no better; and it is never mixed with times of
 * ours. It can only say that something is badly wrong.
 *
 * The stamp of a creation is set before the webhooks are asked, which may take their time, and
 * nobody sees the object until then: by stamps a latency may be longer by as much as that.
 */

import { SECOND } from '../core/duration.ts';
import { type OffsetCurve, offsetCurves } from './clocks/offset-curve.ts';
import type { ObjectTable } from '../record/object-table.ts';
import type { Operation, Run } from '../record/run.ts';
import { LATENCIES_FROM_SIGHT, metricFacts } from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import { milestoneFacts } from '../catalogue/milestone-marks.ts';
import { type Dimensions, type Span } from './span.ts';
import { dimensionKey } from './spans.ts';
import { ascending, quantileSorted } from './statistics/quantile.ts';

/** Seconds. */
export interface CrossCheck {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  /** Reached values with usable stamps at both ends; both medians are theirs. */
  readonly n: number;
  /** Median by stamps, corrected by the offsets between their clocks where these are known. */
  readonly server: number;
  /** Each stamp is cut to its second, and the clocks are known only so well. */
  readonly resolution: number;
  /** Whether the offsets of the clocks were known. */
  readonly corrected: boolean;
  /** Median by our clock. */
  readonly ours: number;
  /** False where they are further apart than that explains: a clock is wrong, or we are. */
  readonly agrees: boolean;
}

/** Beyond the resolution of stamps, by this much, medians disagree. */
const SLACK_SECONDS = 0.5;

const API_SERVER = 'apiserver';

/** One of each metric and dimension set that has stamps; steps apart. */
export function crossChecks(run: Run, spans: readonly Span[]): readonly CrossCheck[] {
  const byStamps = stampReader(run);
  const groups = new Map<string, Group>();
  for (const span of spans) {
    const stamped = byStamps(span);
    if (stamped === undefined || span.outcome.state !== 'reached') continue;
    const { metric, dimensions, operation } = span;
    const key = `${operation.step}/${metric}/${dimensionKey(dimensions)}`;
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { metric, dimensions, pairs: [] }));
    group.pairs.push({ ...stamped, ours: span.outcome.hi / SECOND });
  }
  return [...groups.values()].map(crossCheck);
}

interface Stamped {
  readonly server: number;
  /** For how long the creation may have been kept at admission, at the most. */
  readonly kept: number;
  /** Of the offset between the two clocks; undefined where that is unknown. */
  readonly halfWidth: number | undefined;
}

interface Group {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  readonly pairs: (Stamped & { readonly ours: number })[];
}

function crossCheck({ metric, dimensions, pairs }: Group): CrossCheck {
  const median = (values: readonly number[]) => quantileSorted(ascending(values), 0.5, 1);
  const server = median(pairs.map((pair) => pair.server));
  const ours = median(pairs.map((pair) => pair.ours));
  const halfWidths = pairs.map(({ halfWidth }) => halfWidth);
  const corrected = !halfWidths.includes(undefined);
  const resolution = 1 + Math.max(...halfWidths.map((half = 0) => half));
  const kept = median(pairs.map((pair) => pair.kept));
  const slack = resolution + SLACK_SECONDS;
  const agrees = ours - server <= slack && server - ours <= slack + kept;
  return { metric, dimensions, n: pairs.length, server, resolution, corrected, ours, agrees };
}

/** Reads a span's length off the stamps; undefined where an end has none that is usable. */
function stampReader(run: Run): (span: Span) => Stamped | undefined {
  const curves = offsetCurves(run.offsets);
  const names = new Map(run.clocks.map(({ c, name }) => [c, name]));
  return ({ metric, object, operation }) => {
    const end = stampedEnd(metric);
    if (end === undefined || object === undefined) return undefined;
    const created = run.objects.createdSeconds(object);
    const change = run.objects.first(object, end.change, end.value);
    if (created === undefined || change?.stamp === undefined) return undefined;
    // CDI can stamp Ready with the time of the creation.
    if (change.stamp.seconds === created && isSlow(run.objects, object, change.atUs)) {
      return undefined;
    }
    const between = offsetBetween(
      curves.get(API_SERVER),
      curves.get(names.get(change.stamp.clock) ?? ''),
      change.atUs,
    );
    const offset = between?.offset ?? 0;
    return {
      server: change.stamp.seconds - created - offset,
      kept: keptSeconds(run.objects, object, operation),
      halfWidth: between?.halfWidth,
    };
  };
}

/** What an operation brings about is asked for once it is sent, and seen once it is there. */
function keptSeconds(objects: ObjectTable, object: number, { sentUs, found }: Operation): number {
  if (found !== undefined) return Number.POSITIVE_INFINITY;
  return (objects.seen(object).atUs - sentUs) / SECOND;
}

/** The stamped change that ends the metric's spans; undefined where there is none. */
function stampedEnd(metric: Metric) {
  const { milestone } = metricFacts(metric);
  if (milestone === undefined || !LATENCIES_FROM_SIGHT.has(metric)) return undefined;
  return milestoneFacts(milestone).stamped;
}

/** It took too long for both ends to lie in one second. */
function isSlow(objects: ObjectTable, object: number, atUs: number): boolean {
  return atUs - objects.seen(object).atUs > 2 * SECOND;
}

/** How far the second clock is ahead of the first, seconds. */
function offsetBetween(
  from: OffsetCurve | undefined,
  to: OffsetCurve | undefined,
  atUs: number,
): { readonly offset: number; readonly halfWidth: number } | undefined {
  if (from === undefined || to === undefined) return undefined;
  const [a, b] = [from.between(atUs, atUs), to.between(atUs, atUs)];
  return {
    offset: (b.lo + b.hi - a.lo - a.hi) / 2 / SECOND,
    halfWidth: (b.hi - b.lo + a.hi - a.lo) / 2 / SECOND,
  };
}
