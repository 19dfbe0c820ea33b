import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kaplanMeier } from '../../../src/analyse/statistics/kaplan-meier.ts';
import { exactly, type Observation } from '../../../src/analyse/statistics/observation.ts';
import {
  onceEach,
  pooledQuantiles,
  poolWaves,
} from '../../../src/analyse/statistics/pooled-sample.ts';
import { survivalQuantile } from './survival-quantile.ts';

const QS = [0.1, 0.5, 0.9, 0.99];

const observation: fc.Arbitrary<Observation> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 30 }).map(exactly) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 40 })
      .map((at): Observation => ({ state: 'censored', at })),
  },
  { weight: 1, arbitrary: fc.constant<Observation>({ state: 'failed' }) },
);

const waves = fc.array(fc.array(observation, { minLength: 1, maxLength: 8 }), {
  minLength: 1,
  maxLength: 6,
});

describe('a pooled sample', () => {
  test('walks to the quantiles of the multiplied sample, censored or not', () => {
    const times = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(waves, times, (sample, drawn) => {
        const multiplicity = Uint32Array.from(sample, (_, w) => drawn[w] as number);
        const repeated = sample.flatMap((wave, w) =>
          Array.from({ length: multiplicity[w] as number }, () => wave).flat(),
        );
        fc.pre(repeated.length > 0);
        const curve = kaplanMeier(repeated);
        const known = QS.map((q) => survivalQuantile(curve, q) ?? Number.POSITIVE_INFINITY);
        expect(pooledQuantiles(poolWaves(sample), multiplicity, QS)).toEqual(known);
      }),
    );
  });

  test('knows whether ranks suffice', () => {
    const late: Observation = { state: 'censored', at: 9 };
    const early: Observation = { state: 'censored', at: 1 };
    expect(poolWaves([[exactly(2), late, { state: 'failed' }]]).censoredEarly).toBe(false);
    expect(poolWaves([[exactly(2), early]]).censoredEarly).toBe(true);
    expect(poolWaves([[exactly(9), late]]).censoredEarly).toBe(false);
  });

  test('counts an interval at the end it is told', () => {
    const sample: Observation[] = [{ state: 'reached', lo: 1, hi: 4 }, exactly(2)];
    const median = (end: 'lo' | 'hi') => {
      const pooled = poolWaves([sample], end);
      return pooledQuantiles(pooled, onceEach(pooled), [1])[0];
    };
    expect(median('lo')).toBe(2);
    expect(median('hi')).toBe(4);
  });
});
