/**
 * Do two arms differ, when whole waves and not VMs are the independent units? Waves swap their arm
 * labels; p is the share of labellings at least as far apart as what was seen. With 4 + 4 waves the
 * smallest p is 2/70: take 6 + 6 where it has to survive a correction for many comparisons.
 */

import { mean } from 'simple-statistics';
import type { Rng } from '../../core/rng.ts';
import { ascending } from './quantile.ts';

export interface PermutationTest {
  /** Two-sided. */
  readonly p: number;
  /** Labellings looked at. */
  readonly labellings: number;
  /** Whether these were all there are. */
  readonly isExhaustive: boolean;
}

/** Up to this many labellings all are tried; beyond, this many random ones. */
const MOST_LABELLINGS = 20_000;
const RANDOM_LABELLINGS = 9_999;

/** `2e-16 / 1.0` apart is the same labelling, added up in another order. */
const ROUNDING = 1e-12;

/**
 * Independent arms: one statistic per wave (a log median). Infinite ones make it a test of ranks.
 */
export function permuteLabels(
  a: readonly number[],
  b: readonly number[],
  rng: Rng,
): PermutationTest {
  const pooled = finiteOrRanks([...a, ...b]);
  const whole = mean(pooled);
  // In terms of the sum, an arm and its complement are equally far off: their order cannot matter.
  const offset = (sumA: number) => Math.abs(sumA - a.length * whole);
  const isAtLeast = comparison(pooled);
  const seen = offset(addUp(pooled.slice(0, a.length)));
  const all = combinations(pooled.length, a.length);
  if (all <= MOST_LABELLINGS) {
    const extreme = countSubsets(pooled, a.length, (sum) => isAtLeast(offset(sum), seen));
    return { p: extreme / all, labellings: all, isExhaustive: true };
  }
  const draw = () => offset(addUp(rng.shuffled(pooled).slice(0, a.length)));
  return randomTest((distance) => isAtLeast(distance, seen), draw);
}

/** Pairs of waves (A B B A): the signs of the differences flip. */
export function permuteSigns(differences: readonly number[], rng: Rng): PermutationTest {
  const values = differences.every(Number.isFinite) ? differences : signedRanks(differences);
  const seen = Math.abs(addUp(values));
  const isAtLeast = comparison(values);
  const all = 2 ** values.length;
  if (all <= MOST_LABELLINGS) {
    let extreme = 0;
    for (let signs = 0; signs < all; signs++) {
      if (isAtLeast(Math.abs(signedSum(values, signs)), seen)) extreme += 1;
    }
    return { p: extreme / all, labellings: all, isExhaustive: true };
  }
  const draw = () =>
    Math.abs(values.reduce((sum, value) => sum + (rng.next() < 0.5 ? value : -value), 0));
  return randomTest((distance) => isAtLeast(distance, seen), draw);
}

function randomTest(isExtreme: (distance: number) => boolean, draw: () => number): PermutationTest {
  let extreme = 0;
  for (let i = 0; i < RANDOM_LABELLINGS; i++) if (isExtreme(draw())) extreme += 1;
  const p = (1 + extreme) / (1 + RANDOM_LABELLINGS);
  return { p, labellings: RANDOM_LABELLINGS, isExhaustive: false };
}

/** How many subsets of `size` values have a sum that qualifies. */
function countSubsets(
  values: readonly number[],
  size: number,
  qualifies: (sum: number) => boolean,
): number {
  const visit = (from: number, left: number, sum: number): number => {
    if (left === 0) return Number(qualifies(sum));
    let found = 0;
    for (let i = from; i <= values.length - left; i++) {
      found += visit(i + 1, left - 1, sum + (values[i] as number));
    }
    return found;
  };
  return visit(0, size, 0);
}

function combinations(n: number, k: number): number {
  let all = 1;
  for (let i = 1; i <= k; i++) all = (all * (n - k + i)) / i;
  return Math.round(all);
}

function signedSum(values: readonly number[], signs: number): number {
  return values.reduce((sum, value, i) => ((signs >> i) & 1 ? sum - value : sum + value), 0);
}

/** Whether one sum of such values is at least another, but for rounding. */
function comparison(values: readonly number[]): (distance: number, seen: number) => boolean {
  const tolerance = ROUNDING * addUp(values.map(Math.abs));
  return (distance, seen) => distance >= seen - tolerance;
}

function finiteOrRanks(values: readonly number[]): number[] {
  return values.every(Number.isFinite) ? [...values] : midRanks(values);
}

function signedRanks(differences: readonly number[]): number[] {
  const ranks = midRanks(differences.map(Math.abs));
  return ranks.map((rank, i) => rank * Math.sign(differences[i] as number));
}

function midRanks(values: readonly number[]): number[] {
  const sorted = ascending(values);
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2 + 1);
}

function addUp(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
