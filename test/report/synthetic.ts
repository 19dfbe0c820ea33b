/** Series like those of a 10,000-VM run, from seeded randomness, for figures without a run. */

import { createRng, type Rng } from '../../src/core/rng.ts';
import type { Observation } from '../../src/analyse/statistics/observation.ts';
import { summarise } from '../../src/analyse/statistics/summarise.ts';
import { type Identity, pickIdentity } from '../../src/report/chart/theme.ts';
import type { BootFact } from '../../src/report/facts/wave-facts.ts';
import type { ImageBoots } from '../../src/report/figures/boots.ts';
import type { SpeedUp } from '../../src/report/figures/clone-speed-up.ts';
import type { Series, SeriesWave } from '../../src/report/figures/series.ts';
import type { Staged } from '../../src/report/figures/stages.ts';

export interface SeriesShape {
  readonly key: string;
  readonly label: string;
  readonly measure: string;
  readonly noun?: string;
  readonly waves: number;
  readonly waveSize?: number;
  /** Seconds of wave `w`, place `i`. */
  readonly seconds: (wave: number, place: number, rng: Rng) => number;
  readonly paceS: number;
  readonly firstS?: number;
  /** Share that is censored at `deadlineS`. */
  readonly missShare?: number;
  readonly deadlineS?: number;
  readonly index?: number;
}

function syntheticSeries(shape: SeriesShape): Series {
  const rng = createRng(7).fork(shape.key + shape.measure);
  const size = shape.waveSize ?? 100;
  const waves = Array.from({ length: shape.waves }, (_, w): SeriesWave => {
    const releaseS = (shape.firstS ?? 0) + w * shape.paceS;
    const points = Array.from({ length: size }, (__, i) => {
      const intendedS = releaseS + (2 * i) / size;
      const seconds = shape.seconds(w, i, rng);
      const isMissed = rng.next() < (shape.missShare ?? 0);
      const outcome: Observation = isMissed
        ? { state: 'censored', at: shape.deadlineS ?? 600 }
        : { state: 'reached', lo: seconds, hi: seconds };
      const node = `worker-${String(rng.integer(108)).padStart(3, '0')}`;
      return {
        name: `${shape.key}-${w * size + i}`,
        intendedS,
        startS: intendedS + 0.02,
        outcome,
        node,
      };
    });
    const cumulative = (w + 1) * size;
    return { number: w + 1, isWarmup: false, cumulative, releaseS, neverBegun: 0, points };
  });
  const observations = waves.map(({ points }) => points.map(({ outcome }) => outcome));
  const summary = summarise(observations, { seed: 1, resamples: 300 });
  const { n, reached, failed, censored, mean, max, quantiles, warnings } = summary;
  return {
    key: shape.key,
    label: shape.label,
    identity: pickIdentity(shape.key, shape.index ?? 0),
    noun: shape.noun ?? 'VMs',
    measure: shape.measure,
    name: `${shape.label} ${shape.measure}`,
    waves,
    neverReleased: 0,
    n,
    reached,
    failed,
    censored,
    warnings,
    ...quantiles,
    ...(mean === undefined ? {} : { mean }),
    ...(max === undefined ? {} : { max }),
  };
}

export const PVC = syntheticSeries({
  key: 'pvc',
  label: 'PVC',
  measure: 'clone',
  noun: 'clones',
  waves: 20,
  paceS: 420,
  seconds: (w, i, rng) => rng.gamma(60 + 28 * Math.min(w, 14) + i * 1.4, 0.25),
});

export const SNAPSHOT = syntheticSeries({
  key: 'snapshot',
  label: 'snapshot',
  measure: 'clone',
  noun: 'clones',
  waves: 20,
  firstS: 9000,
  paceS: 85,
  missShare: 0.004,
  deadlineS: 300,
  index: 1,
  seconds: (_, i, rng) => 5 + rng.gamma(6 + i * 0.45, 0.3),
});

