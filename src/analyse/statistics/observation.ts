/**
 * One value of a sample, as statistics see it: a length of time that was reached (exactly, or
 * somewhere in an interval after a watch gap), one still running when we stopped looking, or one
 * that will never be reached. A failure is not censored. It is known to be infinite, whereas a
 * censored value may still be reached after we looked away.
 */

/** Any one unit throughout a sample (seconds, microseconds ...); results come in the same unit. */
export type Observation =
  /** In the half-open interval (lo, hi]; exactly `hi` where `lo === hi`. */
  | { readonly state: 'reached'; readonly lo: number; readonly hi: number }
  /** Beyond `at`: still running at the deadline, or when the run ended. */
  | { readonly state: 'censored'; readonly at: number }
  /** Never: plus infinity. */
  | { readonly state: 'failed' };

/** The observations of one wave: they share its weather, and are not independent. */
export type Wave = readonly Observation[];

export interface Counts {
  readonly n: number;
  readonly reached: number;
  readonly failed: number;
  readonly censored: number;
}

/** An exactly known value. */
export function exactly(value: number): Observation {
  return { state: 'reached', lo: value, hi: value };
}

/** How many of each kind; `n` is always the sum of the other three. */
export function count(observations: readonly Observation[]): Counts {
  let reached = 0;
  let failed = 0;
  for (const observation of observations) {
    if (observation.state === 'reached') reached += 1;
    if (observation.state === 'failed') failed += 1;
  }
  const n = observations.length;
  return { n, reached, failed, censored: n - reached - failed };
}
