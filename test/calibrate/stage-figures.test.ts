/** What a fit goes by: figures of a stage, and the scatter that another run would give them. */

import { describe, expect, test } from 'vitest';
import { stageFigures } from '../../src/calibrate/stage-figures.ts';
import type { StageTimes } from '../../src/calibrate/stage-times.ts';
import { createRng } from '../../src/core/rng.ts';

const VALUES = 480;

/** Waves of values around 10 that do not grow within a wave, of standard deviation 1. */
function stage(waveSize: number): StageTimes {
  const dice = createRng(1).fork('values');
  const waves = Array.from({ length: VALUES / waveSize }, (_, index) => ({
    index,
    values: Array.from({ length: waveSize }, () => 10 + dice.normal()),
    missing: 0,
  }));
  return { stage: 'pod start', step: 'boot', image: 'rhel9', source: undefined, waves };
}

describe('the scatter of the mean', () => {
  test.each([2, 4, 6, 15, 24, 48])('is that of its values, in waves of %i', (waveSize) => {
    const [figures] = stageFigures([stage(waveSize)], ({ waves }) => waves, createRng(2));
    const standardError = 1 / Math.sqrt(VALUES);
    const own = (figures?.errors[0] ?? 0) / standardError;
    // Of 100 resamples the scatter is known to 7 %.
    expect(own).toBeGreaterThan(0.8);
    expect(own).toBeLessThan(1.2);
  });
});
