/** Whether rounds of a churn get slower: found where they do, and told where they do not. */

import { describe, expect, test } from 'vitest';
import { findDrifts } from '../../src/analyse/drift.ts';
import type { Sample } from '../../src/analyse/samples.ts';
import { exactly, type Observation } from '../../src/analyse/statistics/observation.ts';
import { SECOND } from '../../src/core/duration.ts';
import { createRng } from '../../src/core/rng.ts';
import type { Run } from '../../src/record/run.ts';
import { driftCards } from '../../src/report/content/drift-cards.ts';
import type { Summary } from '../../src/analyse/summary.ts';

/** Rounds of 10 whose values are drawn around 20 s, and grow by so much from one to the next. */
function rounds(growth: number, count: number, seed = 1): Sample {
  const rng = createRng(seed);
  const waves = Array.from({ length: count }, (_, index) => ({
    index,
    warmup: index === 0,
    observations: Array.from(
      { length: 10 },
      (): Observation => exactly(rng.gamma(20 * SECOND, 0.15) * (1 + growth) ** index),
    ),
  }));
  return {
    metric: 'guestReady',
    dimensions: { step: 'churn: boot', image: 'rhel9' },
    step: 3,
    waves,
  };
}

const RUN = { steps: [{ index: 3, churn: 'churn' }] } as unknown as Run;
const only = (sample: Sample) => findDrifts(RUN, [sample])[0];
const card = (sample: Sample) =>
  driftCards({ drift: findDrifts(RUN, [sample]) } as unknown as Summary)[0];

describe('drift', () => {
  test('rounds that grow by 1 % each are found slower, with an interval that holds it', () => {
    const found = only(rounds(0.01, 40));
    expect(found).toMatchObject({ verdict: 'slower', rounds: 39, level: 0.99 });
    expect(found?.perRound?.lo).toBeLessThan(0.01);
    expect(found?.perRound?.hi).toBeGreaterThan(0.01);
    expect(card(rounds(0.01, 40))).toMatchObject({
      label: 'churn, 39 rounds',
      value: 'drift: it gets slower',
      tone: 'bad',
    });
  });

  test('rounds that do not are told of, with the interval that says how sure that is', () => {
    const verdicts = Array.from({ length: 40 }, (_, seed) => only(rounds(0, 40, seed))?.verdict);
    expect(verdicts.filter((verdict) => verdict !== 'none').length).toBeLessThan(4);
    const told = card(rounds(0, 40));
    expect(told?.value).toBe('no drift');
    expect(told?.detail).toMatch(
      /99 % interval: .* guest ready [+-]\d\.\d\d % \(-.* % to \+.* %\)/,
    );
  });

  test('a few rounds tell nothing, and neither do those that most never came through', () => {
    expect(only(rounds(0.2, 4))).toMatchObject({ verdict: 'unknown' });
    expect(only(rounds(0.2, 10))).toMatchObject({ verdict: 'unknown', rounds: 9 });
    expect(only(rounds(0.2, 11))).toMatchObject({ verdict: 'slower', rounds: 10 });
    expect(only(rounds(-0.2, 11))).toMatchObject({ verdict: 'faster', rounds: 10 });
    const sample = rounds(0, 40);
    const lost = Array.from({ length: 10 }, (): Observation => ({ state: 'failed' }));
    const waves = sample.waves.map((wave) =>
      wave.index === 9 ? { ...wave, observations: lost } : wave,
    );
    expect(only({ ...sample, waves })).toMatchObject({ verdict: 'unknown' });
    expect(card(rounds(0.2, 4))).toMatchObject({ value: 'not known', tone: 'plain' });
  });

  test('other steps, and figures that hold our own queueing, have none', () => {
    expect(findDrifts(RUN, [{ ...rounds(0, 40), step: 2 }])).toEqual([]);
    expect(findDrifts(RUN, [{ ...rounds(0, 40), metric: 'guestReadyResponse' }])).toEqual([]);
  });
});
