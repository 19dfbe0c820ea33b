/**
 * The figures of a run, as `summary.json` holds them (schema bench/summary/v1): seconds everywhere.
 * Percentiles are of all that was requested, mean, min and max of the reached; so with misses the
 * mean can be better than the truth, and a warning says so.
 */

import { invariant } from '../core/assert.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import type { StepKind } from '../catalogue/step-kinds.ts';
import type { Outcome, Target } from '../record/entry.ts';
import type { Manifest, OwnCostFact, TwinFact } from '../record/manifest.ts';
import type { Run, RunStep } from '../record/run.ts';
import { analyse } from './analysis.ts';
import { type ComparisonRecord, compareSources } from './comparisons.ts';
import { type CrossCheck, crossChecks } from './cross-check.ts';
import { type FeltRecord, feltRecords } from './felt.ts';
import { type Drift, findDrifts } from './drift.ts';
import { findFallbacks, withPathWarning } from './fallbacks.ts';
import { type MetricRecord, metricRecord } from './metric-record.ts';
import { type MissGroup, missGroups } from './misses.ts';
import { type Progress, runProgress } from './progress.ts';
import { withRegimeCause } from './regime-cause.ts';
import { rounded } from './rounding.ts';
import type { Sample } from './samples.ts';
import { type StageBreakdown, stageBreakdowns } from './stages.ts';
import { type PoolUse, poolUse, type StorageUse, storageUse } from './storage-use.ts';
import { type Validity, judgeValidity } from './validity.ts';
import { type WaveRow, waveRows } from './wave-rows.ts';

const SUMMARY_SCHEMA = 'bench/summary/v1';

export interface Summary {
  readonly schema: typeof SUMMARY_SCHEMA;
  readonly run: {
    readonly id: string;
    readonly scenario: string;
    readonly target: Target;
    readonly seed: number;
    readonly outcome: Outcome;
    readonly reason?: string;
  };
  /** In order of their start. */
  readonly steps: readonly StepFact[];
  /** What the run was asked for, and how far it came. */
  readonly progress: readonly Progress[];
  readonly metrics: readonly MetricRecord[];
  readonly comparisons: readonly ComparisonRecord[];
  /** Of churns: whether their rounds got slower; absent where there is none. */
  readonly drift?: readonly Drift[];
  /** What missed, and why. */
  readonly misses: readonly MissGroup[];
  readonly stages: readonly StageBreakdown[];
  readonly waves: readonly WaveRow[];
  readonly storage: readonly StorageUse[];
  /** Absent where the storage's own count was not to be seen. */
  readonly pool?: PoolUse;
  /** The same latencies by the server's own stamps. */
  readonly crossChecks: readonly CrossCheck[];
  readonly validity: Validity;
  /** What a step's clean-up gave up, and what holds it; absent where all went. */
  readonly leftovers?: readonly string[];
  /** What the cluster felt meanwhile; absent where nobody was asked. */
  readonly felt?: readonly FeltRecord[];
  readonly simulation?: SimulationFacts;
  /** Of a load that somebody else made. */
  readonly observed?: ObservedFacts;
}

export interface StepFact {
  /** In the plan. */
  readonly stepIndex: number;
  readonly name: string;
  readonly kind: StepKind;
  readonly until: Milestone;
  /** What guests are asked; absent where none is. */
  readonly probe?: string;
  /** Operations in the plan. */
  readonly asked: number;
}

export interface ObservedFacts {
  /** Objects by kind that were there before anybody looked: they are in no figure. */
  readonly thereBefore: Readonly<Record<string, number>>;
}

/** What only the simulated cluster can tell. */
export interface SimulationFacts {
  readonly counters: Readonly<Record<string, number>>;
  /** What its constants were fitted to; absent where they are bench's own. */
  readonly twin?: TwinFact;
}

/** What a summary rests on beside the history; each is absent where it does not apply. */
export interface SummaryFacts {
  readonly simulation?: SimulationFacts | undefined;
  /** Of a run on the wall clock. */
  readonly own?: OwnCostFact | undefined;
}

/** What is known beside the history of a run and its manifest. */
export function gatherFacts(run: Run, manifest: Manifest | undefined): SummaryFacts {
  const counters = run.end?.counters;
  const { loopLagUs, gcUs = 0, cpuUs = 0, throttledUs } = manifest?.finished ?? {};
  const twin = manifest?.environment?.twin;
  // Over HTTPS a simulated cluster does not tell what it counted.
  const isSimulated = counters !== undefined || twin !== undefined;
  const throttled = throttledUs === undefined ? {} : { throttledUs };
  return {
    ...(isSimulated ? { simulation: { counters: counters ?? {}, ...(twin && { twin }) } } : {}),
    ...(loopLagUs === undefined ? {} : { own: { loopLagUs, gcUs, cpuUs, ...throttled } }),
  };
}

export function summarise(run: Run, facts: SummaryFacts = {}): Summary {
  const { measured, spans, goals, samples } = analyse(run);
  const { seed } = run.header;
  const fallbacks = findFallbacks(run, spans);
  const metrics = samples
    .flatMap((sample) => metricRecord(sample, seed) ?? [])
    .map((record) => withPathWarning(record, fallbacks))
    .map((record) => withRegimeCause(record, facts.simulation));
  for (const { n, reached, failed, censored, metric } of metrics) {
    invariant(n === reached + failed + censored, `${metric}: values were lost`);
  }
  return {
    schema: SUMMARY_SCHEMA,
    run: runFacts(run),
    steps: run.steps.map(stepFact),
    progress: rounded(runProgress(run, goals)),
    metrics: rounded(metrics),
    comparisons: rounded(compareSources(run, samples, fallbacks)),
    misses: rounded(missGroups(run)),
    stages: rounded(stageBreakdowns(run, spans)),
    ...driftFacts(run, samples),
    waves: waveRows(run, samples, goals),
    storage: storageUse(run, measured),
    ...(run.usage.length === 0 ? {} : { pool: poolUse(run) }),
    crossChecks: rounded(crossChecks(run, spans)),
    validity: rounded(judgeValidity(run, measured, samples, facts.own)),
    ...(run.metrics.length === 0 ? {} : { felt: rounded(feltRecords(run)) }),
    ...leftoversFact(run),
    ...(facts.simulation === undefined ? {} : { simulation: facts.simulation }),
    ...(run.thereBefore === undefined ? {} : { observed: { thereBefore: run.thereBefore } }),
  };
}

function driftFacts(run: Run, samples: readonly Sample[]): Pick<Summary, 'drift'> {
  const drift = findDrifts(run, samples);
  return drift.length === 0 ? {} : { drift: rounded(drift) };
}

function leftoversFact({ notes }: Run): Pick<Summary, 'leftovers'> {
  const leftovers = notes.flatMap(({ what, message }) =>
    what === 'leftovers' && message !== undefined ? [message] : [],
  );
  return leftovers.length === 0 ? {} : { leftovers };
}

function runFacts({ header, end }: Run): Summary['run'] {
  const { run, scenario, target, seed } = header;
  return {
    id: run,
    scenario,
    target,
    seed,
    outcome: end?.outcome ?? 'partial',
    ...(end?.reason === undefined ? {} : { reason: end.reason }),
  };
}

function stepFact(step: RunStep): StepFact {
  const { index: stepIndex, name, kind, until, probe, plannedOperations: asked } = step;
  return { stepIndex, name, kind, until, ...(probe === undefined ? {} : { probe }), asked };
}
