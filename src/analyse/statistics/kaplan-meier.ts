/**
 * The product-limit curve of Kaplan and Meier (1958) for exact and right-censored values, with
 * failures as events at infinity: they stay at risk to the end, so 1 - S levels out at the share
 * that succeeds. Dropping the failures, or censoring them, makes every percentile better than the
 * truth.
 */

import { normalQuantile } from './distributions.ts';
import { UNBOUNDED, type Interval } from './estimate.ts';
import type { Observation } from './observation.ts';

/** One row per distinct finite time, ascending. */
export interface SurvivalCurve {
  readonly n: number;
  readonly times: readonly number[];
  /** Values reached at the time; 0 where values were only censored there. */
  readonly events: readonly number[];
  readonly atRisk: readonly number[];
  /** S(t) just after the time. */
  readonly survival: readonly number[];
}

/** The curve of a sample; an interval counts at its upper end, when it was seen. */
export function kaplanMeier(observations: readonly Observation[]): SurvivalCurve {
  const rows = tally(observations);
  const times = [...rows.keys()].sort((a, b) => a - b);
  let atRisk = observations.length;
  let surviving = 1;
  const curve = { events: [] as number[], atRisk: [] as number[], survival: [] as number[] };
  for (const time of times) {
    const { events, censored } = rows.get(time) as Tally;
    surviving *= 1 - events / atRisk;
    curve.events.push(events);
    curve.atRisk.push(atRisk);
    curve.survival.push(surviving);
    atRisk -= events + censored;
  }
  return { n: observations.length, times, ...curve };
}

/**
 * Pointwise interval of S at each time: Greenwood's variance on the complementary log-log scale.
 * Undefined (NaN) where S is 0, and [1, 1] while it is 1.
 */
export function survivalBand(curve: SurvivalCurve, level = 0.95): readonly Interval[] {
  const z = normalQuantile(0.5 + level / 2);
  let greenwood = 0;
  return curve.survival.map((surviving, i) => {
    const events = curve.events[i] as number;
    const atRisk = curve.atRisk[i] as number;
    greenwood += events / (atRisk * (atRisk - events));
    if (surviving === 1) return { lo: 1, hi: 1 };
    const spread = (z * Math.sqrt(greenwood)) / Math.log(surviving);
    return { lo: surviving ** Math.exp(-spread), hi: surviving ** Math.exp(spread) };
  });
}

/**
 * Interval of a quantile by inverting the pointwise band (Brookmeyer and Crowley, 1982): every time
 * at which S may still be 1 - q. Valid for independent values; infinite where the band never falls.
 */
export function survivalQuantileInterval(curve: SurvivalCurve, q: number, level = 0.95): Interval {
  const target = 1 - q;
  const band = survivalBand(curve, level);
  const lower = band.findIndex(({ lo }, i) => curve.survival[i] === 0 || lo <= target);
  const upper = band.findIndex(({ hi }, i) => curve.survival[i] === 0 || hi < target);
  return {
    lo: curve.times[lower] ?? UNBOUNDED.lo,
    hi: curve.times[upper] ?? UNBOUNDED.hi,
  };
}

/** The area under S up to `until`: the mean of min(value, until), which censoring cannot bias. */
export function restrictedMean(curve: SurvivalCurve, until: number): number {
  let area = 0;
  let since = 0;
  let surviving = 1;
  for (let i = 0; i < curve.times.length && (curve.times[i] as number) < until; i++) {
    const time = curve.times[i] as number;
    area += surviving * (time - since);
    since = time;
    surviving = curve.survival[i] as number;
  }
  return area + surviving * (until - since);
}

interface Tally {
  events: number;
  censored: number;
}

function tally(observations: readonly Observation[]): Map<number, Tally> {
  const rows = new Map<number, Tally>();
  for (const observation of observations) {
    if (observation.state === 'failed') continue;
    const time = observation.state === 'reached' ? observation.hi : observation.at;
    let row = rows.get(time);
    if (row === undefined) rows.set(time, (row = { events: 0, censored: 0 }));
    if (observation.state === 'reached') row.events += 1;
    else row.censored += 1;
  }
  return rows;
}
