/** What readings of the pool tell of how quickly it grows. */

import { describe, expect, test } from 'vitest';
import { growthFigures, poolGrowth } from '../../src/calibrate/pool-growth.ts';
import { GIB } from '../../src/core/bytes.ts';
import { createRng } from '../../src/core/rng.ts';
import { history } from '../support/history.ts';

interface Reading {
  readonly at: number;
  readonly gib: number;
  readonly wave?: number;
  readonly asOf?: number;
  /** Operations of its wave that were waited for in vain. */
  readonly missed?: number;
}

/** Of one step whose pool was read like this. */
function growth(readings: readonly Reading[]) {
  const draft = history();
  const variants = [{ image: 'rhel9', source: 'pvc' }];
  const s = draft.step({ kind: 'clone', name: 'clones', variants, until: 'dataVolumeSucceeded' });
  for (const { at, gib, wave, asOf, missed = 0 } of readings) {
    if (wave !== undefined) {
      const counts = { reached: 10 - missed, failed: 0, censored: missed };
      draft.wave({ step: s, wave, at: at - 10, n: 10 });
      draft.add({ e: 'waveEnd', t: at * 1e6, s, w: wave, ...counts });
    }
    const own = { ...(wave !== undefined && { w: wave }), ...(asOf && { asOf }) };
    draft.add({ e: 'usage', t: at * 1e6, s, ...own, usedBytes: gib * GIB });
  }
  draft.end(1000);
  return poolGrowth(draft.run());
}

const waves = (of: ReturnType<typeof growth>) =>
  of.flatMap((step) => step.waves.map((wave) => [wave.index, wave.seconds, wave.grownBytes / GIB]));

describe('growth of the pool', () => {
  test('is from the reading before a wave to the one at its end', () => {
    const read = growth([
      { at: 0, gib: 10 },
      { at: 60, gib: 10, wave: 0 },
      { at: 130, gib: 24, wave: 1 },
      { at: 140, gib: 26 },
      { at: 200, gib: 38, wave: 2 },
    ]);
    expect(read.map(({ step }) => step)).toEqual(['clones']);
    expect(waves(read)).toEqual([
      [0, 60, 0],
      [1, 70, 14],
      [2, 60, 12],
    ]);
  });

  test('nobody knows what was written while something was deleted', () => {
    const read = growth([
      { at: 0, gib: 10 },
      { at: 60, gib: 4, wave: 0 },
      { at: 120, gib: 9, wave: 1 },
    ]);
    expect(waves(read)).toEqual([[1, 60, 5]]);
  });

  test('goes by when Rook had looked, and what it had told before is no reading', () => {
    const read = growth([
      { at: 0, gib: 10, asOf: 970 },
      { at: 50, gib: 10, wave: 0, asOf: 1030 },
      { at: 70, gib: 10, wave: 1, asOf: 1030 },
      { at: 140, gib: 22, wave: 2, asOf: 1150 },
    ]);
    expect(waves(read)).toEqual([
      [0, 60, 0],
      [2, 120, 12],
    ]);
  });
});

describe('its figure', () => {
  const read = growth([
    { at: 0, gib: 0 },
    { at: 60, gib: 40, wave: 0 },
    { at: 120, gib: 80, wave: 1 },
    { at: 180, gib: 90, wave: 2 },
  ]);
  const figure = (isFitted: (step: string, wave: number) => boolean, lumpBytes = 5 * GIB) =>
    growthFigures(read, { isFitted, lumpBytes, rng: createRng(1) })[0];

  test('is the seconds for a GiB over the fitted waves, larger lumps in more doubt', () => {
    const early = figure((_, wave) => wave < 2);
    expect(early?.values).toEqual([120 / 80]);
    expect(early?.errors[0]).toBeCloseTo(1.5 * Math.sqrt(5 / 80));
    expect(figure(() => true)?.values).toEqual([2]);
    const lumpy = figure((_, wave) => wave < 2, 20 * GIB);
    expect(lumpy?.errors[0]).toBeCloseTo(2 * (early?.errors[0] ?? 0));
  });

  test('leaves out waves that waited in vain: how long, was for us to say', () => {
    const timedOut = growth([
      { at: 0, gib: 0 },
      { at: 60, gib: 40, wave: 0 },
      { at: 660, gib: 50, wave: 1, missed: 1 },
      { at: 720, gib: 90, wave: 2 },
    ]);
    const isFitted = () => true;
    const options = { isFitted, lumpBytes: GIB, rng: createRng(1) };
    expect(growthFigures(timedOut, options)[0]?.values).toEqual([120 / 80]);
  });

  test('there is none where the pool did not grow', () => {
    expect(figure(() => false)).toBeUndefined();
  });
});
