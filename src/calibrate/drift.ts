/**
 * Which constants have moved since a twin was made. The twin is where the fit began, so that a
 * factor of 1 says that nothing has changed; both fits have their doubt.
 */

import type { Twin } from '../scenario/twin.ts';
import type { Calibration } from './calibrate.ts';
import type { ConstantPath } from './mechanisms.ts';

export interface Drift {
  /** Tied constants move together. */
  readonly paths: readonly ConstantPath[];
  /** So many times as slow as the twin. */
  readonly factor: number;
  readonly lo: number;
  readonly hi: number;
  readonly verdict: 'slower' | 'faster' | 'same';
}

/** Of as many constants as a twin has, none should be blamed by chance. */
const ERRORS_MOST = 3;
/** Less than this is no change that anybody would look for. */
const CHANGE_LEAST = Math.log(1.05);

export function findConstantDrifts({ fit }: Calibration, { fitted }: Twin): readonly Drift[] {
  return fit.fitted.map(({ paths, factor, lo, hi }) => {
    const before = fitted.constants.find(({ constant }) => paths.includes(constant));
    const own = Math.log(hi / lo) / 2 / 1.96;
    const error = Math.hypot(own, before?.logError ?? 0);
    const moved = Math.log(factor);
    const [least, most] = [-1.96, 1.96].map((z) => Math.exp(moved + z * error));
    const isMoved = Math.abs(moved) > Math.max(ERRORS_MOST * error, CHANGE_LEAST);
    const verdict = !isMoved ? 'same' : moved > 0 ? 'slower' : 'faster';
    return { paths, factor, lo: least as number, hi: most as number, verdict };
  });
}
