/** Seconds per operation between the 10th and the 90th percentile of completions. */

import { expect, test } from 'vitest';
import type { FiledValue } from '../../src/analyse/samples.ts';
import type { Observation } from '../../src/analyse/statistics/observation.ts';
import { exactly } from '../../src/analyse/statistics/observation.ts';
import { wavePaces } from '../../src/analyse/wave-pace.ts';

function goals(outcomes: readonly Observation[], wave = 0): FiledValue[] {
  const dimensions = { step: 'boots', image: 'rhel9' };
  return outcomes.map((outcome) => ({
    metric: 'waveMakespan',
    dimensions,
    step: 3,
    wave,
    outcome,
  }));
}

/** Done at 30, 32, 34 ... whatever the order. */
function done(count: number): Observation[] {
  return Array.from({ length: count }, (_, i) => exactly(30 + 2 * ((i * 7) % count)));
}

function computePace(outcomes: readonly Observation[]): Observation | undefined {
  return wavePaces(goals(outcomes))[0]?.outcome;
}

const STRAGGLER = exactly(1_000_000);

test('neither the start of a wave nor its last stragglers count', () => {
  expect(computePace(done(20))).toEqual(exactly(2));
  expect(computePace([...done(19), STRAGGLER])).toEqual(exactly(2));
  expect(computePace([...done(18), STRAGGLER, STRAGGLER])).toEqual(exactly(2));
  expect(computePace([...done(17), STRAGGLER, STRAGGLER, STRAGGLER])).not.toEqual(exactly(2));
});

test('a tenth may miss; beyond that the pace is missed as well', () => {
  const failed: Observation = { state: 'failed' };
  const late: Observation = { state: 'censored', at: 600 };
  expect(computePace([failed, ...done(18), late])).toEqual(exactly(2));
  expect(computePace([failed, failed, ...done(17), late])).toEqual({
    state: 'censored',
    at: 568 / 16,
  });
  expect(computePace([failed, failed, failed, ...done(17)])).toEqual(failed);
  expect(computePace(Array.from({ length: 10 }, () => late))).toEqual({ state: 'censored', at: 0 });
});

test('of completions known to intervals, the pace is known to one', () => {
  const vague = done(10).map((one) => ({ ...(one as Observation & { hi: number }), lo: 0 }));
  expect(computePace(vague)).toEqual({ state: 'reached', lo: 0, hi: 46 / 8 });
});

test('each wave has its own, and small ones have none', () => {
  const paces = wavePaces([...goals(done(10), 0), ...goals(done(9), 1), ...goals(done(12), 2)]);
  expect(paces.map(({ metric, wave, step }) => [metric, step, wave])).toEqual([
    ['wavePace', 3, 0],
    ['wavePace', 3, 2],
  ]);
});
