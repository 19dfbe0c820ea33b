/**
 * How far the run came with what it was asked for, and how long that took: VMs booted, deployed,
 * disks cloned. Counted is what the plan asks for: operations that an aborted run never began are
 * not reached either.
 */

import { toSeconds } from '../core/duration.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import type { StepKind } from '../catalogue/step-kinds.ts';
import type { NeverBegun } from '../record/entry.ts';
import type { Run, RunStep, RunWave } from '../record/run.ts';
import type { FiledValue } from './samples.ts';
import type { Counts } from './statistics/observation.ts';

export interface Progress extends Counts {
  readonly of: ProgressKind;
  /** What it was taken to: the milestone that its steps wait for. */
  readonly until: Milestone;
  /** In the plan; `n` of them were begun. */
  readonly asked: number;
  /** From the first release to the last that was reached; absent where none was. */
  readonly seconds?: number;
  /** Of these seconds, those in which no wave was under way: pauses, and steps between. */
  readonly betweenWaves?: number;
}

export type ProgressKind = 'boot' | 'deploy' | 'clone';

/** Farthest along the way of a VM first; kinds that the run has no step of are left out. */
export function runProgress(run: Run, goals: readonly FiledValue[]): readonly Progress[] {
  return (['boot', 'deploy', 'clone'] as const).flatMap((of) => {
    const steps = run.steps.filter((step) => kindOf(step.kind) === of);
    const never = (run.end?.neverBegun ?? []).filter(({ kind }) => kindOf(kind) === of);
    return steps.length + never.length === 0 ? [] : [progressOf(run, of, { steps, never }, goals)];
  });
}

/** What tells most of a boot, first. */
const GUEST_GOALS: readonly Milestone[] = ['reachable', 'guestReady'];

function kindOf(kind: StepKind): ProgressKind | undefined {
  return kind === 'boot' || kind === 'deploy' || kind === 'clone' ? kind : undefined;
}

interface Asked {
  readonly steps: readonly RunStep[];
  /** Of the plan, but not of the run. */
  readonly never: readonly NeverBegun[];
}

function progressOf(
  { waves, operations }: Run,
  of: ProgressKind,
  { steps, never }: Asked,
  goals: readonly FiledValue[],
): Progress {
  const own = new Map(steps.map((step) => [step.index, step]));
  const begun = operations.filter(({ step }) => own.has(step)).length;
  const asked =
    steps.reduce((sum, { plannedOperations }) => sum + plannedOperations, 0) +
    never.reduce((sum, { operations: planned }) => sum + planned, 0);
  const goalsOf = [...steps, ...never].map(({ until }) => until);
  const ownWaves = waves.filter(({ step }) => own.has(step));
  const found = goals.filter(({ step }) => own.has(step));
  const failed = found.filter(({ outcome }) => outcome.state === 'failed').length;
  const ends = lastMilestones(ownWaves, found);
  const reached = found.filter(({ outcome }) => outcome.state === 'reached').length;
  return {
    of,
    until: GUEST_GOALS.find((goal) => goalsOf.includes(goal)) ?? goalsOf.at(-1) ?? 'none',
    asked: Math.max(asked, begun),
    n: begun,
    reached,
    failed,
    censored: begun - reached - failed,
    ...(reached === 0 ? {} : timeTaken(ownWaves, ends)),
  };
}

/** When the last operation of each wave got there, microseconds since the run's start. */
function lastMilestones(waves: readonly RunWave[], goals: readonly FiledValue[]) {
  const releases = new Map(waves.map((wave) => [waveKey(wave.step, wave.index), wave.releaseUs]));
  const ends = new Map<string, number>();
  for (const { step, wave, outcome } of goals) {
    if (outcome.state !== 'reached') continue;
    const key = waveKey(step, wave);
    const atUs = (releases.get(key) ?? 0) + outcome.hi;
    ends.set(key, Math.max(ends.get(key) ?? 0, atUs));
  }
  return ends;
}

function timeTaken(waves: readonly RunWave[], ends: ReadonlyMap<string, number>) {
  const firstUs = waves.reduce((least, { releaseUs }) => Math.min(least, releaseUs), Infinity);
  const lastUs = [...ends.values()].reduce((most, end) => Math.max(most, end), firstUs);
  let [betweenUs, coveredUs] = [0, firstUs];
  for (const wave of waves.toSorted((a, b) => a.releaseUs - b.releaseUs)) {
    if (wave.releaseUs >= lastUs) break;
    betweenUs += Math.max(0, wave.releaseUs - coveredUs);
    const endUs = ends.get(waveKey(wave.step, wave.index)) ?? wave.releaseUs;
    coveredUs = Math.max(coveredUs, endUs, wave.end?.atUs ?? 0);
  }
  return { seconds: toSeconds(lastUs - firstUs), betweenWaves: toSeconds(betweenUs) };
}

function waveKey(step: number, wave: number): string {
  return `${step}/${wave}`;
}
