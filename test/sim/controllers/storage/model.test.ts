/**
 * Agreement with what is known of clones on equal parameters, without CDI's webhooks, which would
 * admit fewer than the provisioner takes. The mean of a wave of snapshots is the one that was
 * recorded on the real controllers; the timing model, which leaves out that CDI rewrites the status
 * of what is running, has 30.7 s there. The others are the model's, over seeds: 12 for one wave, 24
 * for the campaign. A campaign is chaotic (one snapshot more or less decides whether a wave meets
 * the limit), hence the width. `npm run article` plays it twice; the suite plays the clones of
 * article.test.ts, which meet the same limits.
 */

import { env } from 'node:process';
import { describe, expect, test } from 'vitest';
import type { DataVolumeSource } from '../../../../src/api/storage.ts';
import { seconds } from '../../../../src/core/duration.ts';
import { type ClusterOptions, cloneWave, createStorageCluster, prepareGolden } from './cluster.ts';

const FROM_CLAIM = { pvc: { name: 'golden' } };
const FROM_SNAPSHOT = { snapshot: { name: 'golden-snapshot' } };

const IS_WHOLE = env['ARTICLE_SEEDS'] === 'all';

interface Campaign {
  /** The mean of each wave. */
  readonly waveSeconds: readonly number[];
  readonly counters: ReturnType<ReturnType<typeof createStorageCluster>['rbd']['counters']>;
}

async function playCampaign(
  source: DataVolumeSource,
  waves: number,
  options: ClusterOptions,
): Promise<Campaign> {
  const cluster = createStorageCluster(options);
  const waveSeconds: number[] = [];
  await cluster.kernel.run(async () => {
    await prepareGolden(cluster);
    for (let wave = 0; wave < waves; wave++) {
      waveSeconds.push((await cloneWave(cluster, `wave${wave}`, source)).meanSeconds);
      await cluster.kernel.sleep(seconds(30));
    }
  });
  cluster.controllers.stop();
  return { waveSeconds, counters: cluster.rbd.counters() };
}

const played = new Map<string, Promise<Campaign>>();

/** The same campaign is played once: it would come out the same. */
function campaign(source: DataVolumeSource, waves: number, options: ClusterOptions) {
  const key = JSON.stringify([source, waves, options]);
  const known = played.get(key) ?? playCampaign(source, waves, options);
  played.set(key, known);
  return known;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function meanOver(
  seeds: readonly number[],
  source: DataVolumeSource,
  waves: number,
  options: ClusterOptions = {},
) {
  const campaigns: Campaign[] = [];
  for (const seed of seeds) campaigns.push(await campaign(source, waves, { ...options, seed }));
  const mean = (pick: (each: Campaign) => number) => meanOf(campaigns.map(pick));
  return {
    meanSeconds: mean(({ waveSeconds }) => meanOf(waveSeconds)),
    flattens: mean(({ counters }) => counters.flattens),
    resourceExhausted: mean(({ counters }) => counters.resourceExhausted),
    aborted: mean(({ counters }) => counters.aborted),
    managerCommands: mean(({ counters }) => counters.managerCommands),
  };
}

function within(value: number, expected: number, share: number): void {
  expect(value).toBeGreaterThan(expected * (1 - share));
  expect(value).toBeLessThan(expected * (1 + share));
}

describe('one cold wave of a hundred', () => {
  test('by claim', async () => {
    const wave = await meanOver([1, 2, 3], FROM_CLAIM, 1);
    within(wave.meanSeconds, 83.4, 0.1);
    expect(wave).toMatchObject({ flattens: 0, resourceExhausted: 0, aborted: 0 });
  });

  test('by snapshot', async () => {
    const wave = await meanOver([1, 2, 3], FROM_SNAPSHOT, 1);
    within(wave.meanSeconds, 36.8, 0.1);
    expect(wave.aborted).toBeGreaterThan(8);
    // 32 and 33 in two recordings of one wave.
    expect(wave.aborted).toBeLessThan(45);
  });
});

describe('a campaign of two thousand', () => {
  test.runIf(IS_WHOLE)('by claim meets the limits of the golden image', async () => {
    const result = await meanOver([1, 2], FROM_CLAIM, 20);
    within(result.meanSeconds, 367, 0.1);
    within(result.flattens, 1534, 0.1);
    within(result.resourceExhausted, 2421, 0.2);
    within(result.managerCommands, 1_468_000, 0.2);
  });

  test('by snapshot stays as fast as its first wave', async () => {
    const result = await meanOver([1], FROM_SNAPSHOT, 4);
    within(result.meanSeconds, 36.8, 0.1);
    expect(result).toMatchObject({ flattens: 0, resourceExhausted: 0, managerCommands: 0 });
  });
});

describe('what if', () => {
  test('without limits clones by claim stay at their first wave', async () => {
    const rbd = { softSnapshots: 1e6, hardSnapshots: 1e6 };
    const result = await meanOver([1], FROM_CLAIM, 4, { overrides: { rbd } });
    within(result.meanSeconds, 83, 0.1);
  });

  test('a provisioner with ten times the rate meets the lock on the snapshot', async () => {
    const provisioner = { qps: 50, burst: 100 };
    const result = await meanOver([1, 2], FROM_SNAPSHOT, 1, { overrides: { provisioner } });
    // Without the provisioner's limit, CDI's on DataVolumes is the next one.
    expect(result.meanSeconds).toBeLessThan(34);
    expect(result.aborted).toBeGreaterThan(100);
  });

  test('a smaller image is flattened faster', async () => {
    const manager = { copyTime: 37_500 };
    const waves = 6;
    const usual = await campaign(FROM_CLAIM, IS_WHOLE ? 20 : waves, { seed: 1 });
    const fast = await campaign(FROM_CLAIM, waves, { seed: 1, overrides: { manager } });
    expect(meanOf(fast.waveSeconds)).toBeLessThan(meanOf(usual.waveSeconds.slice(0, waves)));
  });
});
