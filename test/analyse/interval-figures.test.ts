/** Runs with intervals: figures that contain each other are in order. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { summarise as summariseRun } from '../../src/analyse/summary.ts';
import type { Observation } from '../../src/analyse/statistics/observation.ts';
import { summarise } from '../../src/analyse/statistics/summarise.ts';
import { history } from '../support/history.ts';

const valueOf = (estimate: { readonly value: number } | object | undefined) =>
  estimate !== undefined && 'value' in estimate ? (estimate.value as number) : Number.NaN;

describe('percentiles of values of which some are intervals', () => {
  test('the percentile of the last rank is the maximum', () => {
    const waves: Observation[][] = [
      [
        { state: 'reached', lo: 10, hi: 100 },
        { state: 'reached', lo: 20, hi: 20 },
      ],
    ];
    const { quantiles, max } = summarise(waves, { seed: 1, resamples: 50 });
    expect([valueOf(quantiles.p99), max?.value]).toEqual([100, 100]);
  });

  test('of up to 99 values p99 is never below the maximum, nor any percentile above it', () => {
    const observation = fc
      .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 50 }))
      .map(([lo, width]): Observation => ({ state: 'reached', lo, hi: lo + width }));
    fc.assert(
      fc.property(fc.array(observation, { minLength: 1, maxLength: 60 }), (wave) => {
        const { quantiles, max } = summarise([wave], { seed: 1, resamples: 20 });
        expect(valueOf(quantiles.p99)).toBe(max?.value);
        expect(valueOf(quantiles.p50)).toBeLessThanOrEqual(valueOf(quantiles.p95));
        expect(valueOf(quantiles.p95)).toBeLessThanOrEqual(max?.value ?? 0);
      }),
      { numRuns: 60 },
    );
  });
});

test('a mean response is never below the mean latency that it contains', () => {
  const draft = history();
  const variants = [{ image: 'rhel9', source: 'snapshot' }];
  const step = draft.step({ kind: 'clone', name: 's', variants, until: 'dataVolumeSucceeded' });
  draft.wave({ step, wave: 0, at: 100, n: 2 });
  for (const name of ['a', 'b']) {
    const operation = { step, name, intended: 100, sent: 100.5 };
    draft.operation(operation);
    // Not watched since long before we asked: first seen late.
    const volume = { kind: 'DataVolume', name, at: 130, after: 20, source: 'snapshot' };
    const object = draft.object(volume);
    draft.change(object, 140, ['phase', 'Succeeded']);
  }
  draft.end(200);
  const { metrics } = summariseRun(draft.run());
  const mean = (metric: string) => metrics.find((one) => one.metric === metric)?.mean?.value ?? 0;
  expect(mean('clone')).toBeGreaterThan(0);
  expect(mean('cloneResponse')).toBeGreaterThanOrEqual(mean('clone'));
});
