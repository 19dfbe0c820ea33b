/**
 * Spans filed by metric and dimensions, wave by wave: what statistics take. Values of one wave
 * depend on each other, so a sample is a list of waves, not of values; and warm-up waves are kept
 * apart, recorded but in no headline.
 */

import type { Run, RunWave } from '../record/run.ts';
import { METRIC_ORDER } from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import { type Dimensions, type Span } from './span.ts';
import { dimensionKey } from './spans.ts';
import type { Observation, Wave } from './statistics/observation.ts';

export interface Sample {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  /** Index of the step in the plan. */
  readonly step: number;
  /** In order of release; microseconds. */
  readonly waves: readonly SampleWave[];
}

interface SampleWave {
  readonly index: number;
  readonly warmup: boolean;
  readonly observations: Wave;
}

/** One value with what it is filed under. */
export interface FiledValue {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  readonly step: number;
  readonly wave: number;
  readonly outcome: Observation;
}

/** Files spans of single operations. */
export function filed({ metric, dimensions, operation, outcome }: Span): FiledValue {
  return { metric, dimensions, step: operation.step, wave: operation.wave, outcome };
}

/** One sample per metric and dimension set; steps are never pooled. */
export function collectSamples(run: Run, values: Iterable<FiledValue>): readonly Sample[] {
  const warmups = new Set(run.waves.filter(({ warmup }) => warmup).map(waveKey));
  const drafts = new Map<string, Draft>();
  for (const value of values) {
    const key = `${value.step}\u0000${value.metric}\u0000${dimensionKey(value.dimensions)}`;
    let draft = drafts.get(key);
    if (draft === undefined) drafts.set(key, (draft = { first: value, waves: new Map() }));
    const wave = draft.waves.get(value.wave);
    if (wave === undefined) draft.waves.set(value.wave, [value.outcome]);
    else wave.push(value.outcome);
  }
  return [...drafts.values()].map((draft) => makeSample(draft, warmups)).sort(byMetricAndStep);
}

/** The waves that count in headlines. */
export function headlineWaves({ waves }: Sample): readonly Wave[] {
  return waves.filter(({ warmup }) => !warmup).map(({ observations }) => observations);
}

interface Draft {
  readonly first: FiledValue;
  readonly waves: Map<number, Observation[]>;
}

function makeSample({ first, waves }: Draft, warmups: ReadonlySet<string>): Sample {
  const { metric, dimensions, step } = first;
  return {
    metric,
    dimensions,
    step,
    waves: [...waves]
      .sort(([a], [b]) => a - b)
      .map(([index, observations]) => ({
        index,
        warmup: warmups.has(waveKey({ step, index })),
        observations,
      })),
  };
}

/** What took another path than was asked for comes after what did not. */
function byMetricAndStep(a: Sample, b: Sample): number {
  const rank = METRIC_ORDER.indexOf(a.metric) - METRIC_ORDER.indexOf(b.metric);
  if (rank !== 0) return rank;
  if (a.step !== b.step) return a.step - b.step;
  return Number(a.dimensions.path !== undefined) - Number(b.dimensions.path !== undefined);
}

function waveKey({ step, index }: Pick<RunWave, 'step' | 'index'>): string {
  return `${step}/${index}`;
}
