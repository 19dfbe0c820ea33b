/**
 * How alike the values of one wave are, and what that costs: 100 VMs of one wave tell less than 100
 * independent ones, by the design effect.
 */

import { mean, sum } from 'simple-statistics';
import type { Wave } from './observation.ts';

export interface Clustering {
  /** Intraclass correlation: one-way analysis of variance; may come out slightly negative. */
  readonly icc: number;
  /** Kish (1965): 1 + (k - 1) icc, at least 1; the sample is worth n / designEffect values. */
  readonly designEffect: number;
}

/**
 * ICC of groups of values (logarithms of latencies) of possibly unequal size. Undefined where it
 * does not exist: fewer than two waves, no wave with two values, or no variation at all.
 */
export function clustering(groups: readonly (readonly number[])[]): Clustering | undefined {
  const filled = groups.filter((group) => group.length > 0);
  const sizes = filled.map((group) => group.length);
  const n = sum(sizes);
  const waves = filled.length;
  if (waves < 2 || n === waves) return undefined;
  const grand = mean(filled.flat());
  const means = filled.map((group) => mean(group as number[]));
  const between = sum(filled.map((g, i) => g.length * ((means[i] as number) - grand) ** 2));
  const within = sum(filled.map((g, i) => squaresAround(g, means[i] as number)));
  const msb = between / (waves - 1);
  const msw = within / (n - waves);
  const size = (n - sum(sizes.map((k) => k * k)) / n) / (waves - 1);
  const spread = msb + (size - 1) * msw;
  if (!(spread > 0)) return undefined;
  const icc = (msb - msw) / spread;
  return { icc, designEffect: Math.max(1, 1 + (n / waves - 1) * icc) };
}

/**
 * The design effect that 90 % of samples with so few waves do not exceed. The estimate itself errs
 * far to the low side with few waves, and just then an interval that should be withheld would be
 * printed.
 */
export function cautiousDesignEffect(groups: readonly (readonly number[])[]): number {
  const { designEffect = 1 } = clustering(groups) ?? {};
  const degrees = groups.filter((group) => group.length > 0).length - 1;
  if (degrees < 1) return designEffect;
  return 1 + (designEffect - 1) * (degrees / lowChiSquared(degrees));
}

/** The 10th percentile of chi squared (Wilson and Hilferty, 1931). */
function lowChiSquared(degrees: number): number {
  const spread = 2 / (9 * degrees);
  return degrees * Math.max(0.05, 1 - spread - 1.2816 * Math.sqrt(spread)) ** 3;
}

/** How many independent values the values of these waves are worth. */
export function effectiveCount(waves: readonly Wave[]): number {
  const n = waves.reduce((total, wave) => total + wave.length, 0);
  return n / cautiousDesignEffect(logarithms(waves));
}

/** Logarithms of the reached values by wave; the values themselves where one is not positive. */
export function logarithms(waves: readonly Wave[]): number[][] {
  const values = waves.map((wave) => wave.flatMap((o) => (o.state === 'reached' ? [o.hi] : [])));
  const isPositive = values.every((wave) => wave.every((value) => value > 0));
  return isPositive ? values.map((wave) => wave.map(Math.log)) : values;
}

function squaresAround(values: readonly number[], center: number): number {
  return values.reduce((total, value) => total + (value - center) ** 2, 0);
}