export const SPEED_UP: SpeedUp = {
  label: 'RHEL 9',
  baseline: PVC,
  head: SNAPSHOT,
  ratioOfMeans: { value: 10.13, lo: 9.21, hi: 11.34 },
  ratioOfMedians: { value: 11.2, lo: 10, hi: 12 },
  waits: undefined,
  order: 'sequential',
};

function boot(key: string, label: string, index: number, waves: number, slow: number) {
  const shared = { key, label, index, waves, firstS: index * 3800, paceS: 62 };
  const running = syntheticSeries({
    ...shared,
    measure: 'VMI Running',
    seconds: (w, i, rng) => 4 + rng.gamma(8 + i * 0.09 + w * 0.01, 0.12),
  });
  const guestReady = syntheticSeries({
    ...shared,
    measure: 'guest ready',
    seconds: (w, i, rng) =>
      4 + slow + rng.gamma(8 + i * 0.09 + w * 0.02, 0.2) + rng.gamma(slow / 3, 0.4),
  });
  return { running, guestReady };
}

const RHEL = boot('rhel9', 'RHEL 9', 0, 60, 6);
const WINDOWS = boot('windows11', 'Windows 11', 1, 40, 24);

export const BOOTS: readonly ImageBoots[] = [
  imageBoots('RHEL 9', RHEL),
  imageBoots('Windows 11', WINDOWS),
];

function imageBoots(label: string, { running, guestReady }: ReturnType<typeof boot>): ImageBoots {
  const fact: BootFact = {
    dimensions: { step: 'boots' },
    size: { least: 100, most: 100 },
    until: 'guestReady',
    waves: running.waves.length,
    missedWaves: 0,
    slowest: longest(guestReady),
    slowestRunning: longest(running),
    wholeWave: { value: 40 },
    statistic: 'mean',
  };
  return { fact, label, running, guest: guestReady };
}

function longest({ waves }: Series) {
  const each = waves.map(({ points }): Observation[] => {
    const most = Math.max(
      ...points.map(({ outcome }) => (outcome.state === 'reached' ? outcome.hi : 0)),
    );
    return [{ state: 'reached', lo: most, hi: most }];
  });
  return summarise(each, { seed: 1, resamples: 300 }).mean;
}

export const BOOT_SERIES: readonly Series[] = [RHEL.guestReady, WINDOWS.guestReady];

const CLONE_STAGES = ['created', 'scheduled', 'in progress', 'rebind'];
const BOOT_STAGES = ['start asked', 'created', 'scheduling', 'scheduled', 'running'];

export const STAGED: readonly Staged[] = [
  staged('clone', PVC, CLONE_STAGES, [0.01, 0.02, 0.93, 0.04]),
  staged('clone', SNAPSHOT, CLONE_STAGES, [0.05, 0.15, 0.7, 0.1]),
  staged('boot', RHEL.guestReady, BOOT_STAGES, [0.01, 0.03, 0.35, 0.21, 0.4]),
  staged('boot', WINDOWS.guestReady, BOOT_STAGES, [0.01, 0.03, 0.16, 0.1, 0.7]),
];

function staged(
  of: string,
  series: Series,
  names: readonly string[],
  shares: readonly number[],
): Staged {
  const rng = createRng(3).fork(series.key);
  const identity: Identity = series.identity;
  return {
    label: series.label,
    identity,
    of,
    noun: series.noun,
    stages: names,
    objects: series.waves.flatMap(({ cumulative, points }) =>
      points.flatMap(({ name, outcome }) => {
        if (outcome.state !== 'reached') return [];
        const weights = shares.map((share) => rng.gamma(share, 0.2));
        const sum = weights.reduce((a, b) => a + b, 0);
        return [
          { name, cumulative, seconds: weights.map((weight) => (weight / sum) * outcome.hi) },
        ];
      }),
    ),
  };
}
