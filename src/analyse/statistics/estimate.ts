/**
 * A number with its doubt, in the shape that `summary.json` prints. `lo` and `hi` bound a
 * confidence interval; one that is absent is one the data cannot carry, which is not the same as
 * an estimate without error: the warning beside it says what is missing.
 */

export interface PointEstimate {
  readonly value: number;
  readonly lo?: number;
  readonly hi?: number;
}

export type Estimate =
  | PointEstimate
  /** Beyond this value, among the censored. */
  | { readonly over: number }
  /** Among the failed. */
  | { readonly never: true };

/** What is not there yet is slower than all that is, and what never comes slower still. */
export function slowness(estimate: Estimate): number {
  if ('never' in estimate) return Number.POSITIVE_INFINITY;
  return 'over' in estimate ? Number.MAX_VALUE : estimate.value;
}

/** A confidence interval; infinite ends are ends the data cannot carry. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

export const UNBOUNDED: Interval = { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY };

/** The value with those ends of the interval that are finite. */
export function withInterval(value: number, interval: Interval): PointEstimate {
  return {
    value,
    ...(Number.isFinite(interval.lo) ? { lo: interval.lo } : {}),
    ...(Number.isFinite(interval.hi) ? { hi: interval.hi } : {}),
  };
}
