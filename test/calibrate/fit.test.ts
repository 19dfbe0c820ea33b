/** The fit on toy clusters of a few lines, where what is to be found is known. */

import { describe, expect, test } from 'vitest';
import { fit } from '../../src/calibrate/fit.ts';
import { fitQuality } from '../../src/calibrate/fit-quality.ts';
import type { Factors } from '../../src/calibrate/mechanisms.ts';
import type { Player } from '../../src/calibrate/player.ts';
import { FIGURE_NAMES, stageFigures } from '../../src/calibrate/stage-figures.ts';
import type { StageName, StageTimes } from '../../src/calibrate/stage-times.ts';
import { createRng } from '../../src/core/rng.ts';

/** How long an operation is in each stage, with constants that are so many times as slow. */
type Toy = (factor: (path: string) => number, draw: () => number) => Record<string, number>;

const OPERATIONS = 60;

/** A player of the toy; what was measured had these factors, or was something else altogether. */
function toyPlayer(toy: Toy, truth: Factors, measuredToy: Toy = toy): Player {
  const play = (of: Toy, factors: Factors, seed: number) => {
    const dice = createRng(seed);
    const stages = new Map<string, number[]>();
    for (let n = 0; n < OPERATIONS; n++) {
      const times = of(
        (path) => factors.get(path) ?? 1,
        () => dice.gamma(1, 0.2),
      );
      for (const [stage, seconds] of Object.entries(times)) {
        stages.set(stage, [...(stages.get(stage) ?? []), seconds]);
      }
    }
    const times = [...stages].map(
      ([stage, values]): StageTimes => ({
        stage: stage as StageName,
        step: 'boot',
        image: 'rhel9',
        source: undefined,
        waves: [{ index: 0, values, missing: 0 }],
      }),
    );
    return stageFigures(times, ({ waves }) => waves, createRng(seed).fork('figures'));
  };
  const measured = play(measuredToy, truth, 1).flatMap((figures) =>
    FIGURE_NAMES.map((_, figure) => ({
      figures,
      figure,
      value: figures.values[figure] as number,
      error: figures.errors[figure] as number,
    })),
  );
  return {
    measured,
    async play(factors, seed) {
      const found = play(toy, factors, seed + 100);
      return {
        values: found.flatMap(({ values }) => values),
        errors: found.flatMap(({ errors }) => errors),
        stages: [],
        counters: {},
      };
    },
  };
}

const boots: Toy = (factor, draw) => ({
  'pod start': 2 * factor('kubelet.sandboxTime') * draw() + 2.2 * factor('kubelet.launcherTime'),
  'domain start': 1.7 * factor('virtHandler.qemuTime') * draw(),
  'guest boot': 5 * factor('images.rhel9.guest') * draw(),
});

const PATHS = [
  'images.rhel9.guest',
  'kubelet.sandboxTime',
  'virtHandler.qemuTime',
  'scheduler.bindTime',
  'virtHandler.tpmTime',
];

describe('a fit', () => {
  const truth = new Map([
    ['images.rhel9.guest', 2.5],
    ['kubelet.sandboxTime', 0.4],
    ['virtHandler.qemuTime', 1.8],
  ]);
  const player = toyPlayer(boots, truth);
  const candidates = PATHS.map((path) => [path]);

  test('finds the constants, each within its interval and not far from it', async () => {
    const { fitted } = await fit(player, { candidates, seed: 7 });
    expect(fitted.flatMap(({ paths }) => paths).sort()).toEqual([...truth.keys()].sort());
    for (const { paths, factor, lo, hi } of fitted) {
      const true_ = truth.get(paths[0] as string) as number;
      expect(factor / true_).toBeCloseTo(1, 1);
      expect(lo).toBeLessThan(true_);
      expect(hi).toBeGreaterThan(true_);
    }
  });

  test('says of each constant that it leaves alone why', async () => {
    const { notIdentified, factors } = await fit(player, { candidates, seed: 7 });
    expect(Object.fromEntries(notIdentified.map(({ path, why }) => [path, why]))).toEqual({
      'scheduler.bindTime': 'no stage of the run shows it',
      'virtHandler.tpmTime': expect.stringContaining('moves no stage'),
    });
    expect(factors.has('virtHandler.tpmTime')).toBe(false);
  });

  test('gives the same twice', async () => {
    const again = toyPlayer(boots, truth);
    const [one, two] = [player, again].map((each) => fit(each, { candidates, seed: 7 }));
    expect((await one)?.fitted).toEqual((await two)?.fitted);
  });
});

test('constants that do the same are tied, and their factor makes what was measured', async () => {
  const sum: Toy = (factor, draw) => ({
    'domain start':
      (0.5 * factor('virtHandler.syncTime') + 1.2 * factor('virtHandler.qemuTime')) * draw(),
  });
  const truth = new Map([
    ['virtHandler.syncTime', 3],
    ['virtHandler.qemuTime', 0.9],
  ]);
  const { fitted } = await fit(toyPlayer(sum, truth), {
    candidates: [['virtHandler.syncTime'], ['virtHandler.qemuTime']],
    seed: 7,
  });
  expect(fitted.map(({ paths }) => paths.length)).toEqual([2]);
  const together = (0.5 * 3 + 1.2 * 0.9) / 1.7;
  expect((fitted[0]?.factor ?? 0) / together).toBeCloseTo(1, 1);
});

test('a stage that no constant reaches is said to be so, and its neighbours keep theirs', async () => {
  const slowPods: Toy = (factor, draw) => ({ ...boots(factor, draw), scheduling: 5 * draw() });
  const quickPods: Toy = (factor, draw) => ({ ...boots(factor, draw), scheduling: 0.1 * draw() });
  const player = toyPlayer(quickPods, new Map([['virtHandler.qemuTime', 1.8]]), slowPods);
  const candidates = PATHS.map((path) => [path]);
  const { fitted, played } = await fit(player, { candidates, seed: 7 });
  const quality = fitQuality(player, played);
  expect(quality.filter(({ isReached }) => !isReached).map(({ stage }) => stage)).toEqual([
    'scheduling',
  ]);
  const qemu = fitted.find(({ paths }) => paths[0] === 'virtHandler.qemuTime');
  expect((qemu?.factor ?? 0) / 1.8).toBeCloseTo(1, 1);
});
