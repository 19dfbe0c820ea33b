/**
 * From a run's summary and manifest to a night. The medians by node come from the run's history,
 * not from its summary, so a night made without one has no nodes.
 */

import type { FeltRecord } from '../../analyse/felt.ts';
import type { MetricRecord } from '../../analyse/metric-record.ts';
import { BOOT_LATENCIES } from '../../catalogue/metric-sets.ts';
import type { Metric } from '../../catalogue/metrics.ts';
import type { Dimensions, Span } from '../../analyse/span.ts';
import { dimensionKey, measuredOperations, makeSpans } from '../../analyse/spans.ts';
import type { Estimate } from '../../analyse/statistics/estimate.ts';
import { quantileSorted } from '../../analyse/statistics/quantile.ts';
import type { Summary } from '../../analyse/summary.ts';
import type { WaveRow } from '../../analyse/wave-rows.ts';
import { toSeconds } from '../../core/duration.ts';
import type { Manifest } from '../../record/manifest.ts';
import type { Run } from '../../record/run.ts';
import { seriesId } from './carry-on.ts';
import {
  fingerprint,
  type Night,
  NIGHT_SCHEMA,
  type NightEnvironment,
  type NightFelt,
  type NightMetric,
  type NightNodes,
  type NightWaves,
} from './night.ts';

export interface NightSources {
  readonly summary: Summary;
  readonly manifest: Manifest;
  /** Absent where only the summary is at hand. */
  readonly run?: Run | undefined;
  /** RFC 3339. */
  readonly added: string;
}

export type MadeNight =
  | { readonly kind: 'night'; readonly night: Night }
  | { readonly kind: 'unknown'; readonly problems: readonly string[] };

/** The night of a run; or what its manifest lacks to say which series it belongs to. */
export function makeNight({ summary, manifest, run, added }: NightSources): MadeNight {
  const problems = manifestProblems(summary, manifest);
  const { scenario, environment } = manifest;
  const scenarioHash = seriesId(scenario);
  if (problems.length > 0 || scenarioHash === undefined || environment === undefined) {
    return { kind: 'unknown', problems };
  }
  const night: Night = {
    schema: NIGHT_SCHEMA,
    run: summary.run.id,
    scenario: summary.run.scenario,
    scenarioHash,
    ...(scenario.load === undefined ? {} : { formerHash: scenario.hash }),
    ...(scenario.series === undefined && scenario.names ? { names: scenario.names } : {}),
    target: summary.run.target,
    seed: summary.run.seed,
    started: manifest.started,
    ...(manifest.finished === undefined ? {} : { finished: manifest.finished.at }),
    added,
    environment: makeEnvironment(environment, manifest),
    metrics: summary.metrics.map(nightMetric),
    stages: (summary.stages ?? []).map(({ of, dimensions, stages }) => ({
      of,
      ...dimensions,
      seconds: Object.fromEntries(stages.map(({ stage, seconds }) => [stage, rounded(seconds)])),
    })),
    waves: waveMedians(summary.waves ?? []),
    nodes: run === undefined ? [] : nodeMedians(run),
    ...(summary.felt === undefined ? {} : { felt: summary.felt.map(nightFelt) }),
  };
  return { kind: 'night', night };
}

function manifestProblems(summary: Summary, manifest: Manifest): string[] {
  return [
    ...(manifest.run === summary.run.id
      ? []
      : [`manifest.json is of run '${manifest.run}', summary.json of run '${summary.run.id}'`]),
    ...(seriesId(manifest.scenario) === undefined
      ? ['the manifest does not say which scenario it was (no hash): run it with this bench']
      : []),
    ...(manifest.environment === undefined
      ? ['the manifest does not say on which environment it ran: run it with this bench']
      : []),
  ];
}

/** The harness is part of what may explain a change. */
function makeEnvironment(
  { name, identity, facts }: NonNullable<Manifest['environment']>,
  { host, scenario }: Manifest,
): NightEnvironment {
  const { bench, gitCommit, node } = host;
  const own = {
    bench,
    ...(gitCommit === undefined ? {} : { 'bench.commit': gitCommit }),
    'bench.node': node,
  };
  return {
    name,
    fingerprint: fingerprint(identity),
    identity,
    facts: { ...facts, ...scenario.facts, ...own },
  };
}

function nightMetric(record: MetricRecord): NightMetric {
  const { metric, dimensions, n, reached, failed, censored, waves } = record;
  const { mean, p50, p90, p95, p99, min, max } = record;
  return {
    metric,
    ...dimensions,
    n,
    reached,
    failed,
    censored,
    waves,
    ...(mean === undefined ? {} : { mean }),
    p50,
    p90,
    p95,
    p99,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

function nightFelt({ step, name, unit, mean, max }: FeltRecord): NightFelt {
  return { step, name, unit, ...(mean === undefined ? {} : { mean, max }) };
}

function waveMedians(rows: readonly WaveRow[]): readonly NightWaves[] {
  const found = new Map<string, { head: Omit<NightWaves, 'p50'>; p50: (number | null)[] }>();
  for (const { dimensions, wave, spans } of rows) {
    for (const [metric, span] of Object.entries(spans) as [Metric, { p50: Estimate }][]) {
      const key = `${metric}/${dimensionKey(dimensions)}`;
      const known = found.get(key) ?? { head: { metric, ...dimensions }, p50: [] };
      found.set(key, known);
      while (known.p50.length < wave) known.p50.push(null);
      known.p50[wave] = 'value' in span.p50 ? rounded(span.p50.value) : null;
    }
  }
  return [...found.values()].map(({ head, p50 }) => ({ ...head, p50 }));
}

function nodeMedians(run: Run): readonly NightNodes[] {
  const groups = new Map<string, { metric: Metric; dimensions: Dimensions; nodes: Nodes }>();
  for (const span of makeSpans(run, measuredOperations(run))) {
    const { metric, dimensions, object } = span;
    if (!BOOT_LATENCIES.has(metric) || object === undefined) continue;
    const node = run.objects.latest(object, 'node');
    if (node === undefined) continue;
    const key = `${metric}/${dimensionKey(dimensions)}`;
    const group = groups.get(key) ?? { metric, dimensions, nodes: new Map() };
    groups.set(key, group);
    const seconds = group.nodes.get(node);
    if (seconds === undefined) group.nodes.set(node, [readSeconds(span)]);
    else seconds.push(readSeconds(span));
  }
  return [...groups.values()].map(({ metric, dimensions, nodes }) => ({
    metric,
    ...dimensions,
    p50: Object.fromEntries(
      [...nodes].sort(byName).map(([node, all]) => [node, computeMedian(all)]),
    ),
  }));
}

type Nodes = Map<string, number[]>;

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function readSeconds({ outcome }: Span): number {
  return outcome.state === 'reached' ? toSeconds(outcome.hi) : Number.POSITIVE_INFINITY;
}

function computeMedian(seconds: readonly number[]): number | null {
  const median = quantileSorted(Float64Array.from(seconds).sort(), 0.5, 1);
  return Number.isFinite(median) ? rounded(median) : null;
}

/** To the millisecond: enough to say where something shows. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
