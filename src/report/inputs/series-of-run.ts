/**
 * The series of a run: which spans belong together, what they are called, and in which order waves
 * and points come. A deploy clones disks too; those are series of their own, since they compete
 * with other work than a step that only clones.
 */

import type { MetricRecord } from '../../analyse/metric-record.ts';
import { observationInSeconds } from '../../analyse/metric-record.ts';
import { BOOT_LATENCIES, HEADLINE_METRICS, metricFacts } from '../../catalogue/metric-sets.ts';
import type { Metric } from '../../catalogue/metrics.ts';
import type { Span } from '../../analyse/span.ts';
import { dimensionKey } from '../../analyse/spans.ts';
import type { Summary } from '../../analyse/summary.ts';
import { toSeconds } from '../../core/duration.ts';
import type { Run, RunStep } from '../../record/run.ts';
import { type Identity, IDENTITIES } from '../chart/theme.ts';
import type { Series, SeriesWave, SpanPoint } from '../figures/series.ts';
import { displayName, sourceText } from '../../catalogue/names.ts';
import { type Names, listNames } from './names.ts';

/** What a series is about, beside the series itself. */
export interface RunSeries {
  /** `step`: of an apply or act, which the scenario alone knows the sense of. */
  readonly role: 'clone' | 'deploy' | 'boot' | 'step';
  readonly metric: Metric;
  readonly step: RunStep;
  readonly dimensions: MetricRecord['dimensions'];
  readonly series: Series;
  /** The spans by wave and in order of intended start, as in `series.waves`. */
  readonly spans: readonly (readonly Span[])[];
  /** Indices of the waves in the run, as in `series.waves`. */
  readonly waveIndices: readonly number[];
}

