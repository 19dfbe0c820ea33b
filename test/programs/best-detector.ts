/**
 * The best that any detector could do: Page's cumulative sum (1954) of log likelihood ratios, which
 * is told the level, the noise and the size of the change beforehand. No other test confirms a
 * change sooner on average with as few false alarms (Moustakides, 1986), and a detector that has to
 * learn all of that from the nights can only come near it.
 */

import type { Rng } from '../../src/core/rng.ts';

export interface BestCase {
  /** Each night's noise, of variance 1: log density, but for a constant, of what is new in it. */
  readonly logDensity: (deviate: number) => number;
  readonly draw: (rng: Rng) => number;
  /** Lag-1 autocorrelation of the noise. */
  readonly correlation: number;
  /** Of a night's noise, relative to the level. */
  readonly cv: number;
  /** Relative to the level. */
  readonly step: number;
  /** Chance of a false alarm a night. */
  readonly falseAlarms: number;
}

const FLAT_NIGHTS = 400_000;

/** Nights before the change; the sum has forgotten how it began. */
const BEFORE = 60;

const GIVE_UP = 100;

/** Nights until each of so many changes is told, ascending. */
export function bestDelays(one: BestCase, rng: Rng, changes: number): readonly number[] {
  const threshold = thresholdFor(one, rng.fork('flat'));
  const draws = rng.fork('changes');
  const delays = Array.from({ length: changes }, () => {
    const sum = openSum(one, draws);
    for (let night = 0; night < BEFORE; night++) if (sum.next(0) > threshold) sum.restart();
    let delay = 1;
    while (delay < GIVE_UP && sum.next(one.step) <= threshold) delay += 1;
    return delay;
  });
  return delays.sort((a, b) => a - b);
}

/** By bisection over the same nights. */
function thresholdFor(one: BestCase, rng: Rng): number {
  let [lo, hi] = [1, 15];
  for (let i = 0; i < 12; i++) {
    const threshold = (lo + hi) / 2;
    const sum = openSum(one, rng.fork('nights'));
    let alarms = 0;
    for (let night = 0; night < FLAT_NIGHTS; night++) {
      if (sum.next(0) <= threshold) continue;
      alarms += 1;
      sum.restart();
    }
    if (alarms / FLAT_NIGHTS > one.falseAlarms) lo = threshold;
    else hi = threshold;
  }
  return (lo + hi) / 2;
}

/** The largest log likelihood ratio of a change on any night so far, night by night. */
function openSum({ logDensity, draw, correlation: r, cv, step }: BestCase, rng: Rng) {
  const fresh = Math.sqrt(1 - r * r);
  let noise = draw(rng);
  let sum = Number.NEGATIVE_INFINITY;
  // The last night's noise, where nothing has changed, and where something has.
  let last = { flat: noise, changed: noise };
  const likelihood = (now: number, before: number) => logDensity((now - r * before) / fresh);
  return {
    restart: () => {
      sum = Number.NEGATIVE_INFINITY;
    },
    /** Takes a night that is so much above the level. */
    next(above: number): number {
      noise = r * noise + fresh * draw(rng);
      const value = (1 + above) * (1 + cv * noise);
      const flat = (value - 1) / cv;
      const changed = (value / (1 + step) - 1) / cv;
      const nothing = likelihood(flat, last.flat) + Math.log(1 + step);
      const began = likelihood(changed, last.flat) - nothing;
      const goesOn = likelihood(changed, last.changed) - nothing;
      sum = Math.max(sum + goesOn, began);
      last = { flat, changed };
      return sum;
    },
  };
}
