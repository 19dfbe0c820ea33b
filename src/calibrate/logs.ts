/** The unknowns of a fit as it moves them: logarithms of factors, by constant. */

import type { Unknown } from './identify.ts';
import type { ConstantPath, Factors } from './mechanisms.ts';

/** Constants that are moved together; mostly one alone. */
export type Candidate = readonly ConstantPath[];

export type Logs = ReadonlyMap<ConstantPath, number>;

export function toFactors(logs: Logs): Factors {
  return new Map([...logs].map(([path, log]) => [path, Math.exp(log)]));
}

export function moved(logs: Logs, unknowns: readonly Unknown[], delta: readonly number[]): Logs {
  const next = new Map(logs);
  for (const [k, { paths }] of unknowns.entries()) {
    for (const path of paths) {
      const log = (logs.get(path) ?? 0) + (delta[k] as number);
      next.set(path, Math.max(-FACTOR_MOST, Math.min(FACTOR_MOST, log)));
    }
  }
  return next;
}

/** What is tied has one factor from here on, and what is not told none. */
export function tiedLogs(unknowns: readonly Unknown[], logs: Logs): Logs {
  return new Map(
    unknowns.flatMap(({ paths }) => {
      const mean = paths.reduce((sum, path) => sum + (logs.get(path) ?? 0), 0) / paths.length;
      return paths.map((path) => [path, mean] as const);
    }),
  );
}

/** A factor beyond this is no calibration any more. */
const FACTOR_MOST = Math.log(20);
