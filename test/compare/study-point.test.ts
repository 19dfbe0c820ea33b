/** What a study takes of a run: its waves as a load. */

import { expect, test } from 'vitest';
import type { Summary } from '../../src/analyse/summary.ts';
import { runFigures } from '../../src/compare/study-point.ts';

const wave = (index: number, n: number, longest: number) => ({
  stepIndex: 1,
  wave: index,
  warmup: false,
  n,
  spans: { vmiRunning: { longest: { value: longest } } },
});

const summaryOf = (...waves: readonly object[]) =>
  ({ run: { target: 'simulated', seed: 1 }, metrics: [], steps: [], waves }) as unknown as Summary;

test('what is left over for the last wave is no part of its load', () => {
  const { load } = runFigures(
    summaryOf(wave(1, 40, 20), wave(2, 40, 22), wave(3, 20, 4)),
    undefined,
  );
  expect(load).toEqual({ metric: 'vmiRunning', n: 40, seconds: 21 });
});

test('though a miss in it says that the load is not known', () => {
  const missed = { ...wave(2, 20, 0), spans: { vmiRunning: { longest: { over: 600 } } } };
  expect(runFigures(summaryOf(wave(1, 40, 20), missed), undefined).load).toBeUndefined();
});
