/**
 * What NOT to do: the estimator of today's tools, kept so that `npm run truth` can show beside ours
 * what they would have reported on the same run. It takes whole-second server stamps, drops what
 * did not finish (or fills in a zero), drops what finished within its first second, and reads
 * percentiles by averaging two neighbouring values whatever the fraction. Nothing in bench's own
 * results comes from here.
 */

import { ascending } from '../../../src/analyse/statistics/quantile.ts';
import { neighbourMeanPercentile } from '../../../src/report/export/neighbour-mean.ts';

/** True times of one object, in microseconds on the server's clock. */
export interface NaiveSpan {
  readonly startUs: number;
  /** Absent where it was never reached, or not before the end of the run. */
  readonly reachedUs?: number;
}

export interface NaiveOptions {
  /**
   * What stands for an unfinished object: nothing, a literal 0, or the underflow of a zero time.
   */
  readonly unfinished: 'dropped' | 'zero' | 'underflow';
  /** Clones ready in the second of their creation are taken for a defect, and dropped. */
  readonly dropsSameSecond: boolean;
}

/** How VMs are treated, and how clones are. */
export const NAIVE_BOOT: NaiveOptions = { unfinished: 'dropped', dropsSameSecond: false };
export const NAIVE_CLONE: NaiveOptions = { unfinished: 'dropped', dropsSameSecond: true };

/** Whole milliseconds. There is no interval, and the consumer is not told `kept`. */
export interface NaiveReport {
  readonly requested: number;
  readonly kept: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly meanMs: number;
}

/** A zero time minus now, in milliseconds, as a 64-bit duration saturates. */
const UNDERFLOW_MS = -9_223_372_036_854;

/** Undefined where nothing is left: a threshold on it then passes in silence. */
export function naiveReport(
  spans: readonly NaiveSpan[],
  options: NaiveOptions,
): NaiveReport | undefined {
  const kept = ascending(spans.flatMap((span) => naiveLatencyMs(span, options)));
  if (kept.length === 0) return undefined;
  const percentile = (p: number) => neighbourMeanPercentile(kept, p);
  return {
    requested: spans.length,
    kept: kept.length,
    p50Ms: percentile(50),
    p95Ms: percentile(95),
    p99Ms: percentile(99),
    minMs: kept[0] as number,
    maxMs: kept.at(-1) as number,
    meanMs: Math.trunc(kept.reduce((sum, value) => sum + value, 0) / kept.length),
  };
}

function naiveLatencyMs({ startUs, reachedUs }: NaiveSpan, options: NaiveOptions): number[] {
  if (reachedUs === undefined) {
    if (options.unfinished === 'dropped') return [];
    return [options.unfinished === 'zero' ? 0 : UNDERFLOW_MS];
  }
  const latencyMs = wholeSecondsMs(reachedUs) - wholeSecondsMs(startUs);
  return latencyMs === 0 && options.dropsSameSecond ? [] : [latencyMs];
}

function wholeSecondsMs(timeUs: number): number {
  return Math.floor(timeUs / 1_000_000) * 1_000;
}
