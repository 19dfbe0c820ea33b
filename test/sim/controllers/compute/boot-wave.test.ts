/**
 * What the mechanisms of a boot add up to, against the model program for equal parameters
 * (calibration A): Running 15.8 s in the mean and 26.0 s at the longest of a wave of 100, guests
 * ready after 32.7 s (RHEL 9) and 65.7 s (Windows 11) at the longest.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import type { GuestProfileName } from '../../../../src/parameters/guests.ts';
import type { ParameterOverrides } from '../../../../src/parameters/parameters.ts';
import { bootWave, type WaveTimes } from '../../../support/boot-wave.ts';

const SEEDS = [1, 2, 3, 4, 5];

async function waves(
  size: number,
  profile: GuestProfileName,
  overrides?: ParameterOverrides,
): Promise<readonly WaveTimes[]> {
  const all: WaveTimes[] = [];
  // What-ifs are compared coarsely: three seeds are enough.
  const seeds = overrides ? SEEDS.slice(0, 3) : SEEDS;
  for (const seed of seeds) {
    all.push(await bootWave({ size, profile, seed, ...(overrides ? { overrides } : {}) }));
  }
  return all;
}

const mean = (all: readonly WaveTimes[], of: (wave: WaveTimes) => number) =>
  all.reduce((sum, wave) => sum + of(wave), 0) / all.length;

const runningMean = (all: readonly WaveTimes[]) => mean(all, ({ running }) => running.mean);
const runningLongest = (all: readonly WaveTimes[]) => mean(all, ({ running }) => running.longest);
const readyLongest = (all: readonly WaveTimes[]) =>
  mean(all, ({ guestReady }) => guestReady.longest);

/** Within ten percent of the model's figure. */
function expectNear(value: number, model: number): void {
  expect(Math.abs(value / model - 1)).toBeLessThan(0.1);
}

describe('a wave of 100 starts', () => {
  let rhel: readonly WaveTimes[];
  let windows: readonly WaveTimes[];

  beforeAll(async () => {
    rhel = await waves(100, 'rhel9');
    windows = await waves(100, 'windows11');
  });

  test('runs when the model says, for either guest', () => {
    expectNear(runningMean(rhel), 15.8);
    expectNear(runningLongest(rhel), 25.8);
    expectNear(runningMean(windows), 17.0);
    expectNear(runningLongest(windows), 27.1);
  });

  test('has its guests ready when the article says', () => {
    expectNear(readyLongest(rhel), 32.7);
    expectNear(
      mean(rhel, ({ guestReady }) => guestReady.mean),
      22.2,
    );
    expectNear(readyLongest(windows), 65.7);
    expectNear(
      mean(windows, ({ guestReady }) => guestReady.mean),
      51.6,
    );
    expect(readyLongest(rhel)).toBeGreaterThan(29);
    expect(readyLongest(rhel)).toBeLessThan(35);
    expect(readyLongest(windows)).toBeGreaterThan(60);
    expect(readyLongest(windows)).toBeLessThan(70);
  });

  test('uses a node and an attach request for each VM', () => {
    for (const wave of rhel) expect([wave.nodes, wave.attachPatches]).toEqual([100, 100]);
  });

  test('takes at most 30 writes for each VM', () => {
    for (const wave of rhel) expect(wave.writes / 100).toBeLessThanOrEqual(30);
  });

  test('is bound by the attacher: ten times its rate saves a third of the longest', async () => {
    const fast = await waves(100, 'rhel9', { attacher: { qps: 50, burst: 100 } });
    expectNear(runningLongest(fast), 17.6);
    const share = runningLongest(fast) / runningLongest(rhel);
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.75);
  });

  test('of twice the size takes more than its share: the attacher again', async () => {
    const double = await waves(200, 'rhel9', {});
    expectNear(runningLongest(double), 47.1);
    expectNear(runningMean(double), 23.8);
    const ratio = runningLongest(double) / runningLongest(rhel);
    expect(ratio).toBeGreaterThan(1.5);
    expect(ratio).toBeLessThan(2.2);
  });

  test('without waiting for node status and attacher is twice as fast', async () => {
    const free = await waves(100, 'rhel9', {
      attacher: { qps: 500, burst: 1000 },
      kubelet: { statusInterval: 10_000 },
    });
    // The model with the attach/detach controller's poll (0.5 s first, 5 % longer each time) in place
    // of a constant 0.15 s: what it adds is seldom hidden by kubelet's own back-off here.
    expectNear(runningMean(free), 8.2);
  });
});

test('the same seed gives the same wave, another seed another', async () => {
  const settings = { size: 20, profile: 'rhel9', seed: 7 } as const;
  const first = await bootWave(settings);
  expect(await bootWave(settings)).toEqual(first);
  expect((await bootWave({ ...settings, seed: 8 })).running).not.toEqual(first.running);
});
