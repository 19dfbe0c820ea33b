/**
 * The article's figures must follow from the mechanisms: bands over seeds, and what-ifs that change
 * one constant. Nothing here is compared with a figure that was typed into the simulator. The suite
 * takes one seed and as many clones as show that flattening has begun; `npm run article` takes five,
 * and as many as the article's ratio needs.
 */

import { env } from 'node:process';
import { describe, expect, test } from 'vitest';
import { type EmbeddedRun, embeddedRun, computeMean, findRecord } from '../support/embedded-run.ts';

const ALL_SEEDS = [1, 2, 3, 4, 5];
const IS_WHOLE = env['ARTICLE_SEEDS'] === 'all';
const SEEDS = IS_WHOLE ? ALL_SEEDS : ALL_SEEDS.slice(0, 1);

/** How much slower PVC clones are, by how many there are. */
const MANY = IS_WHOLE
  ? { count: 2000, least: 6, most: 11, flattens: 1000 }
  : { count: 800, least: 3.3, most: 5.5, flattens: 300 };

const PVC = { source: 'pvc' };
const SNAPSHOT = { source: 'snapshot' };

/** Clones of both arms, one after the other, 100 a wave. */
function clones(count: number, seed: number, ...overrides: string[]): Promise<EmbeddedRun> {
  const step = 'steps.0.clone';
  return embeddedRun(
    'clone-pvc-vs-snapshot',
    [`${step}.count=${count}`, `${step}.order=sequential`, `${step}.cleanup=false`, ...overrides],
    seed,
  );
}

function ratio(run: EmbeddedRun): number {
  return computeMean(run, 'clone', PVC) / computeMean(run, 'clone', SNAPSHOT);
}

describe('clones', () => {
  test.each(SEEDS)('one cold wave of 50, seed %d: PVC not twice as slow', async (seed) => {
    const cold = ratio(await clones(50, seed));
    expect(cold).toBeGreaterThan(1.4);
    expect(cold).toBeLessThan(2);
  });

  test.each(SEEDS)(`${MANY.count} an arm, seed %d: many times, by flattening`, async (seed) => {
    const { count, least, most, flattens } = MANY;
    const run = await clones(count, seed);
    expect(ratio(run)).toBeGreaterThan(least);
    expect(ratio(run)).toBeLessThan(most);
    expect(findRecord(run, 'clone', PVC)).toMatchObject({ reached: count, failed: 0, censored: 0 });
    expect(run.summary.simulation?.counters?.['flattens']).toBeGreaterThan(flattens);
  });

  test.each(SEEDS)('snapshot limits lifted, seed %d: below 2 however many', async (seed) => {
    const unlimited = [
      'simulation.rbd.softSnapshots=1000000',
      'simulation.rbd.hardSnapshots=1000000',
    ];
    const run = await clones(400, seed, ...unlimited);
    expect(ratio(run)).toBeLessThan(2);
    expect(run.summary.simulation?.counters?.['flattens']).toBe(0);
  });

  const PROVISIONER = ['simulation.provisioner.qps=50', 'simulation.provisioner.burst=100'];
  const WEBHOOKS = ['simulation.cdiApi.qps=1000', 'simulation.cdiApi.burst=1000'];
  const aborted = (run: EmbeddedRun) => run.summary.simulation?.counters?.['aborted'] ?? 0;

  test.each(SEEDS)(
    'provisioner rate x10, seed %d: the webhooks bind all the same',
    async (seed) => {
      const usual = computeMean(await clones(50, seed), 'clone', SNAPSHOT);
      const fast = computeMean(await clones(50, seed, ...PROVISIONER), 'clone', SNAPSHOT);
      expect(fast).toBeGreaterThan(0.9 * usual);
    },
  );

  test.each(SEEDS)('webhooks that admit all, seed %d: provisioner, then the lock', async (seed) => {
    const usual = await clones(100, seed, ...WEBHOOKS, 'steps.0.clone.wave.size=100');
    // Without them a wave of 100 is what the provisioner makes of it: PVC 2 to 4 times slower.
    expect(ratio(usual)).toBeGreaterThan(2);
    expect(ratio(usual)).toBeLessThan(4);
    const fast = await clones(
      100,
      seed,
      ...WEBHOOKS,
      ...PROVISIONER,
      'steps.0.clone.wave.size=100',
    );
    expect(computeMean(fast, 'clone', SNAPSHOT)).toBeLessThan(
      computeMean(usual, 'clone', SNAPSHOT),
    );
    // Restores of one snapshot exclude each other, so attempts now fail at the lock and back off.
    expect(aborted(fast)).toBeGreaterThan(3 * aborted(usual));
  });
});

/** The mean over waves of the longest span in a wave, seconds. */
function longest(run: EmbeddedRun, metric: 'waveRunning' | 'waveGuestReady'): number {
  return computeMean(run, metric);
}

function boots(scenario: string, seed: number, size: number, ...overrides: string[]) {
  const all = [
    'steps.0.deploy.count=400',
    'steps.1.boot.count=400',
    `steps.1.boot.wave.size=${size}`,
    ...overrides,
  ];
  return embeddedRun(scenario, all, seed);
}

describe('boots', () => {
  test.each(SEEDS)('100 RHEL 9 VMs, seed %d: ready in 29 to 35 s', async (seed) => {
    const run = await boots('boot-rhel9', seed, 100);
    expect(longest(run, 'waveGuestReady')).toBeGreaterThan(29);
    expect(longest(run, 'waveGuestReady')).toBeLessThan(35);
  });

  test.each(SEEDS)('100 Windows 11 VMs, seed %d: ready in 60 to 70 s', async (seed) => {
    const windows = await boots('boot-windows11', seed, 100);
    expect(longest(windows, 'waveGuestReady')).toBeGreaterThan(60);
    expect(longest(windows, 'waveGuestReady')).toBeLessThan(70);
    // Running says that the VM is on, which takes either system nearly the same time.
    const rhel = await boots('boot-rhel9', seed, 100);
    const apart = longest(windows, 'waveRunning') / longest(rhel, 'waveRunning');
    expect(apart).toBeGreaterThan(0.95);
    expect(apart).toBeLessThan(1.15);
  });

  test.each(SEEDS)('attacher rate x10, seed %d: Running in about two thirds', async (seed) => {
    const usual = await boots('boot-rhel9', seed, 100);
    const fast = await boots(
      'boot-rhel9',
      seed,
      100,
      'simulation.attacher.qps=50',
      'simulation.attacher.burst=100',
    );
    const share = longest(fast, 'waveRunning') / longest(usual, 'waveRunning');
    expect(share).toBeGreaterThan(0.57);
    expect(share).toBeLessThan(0.77);
  });

  test.each(SEEDS)('waves of 200, seed %d: 1.5 to 2.2 times the Running time', async (seed) => {
    const hundred = await boots('boot-rhel9', seed, 100);
    const twoHundred = await boots('boot-rhel9', seed, 200);
    const growth = longest(twoHundred, 'waveRunning') / longest(hundred, 'waveRunning');
    expect(growth).toBeGreaterThan(1.5);
    expect(growth).toBeLessThan(2.2);
  });
});
