/** The quantile read off a Kaplan-Meier curve: what estimates of whole samples are held against. */

import type { SurvivalCurve } from '../../../src/analyse/statistics/kaplan-meier.ts';

/** `1 - q` and a product of many factors meet only to rounding. */
const TOLERANCE = 1e-10;

/** The smallest time with S(t) <= 1 - q; undefined where the curve never falls that far. */
export function survivalQuantile(curve: SurvivalCurve, q: number): number | undefined {
  return curve.times[curve.survival.findIndex((surviving) => surviving <= 1 - q + TOLERANCE)];
}
