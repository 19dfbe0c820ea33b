/** Nights made by hand: a small run's summary and manifest, with the figures that a test wants. */

import type { MetricRecord } from '../../src/analyse/metric-record.ts';
import type { Metric } from '../../src/catalogue/metrics.ts';
import type { Dimensions } from '../../src/analyse/span.ts';
import type { Estimate } from '../../src/analyse/statistics/estimate.ts';
import type { Summary } from '../../src/analyse/summary.ts';
import { makeNight } from '../../src/compare/history/make-night.ts';
import type { Night } from '../../src/compare/history/night.ts';
import type { History } from '../../src/compare/history/store.ts';
import { createRng } from '../../src/core/rng.ts';
import { rfc3339Micro } from '../../src/core/time-text.ts';
import type { Manifest, ServiceLevelFact } from '../../src/record/manifest.ts';

export interface NightDraft {
  /** Nights since the first one; also the day on which it started. */
  readonly index: number;
  readonly run?: string;
  readonly scenario?: string;
  readonly hash?: string | undefined;
  readonly environment?: string;
  readonly facts?: Readonly<Record<string, string>>;
  readonly started?: string;
  readonly outcome?: Summary['run']['outcome'];
  /** Median seconds of the one boot; all else of the night scales with it. */
  readonly boot?: Estimate | number;
  readonly missed?: number;
  readonly metrics?: readonly MetricRecord[];
  readonly waves?: readonly number[];
  readonly stages?: Readonly<Record<string, number>>;
  readonly slo?: readonly ServiceLevelFact[];
  readonly validity?: Partial<Summary['validity']>;
}

export const BOOT: Dimensions = { step: 'boot rhel9', image: 'rhel9' };

const DAY_US = 86_400e6;
const FIRST_DAY_US = 1_790_000_000e6;

export interface NightFiles {
  readonly summary: Summary;
  readonly manifest: Manifest;
}

/** What `bench run` would have written. */
export function nightFiles(draft: NightDraft): NightFiles {
  const { index, boot = 30, missed = 0, outcome = 'complete' } = draft;
  const run = draft.run ?? `night-${index}`;
  const scenario = draft.scenario ?? 'nightly';
  const started = draft.started ?? parseStartVersion(index);
  const median = typeof boot === 'number' ? { value: boot } : boot;
  const seconds = 'value' in median ? median.value : 30;
  const metrics = draft.metrics ?? [
    metricRecord('guestReady', BOOT, median, missed),
    metricRecord('waveMakespan', BOOT, { value: seconds * 1.4 }),
  ];
  const names = { id: run, scenario, target: 'simulated', seed: index, outcome } as const;
  const summary: Summary = {
    schema: 'bench/summary/v1',
    run: names,
    steps: [],
    progress: [],
    metrics,
    comparisons: [],
    misses: [],
    stages: [
      {
        of: 'boot',
        dimensions: BOOT,
        n: 100,
        stages: Object.entries(
          draft.stages ?? { scheduling: seconds / 2, running: seconds / 2 },
        ).map(([stage, mean]) => ({ stage, seconds: mean })),
      },
    ],
    waves: (draft.waves ?? [seconds, seconds * 1.1]).map((p50, wave) => ({
      stepIndex: 0,
      wave,
      warmup: false,
      dimensions: BOOT,
      n: 50,
      reached: 50,
      failed: 0,
      censored: 0,
      release: wave * 100,
      makespan: { value: p50 * 1.4 },
      spans: {
        guestReady: {
          n: 50,
          reached: 50,
          failed: 0,
          censored: 0,
          p50: { value: p50 },
          p95: { value: p50 * 1.2 },
          longest: { value: p50 * 1.3 },
        },
      },
    })),
    storage: [],
    crossChecks: [],
    validity: {
      valid: true,
      reasons: [],
      remedies: [],
      planned: 100,
      sent: 100,
      watchGaps: { count: 0, seconds: 0, relists: 0 },
      intervalShare: 0,
      wideShare: 0,
      maxSendLag: 0,
      clocks: [],
      retries: 0,
      problems: [],
      ...draft.validity,
    },
  };
  const environment = draft.environment ?? 'lab';
  const manifest: Manifest = {
    schema: 'bench/manifest/v1',
    run,
    scenario: {
      name: scenario,
      path: 'nightly.yaml',
      text: '',
      sha256: '',
      overrides: [],
      hash: 'hash' in draft ? draft.hash : `hash-of-${scenario}`,
    },
    target: 'simulated',
    seed: index,
    started,
    argv: [],
    host: { bench: '1.0.0', node: 'v20', platform: 'test', cpus: 1, memoryBytes: 1 },
    environment: {
      name: environment,
      identity: { cluster: 'simulated', format: '1', environment },
      facts: { 'simulation.attacher.qps': '5', ...draft.facts },
    },
    slo: draft.slo ?? [],
  };
  return { summary, manifest };
}

export function night(draft: NightDraft): Night {
  const made = makeNight({ ...nightFiles(draft), added: parseStartVersion(draft.index) });
  if (made.kind !== 'night') throw new Error(made.problems.join());
  return made.night;
}

/** A history of these nights, as if read from a folder. */
export function historyOf(nights: readonly Night[]): History {
  const stored = nights.map((each) => ({ night: each, file: `${each.run}.json` }));
  return { exists: true, nights: stored, problems: [] };
}

/** Levels with noise of `percent`, the same for the same name. */
export function noisy(name: string, levels: readonly number[], percent = 3): readonly number[] {
  const rng = createRng(name);
  return levels.map((level) => level * (1 + (percent / 100) * rng.normal()));
}

export function steps(...runs: readonly (readonly [count: number, level: number])[]): number[] {
  return runs.flatMap(([count, level]) => Array.from({ length: count }, () => level));
}

/** RFC 3339: noon of night `index`. */
export function parseStartVersion(index: number): string {
  return rfc3339Micro(FIRST_DAY_US + index * DAY_US);
}

export function metricRecord(
  metric: Metric,
  dimensions: Dimensions,
  p50: Estimate,
  missed = 0,
): MetricRecord {
  const scaled = (factor: number): Estimate =>
    'value' in p50 ? { value: p50.value * factor } : p50;
  const n = 100;
  return {
    metric,
    stepIndex: 0,
    dimensions,
    n,
    reached: n - missed,
    failed: missed,
    censored: 0,
    p50,
    p90: scaled(1.15),
    p95: scaled(1.2),
    p99: scaled(1.3),
    ...('value' in p50 ? { mean: { value: p50.value }, max: { value: p50.value * 1.4 } } : {}),
    type7: {},
    method: 'inverse-ecdf',
    waves: 2,
    successShare: { value: (n - missed) / n },
    warnings: [],
  };
}
