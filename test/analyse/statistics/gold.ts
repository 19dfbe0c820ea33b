/** Known answers computed with scipy 1.17.1; the file holds NaN, which is not JSON. */

import { readFileSync } from 'node:fs';

export interface Gold {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Type -> quantile -> value, of x. */
  readonly q: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** `n,q` -> ranks of the 95 % interval; null where unbounded. */
  readonly qci: Readonly<Record<string, readonly [number, number | null]>>;
  /** U and p of (y, x), and of both rounded to whole numbers. */
  readonly hl: number;
  readonly ps: readonly number[];
  readonly bh: readonly number[];
  readonly km: {
    readonly t: readonly number[];
    readonly e: readonly number[];
    readonly q: readonly number[];
    readonly S: readonly number[];
    readonly lo: readonly (number | null)[];
    readonly hi: readonly (number | null)[];
  };
  readonly norm: readonly (readonly [number, number])[];
  readonly binom: readonly (readonly [number, number, number, number])[];
  readonly t: readonly (readonly [number, number, number])[];
  readonly usl: LawGold;
  readonly usl2: LawGold;
  /** BCa of p95 of x. */
  readonly bca: readonly [number, number];
}

export interface LawGold {
  readonly N: readonly number[];
  readonly X: readonly number[];
  readonly p: readonly [number, number, number];
  readonly se: readonly [number, number, number];
}

const FILE = new URL('../../fixtures/stats-gold-scipy1.17.json', import.meta.url);

export const gold = JSON.parse(readFileSync(FILE, 'utf8').replaceAll('NaN', 'null')) as Gold;
