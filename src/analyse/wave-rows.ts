/** A row per wave and variant: what waves.csv and the per-wave table show. Seconds. */

import { LATENCIES_FROM_SIGHT, METRIC_ORDER } from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import { SECOND, toSeconds } from '../core/duration.ts';
import type { Run, RunWave } from '../record/run.ts';
import { observationInSeconds } from './metric-record.ts';
import type { FiledValue, Sample } from './samples.ts';
import type { Dimensions } from './span.ts';
import { dimensionKey } from './spans.ts';
import type { Estimate } from './statistics/estimate.ts';
import { count, type Counts, type Observation } from './statistics/observation.ts';
import { estimateQuantile } from './statistics/quantile-estimate.ts';
import { worstOfEach } from './wave-spans.ts';

export interface WaveRow extends Counts {
  readonly stepIndex: number;
  readonly wave: number;
  readonly warmup: boolean;
  readonly dimensions: Dimensions;
  /** Since the run's start. */
  readonly release: number;
  /** When its gate opened. */
  readonly end?: number;
  /** Release -> last milestone. */
  readonly makespan: Estimate;
  /** Clones that took another path than was asked for; they are in no span of the row. */
  readonly fellBack?: number;
  /** Of this wave alone. */
  readonly spans: Readonly<Partial<Record<Metric, WaveSpan>>>;
  /** Storage in use when the wave was over. */
  readonly usedBytes?: number;
}

interface WaveSpan extends Counts {
  /** Of the reached. */
  readonly mean?: number;
  readonly p50: Estimate;
  readonly p95: Estimate;
  /** The longest span; over or never where one was missed. */
  readonly longest: Estimate;
}

/** The farthest milestone that was measured in the wave; undefined where none was. */
export function farthestSpan({ spans }: WaveRow): Metric | undefined {
  return METRIC_ORDER.findLast((metric) => spans[metric] !== undefined);
}

/** Rows in order of release; `goals` are the values of single operations from the release on. */
export function waveRows(
  run: Run,
  samples: readonly Sample[],
  goals: readonly FiledValue[],
): readonly WaveRow[] {
  const spans = spansByRow(samples.filter(({ dimensions }) => dimensions.path === undefined));
  const fallen = fallenByRow(samples);
  const waves = new Map(run.waves.map((wave) => [`${wave.step}/${wave.index}`, wave]));
  const used = new Map(run.usage.map(({ s, w, usedBytes }) => [`${s}/${w ?? ''}`, usedBytes]));
  const counts = countsByRow(goals);
  return worstOfEach(goals)
    .map((goal) => {
      const key = rowKey(goal);
      const wave = waves.get(`${goal.step}/${goal.wave}`) as RunWave;
      return {
        stepIndex: goal.step,
        wave: goal.wave,
        warmup: wave.warmup,
        dimensions: goal.dimensions,
        ...count(counts.get(key) ?? []),
        ...readTimes(wave),
        makespan: asEstimate(observationInSeconds(goal.outcome)),
        ...defined('fellBack', fallen.get(key)),
        spans: spans.get(key) ?? {},
        ...defined('usedBytes', used.get(`${goal.step}/${goal.wave}`)),
      };
    })
    .sort((a, b) => a.release - b.release || a.stepIndex - b.stepIndex || a.wave - b.wave);
}

/** One observation as the estimate of itself. */
function asEstimate(observation: Observation): Estimate {
  if (observation.state === 'failed') return { never: true };
  if (observation.state === 'censored') return { over: observation.at };
  const { lo, hi } = observation;
  return lo === hi ? { value: hi } : { value: hi, lo, hi };
}

function readTimes({ releaseUs, end }: RunWave) {
  return {
    release: toSeconds(releaseUs),
    ...(end === undefined ? {} : { end: toSeconds(end.atUs) }),
  };
}

function countsByRow(goals: readonly FiledValue[]): Map<string, Observation[]> {
  const rows = new Map<string, Observation[]>();
  for (const goal of goals) {
    const key = rowKey(goal);
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [goal.outcome]);
    else row.push(goal.outcome);
  }
  return rows;
}

function fallenByRow(samples: readonly Sample[]): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  for (const { metric, step, dimensions, waves } of samples) {
    const { path, ...asked } = dimensions;
    if (metric !== 'clone' || path === undefined) continue;
    for (const { index, observations } of waves) {
      const key = rowKey({ step, wave: index, dimensions: asked });
      rows.set(key, (rows.get(key) ?? 0) + observations.length);
    }
  }
  return rows;
}

function spansByRow(samples: readonly Sample[]) {
  const rows = new Map<string, Partial<Record<Metric, WaveSpan>>>();
  for (const { metric, step, dimensions, waves } of samples) {
    if (!LATENCIES_FROM_SIGHT.has(metric)) continue;
    for (const { index, observations } of waves) {
      const key = rowKey({ step, wave: index, dimensions });
      const row = rows.get(key) ?? {};
      rows.set(key, { ...row, [metric]: waveSpan(observations.map(observationInSeconds)) });
    }
  }
  return rows;
}

function waveSpan(observations: readonly Observation[]): WaveSpan {
  const reached = observations.flatMap((o) => (o.state === 'reached' ? [o.hi] : []));
  const sum = reached.reduce((total, value) => total + value, 0);
  const quantile = (q: number) => estimateQuantile(observations, q).estimate;
  return {
    ...count(observations),
    ...(reached.length === 0 ? {} : { mean: Math.round((sum / reached.length) * SECOND) / SECOND }),
    p50: quantile(0.5),
    p95: quantile(0.95),
    longest: quantile(1),
  };
}

function rowKey({ step, wave, dimensions }: Pick<FiledValue, 'step' | 'wave' | 'dimensions'>) {
  return `${step}/${wave}/${dimensionKey(dimensions)}`;
}

function defined<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}
