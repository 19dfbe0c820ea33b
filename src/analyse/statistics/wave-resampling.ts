/**
 * Draws whole waves with replacement, because the VMs of a wave are not independent: a wave stands
 * or falls as one (Cameron, Gelbach and Miller, 2008). Strata keep early, middle and late waves
 * apart where latencies trend with the VMs already there, so that a trend is not taken for noise.
 */

import type { Rng } from '../../core/rng.ts';

/** Wave indexes that may stand in for each other. */
export type Stratum = readonly number[];

/** All waves exchangeable. */
export function oneStratum(waveCount: number): readonly Stratum[] {
  return [Array.from({ length: waveCount }, (_, wave) => wave)];
}

/** First, middle and last third of the waves, in their order of release. */
export function thirds(waveCount: number): readonly Stratum[] {
  const all = Array.from({ length: waveCount }, (_, wave) => wave);
  const cut = (part: number) => Math.round((part * waveCount) / 3);
  return [0, 1, 2].map((part) => all.slice(cut(part), cut(part + 1))).filter((s) => s.length > 0);
}

/**
 * By how much an interval from strata is too short: drawing m of m varies by (m - 1) / m of what
 * the waves do. 1 for one stratum, whose few waves expandedTail (bootstrap-interval.ts) allows for.
 */
export function strataFactor(strata: readonly Stratum[]): number {
  if (strata.length === 1) return 1;
  const waves = strata.reduce((sum, stratum) => sum + stratum.length, 0);
  const kept = strata.reduce((sum, stratum) => sum + stratum.length - 1, 0);
  return Math.sqrt(waves / Math.max(1, kept));
}

/** Overwrites `multiplicity` with how often one resample draws each wave. */
export function drawWaves(multiplicity: Uint32Array, strata: readonly Stratum[], rng: Rng): void {
  multiplicity.fill(0);
  for (const stratum of strata) {
    for (let draw = 0; draw < stratum.length; draw++) {
      const wave = stratum[rng.integer(stratum.length)] as number;
      multiplicity[wave] = (multiplicity[wave] as number) + 1;
    }
  }
}
