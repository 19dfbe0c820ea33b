/** The detectors by the names that the command line has for them. */

import { CORRECTED, type DetectorOptions, OTAVA } from './detect-change-points.ts';

export const DETECTORS: Readonly<Record<'bench' | 'otava', DetectorOptions>> = {
  bench: CORRECTED,
  otava: OTAVA,
};

export type DetectorName = keyof typeof DETECTORS;