/** In order of their steps. */
export function seriesOfRun(
  run: Run,
  summary: Summary,
  spans: readonly Span[],
): readonly RunSeries[] {
  const steps = new Map(run.steps.map((step) => [step.index, step]));
  const groups = new Map<string, Span[]>();
  for (const span of spans) {
    if (!HEADLINE_METRICS.has(span.metric)) continue;
    const key = `${span.operation.step}/${span.metric}/${dimensionKey(span.dimensions)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [span]);
    else group.push(span);
  }
  const names = listNames(run.steps);
  const found = [...groups.values()].flatMap((group): RunSeries[] => {
    const first = group[0] as Span;
    const step = steps.get(first.operation.step);
    const record = findRecord(summary, first);
    return step === undefined || record === undefined
      ? []
      : [oneSeries(run, step, record, group, names)];
  });
  return told(found.toSorted((a, b) => a.step.index - b.step.index));
}

function findRecord({ metrics }: Summary, { metric, dimensions }: Span): MetricRecord | undefined {
  const key = dimensionKey(dimensions);
  return metrics.find(
    (record) => record.metric === metric && dimensionKey(record.dimensions) === key,
  );
}

function oneSeries(
  run: Run,
  step: RunStep,
  record: MetricRecord,
  group: readonly Span[],
  names: Names,
): RunSeries {
  const role = chooseRole(record.metric, step);
  const byWave = spansByWave(group);
  const releases = new Map(
    run.waves.filter((wave) => wave.step === step.index).map((wave) => [wave.index, wave]),
  );
  const begun = begunByWave(run, step, group);
  let cumulative = 0;
  const waves = byWave.map(([index, spans], i): SeriesWave => {
    cumulative += spans.length;
    const wave = releases.get(index);
    return {
      number: i + 1,
      isWarmup: wave?.warmup ?? false,
      cumulative,
      neverBegun: Math.max(0, (wave?.size ?? 0) - (begun.get(index) ?? 0)),
      releaseS: toSeconds(wave?.releaseUs ?? spans[0]?.operation.intendedUs ?? 0),
      points: spans.map((span) => toPoint(run, span)),
    };
  });
  return {
    role,
    metric: record.metric,
    step,
    dimensions: record.dimensions,
    series: {
      ...named(role, record, names),
      ...readFigures(record),
      waves,
      neverReleased: neverReleased(step, role, begun.size),
    },
    spans: byWave.map(([, spans]) => spans),
    waveIndices: byWave.map(([index]) => index),
  };
}

/** Begun operations of each wave that has one of this arm, whatever became of them. */
function begunByWave(
  { operations }: Run,
  { index }: RunStep,
  [first]: readonly Span[],
): ReadonlyMap<number, number> {
  const own = operations.filter(({ step }) => step === index);
  const isArm = new Set(
    own.filter(({ variant }) => variant === first?.operation.variant).map(({ wave }) => wave),
  );
  const begun = new Map<number, number>();
  for (const { wave } of own) if (isArm.has(wave)) begun.set(wave, (begun.get(wave) ?? 0) + 1);
  return begun;
}

/** The arms of clones have as many waves each; of VMs of several kinds that is not known. */
function neverReleased(step: RunStep, role: RunSeries['role'], released: number): number {
  const kinds = Math.max(1, step.variants.length);
  if (role !== 'clone' && kinds > 1) return 0;
  return Math.max(0, Math.round(step.plannedWaves / kinds) - released);
}

function chooseRole(metric: Metric, { kind }: RunStep): RunSeries['role'] {
  if (metricFacts(metric).milestone === 'until') return 'step';
  if (BOOT_LATENCIES.has(metric)) return 'boot';
  return kind === 'clone' || kind === 'observe' ? 'clone' : 'deploy';
}

function spansByWave(group: readonly Span[]): readonly (readonly [number, readonly Span[]])[] {
  const waves = new Map<number, Span[]>();
  for (const span of group) {
    const wave = waves.get(span.operation.wave);
    if (wave === undefined) waves.set(span.operation.wave, [span]);
    else wave.push(span);
  }
  const byIntent = (a: Span, b: Span) => a.operation.intendedUs - b.operation.intendedUs;
  return [...waves]
    .sort(([a], [b]) => a - b)
    .map(([index, spans]) => [index, spans.sort(byIntent)]);
}

function toPoint({ objects }: Run, { metric, operation, object, outcome }: Span): SpanPoint {
  const isFromSent = object === undefined || metricFacts(metric).from === 'sent';
  const startUs = isFromSent ? operation.sentUs : objects.seen(object).atUs;
  const node = object === undefined ? undefined : objects.latest(object, 'node');
  return {
    name: operation.name,
    intendedS: toSeconds(operation.intendedUs),
    startS: toSeconds(startUs),
    outcome: observationInSeconds(outcome),
    ...(node === undefined ? {} : { node }),
  };
}

/** Of whatever kind the objects are: the scenario's own name of the step says what was done. */
function namedByStep({ dimensions: { step } }: MetricRecord, names: Names) {
  const identity = names.imageIdentity(step);
  return { key: step, label: step, identity, noun: 'objects', measure: 'duration', name: step };
}

function named(role: RunSeries['role'], record: MetricRecord, names: Names) {
  const { metric, dimensions } = record;
  if (role === 'step') return namedByStep(record, names);
  const { image, source, template, path } = dimensions;
  const what = image ?? template ?? 'disk';
  const { heading } = metricFacts(metric);
  const measure = role === 'deploy' ? `disk ${heading}` : heading;
  const isClone = role === 'clone';
  const arm = sourceText(source ?? 'other');
  const plain = !isClone
    ? displayName(what)
    : names.clonedImages > 1
      ? `${displayName(what)} ${arm}`
      : arm;
  const own = isClone ? (source ?? 'other') : what;
  const identity = isClone ? names.sourceIdentity(own) : names.imageIdentity(what);
  const [key, label] =
    path === undefined ? [own, plain] : [`${own}-${path}`, `${plain} via ${path}`];
  const noun = isClone || role === 'deploy' ? 'clones' : 'VMs';
  return { key, label, identity, noun, measure, name: `${label} ${measure}` };
}

function readFigures(record: MetricRecord) {
  const { n, reached, failed, censored, p50, p90, p95, p99, mean, max, warnings } = record;
  const counts = { n, reached, failed, censored };
  return {
    ...counts,
    p50,
    p90,
    p95,
    p99,
    warnings,
    ...(mean === undefined ? {} : { mean }),
    ...(max === undefined ? {} : { max }),
  };
}

/** Series that would bear the same name get their step's beside it, and a look of their own. */
function told(all: readonly RunSeries[]): readonly RunSeries[] {
  return all.map((one) => {
    const twins = all.filter(({ series }) => series.name === one.series.name);
    if (twins.length < 2) return one;
    const label = `${one.series.label} (${one.step.name})`;
    const identity = nthIdentity(one.series.identity, twins.indexOf(one));
    const name = `${label} ${one.series.measure}`;
    return { ...one, series: { ...one.series, label, name, identity } };
  });
}

/** The first keeps what its image has anywhere else. */
function nthIdentity(own: Identity, n: number): Identity {
  const others = IDENTITIES.filter(({ colour }) => colour !== own.colour);
  return n === 0 ? own : (others[(n - 1) % others.length] ?? own);
}
