/**
 * A plan in figures: what is created, how much storage it asks for, when waves start. Times are
 * lower bounds, as if every operation took no time: what takes how long is what a run measures.
 */

import { actionWord } from '../catalogue/actions.ts';
import { testText } from '../catalogue/tests.ts';
import { isCreation, removes } from './creations.ts';
import { stepGroups, wavesInOrder } from './groups.ts';
import type {
  Pacing,
  Plan,
  PlannedOperation,
  PlannedStep,
  PlannedVariant,
  PlannedWave,
  WaveStep,
} from './plan.ts';

export interface PlanSummary {
  readonly schema: 'bench/plan/v1';
  readonly scenario: string;
  readonly runId: string;
  readonly namespace: string;
  /** Objects created, by kind; DataVolumes with the PVC that each brings. */
  readonly objects: Readonly<Record<string, number>>;
  /** Sizes asked for: of all disks ever created, and of those that exist at the same time. */
  readonly storageBytes: number;
  readonly storageMaxBytes: number;
  /** VMs started and neither stopped nor deleted, at the most. */
  readonly vmsRunningMax: number;
  readonly operations: number;
  readonly waves: number;
  /** Length of the run if no operation took any time. */
  readonly shortestUs: number;
  readonly steps: readonly StepSummary[];
}

export type StepSummary = WaveStepSummary | PauseSummary;

interface PauseSummary {
  readonly index: number;
  readonly kind: 'pause';
  readonly name: string;
  readonly group?: number | undefined;
  /** Since the run's start, at the earliest. */
  readonly startUs: number;
  readonly durationUs: number;
}

export interface WaveStepSummary {
  readonly index: number;
  readonly kind: WaveStep['kind'];
  readonly name: string;
  /** `create VirtualMachine`. */
  readonly does: string;
  /** Its objects are found when it begins, and its operations counted then: 0 before. */
  readonly isFound?: true;
  readonly startUs: number;
  readonly variants: readonly PlannedVariant[];
  readonly operations: number;
  readonly storageBytes: number;
  readonly until: WaveStep['until'];
  /** What guests are asked, where that is that they answer. */
  readonly probe?: string;
  /** What that is, one after the other, where the step says it itself. */
  readonly goals?: readonly string[];
  readonly timeoutUs: number;
  readonly errorBudget: number;
  /** Share of a wave's operations that may miss before the run is aborted; 1: never. */
  readonly waveErrorBudget: number;
  readonly pacing: Pacing;
  readonly inFlightMax: number | undefined;
  readonly cleanup: boolean;
  readonly waves: readonly WaveSummary[];
  /** Steps of one number begin at the same moment. */
  readonly group?: number | undefined;
}

export interface WaveSummary {
  readonly index: number;
  readonly warmup: boolean;
  readonly operations: number;
  /** Operations by the step's variants. */
  readonly perVariant: readonly number[];
  /** Since the run's start: exact within an open-loop step, the earliest in a closed loop. */
  readonly releaseUs: number;
  /** Intended starts of the first and the last operation, after the release. */
  readonly firstOffsetUs: number;
  readonly lastOffsetUs: number;
}

/** The figures of a plan; no manifest is rendered. */
export function summarisePlan(plan: Plan): PlanSummary {
  const { scenario, runId, namespace } = plan;
  const steps = timeline(plan.steps);
  const waveSteps = steps.filter((step) => step.kind !== 'pause');
  const usage = computeUsage(plan.steps);
  return {
    schema: 'bench/plan/v1',
    scenario,
    runId,
    namespace,
    objects: countObjects(plan.steps),
    storageBytes: waveSteps.reduce((sum, step) => sum + step.storageBytes, 0),
    ...usage,
    operations: waveSteps.reduce((sum, step) => sum + step.operations, 0),
    waves: waveSteps.reduce((sum, step) => sum + step.waves.length, 0),
    shortestUs: Math.max(0, ...steps.map(computeEnd)),
    steps,
  };
}

function timeline(steps: readonly PlannedStep[]): readonly StepSummary[] {
  const summaries: StepSummary[] = [];
  let startUs = 0;
  for (const group of stepGroups(steps)) {
    const own: StepSummary[] = [];
    for (const step of group) {
      own.push(step.kind === 'pause' ? { ...step, startUs } : summariseStep(step, startUs, own));
    }
    summaries.push(...own);
    startUs = Math.max(...own.map(computeEnd));
  }
  return summaries;
}

/** The end of a step whose operations take no time: the last intended start. */
function computeEnd(step: StepSummary): number {
  if (step.kind === 'pause') return step.startUs + step.durationUs;
  const last = step.waves.at(-1);
  return last === undefined ? step.startUs : last.releaseUs + last.lastOffsetUs;
}

const ANY_PLACE = { namespace: 'any', name: 'any' };

function summariseStep(
  step: WaveStep,
  startUs: number,
  beside: readonly StepSummary[],
): WaveStepSummary {
  const operations = step.waves.flatMap((wave) => wave.operations);
  // What its objects have in common is known before they are found.
  const [first = step.select?.waves([ANY_PLACE])[0]?.operations[0]] = operations;
  return {
    index: step.index,
    kind: step.kind,
    name: step.name,
    does: first === undefined ? 'nothing' : `${operationWord(first)} ${first.kind}`,
    startUs,
    variants: step.variants,
    operations: operations.length,
    ...(step.select && { isFound: true as const }),
    storageBytes: operations.reduce((sum, operation) => sum + (operation.storageBytes ?? 0), 0),
    until: step.until,
    ...(step.probe && { probe: testText(step.probe) }),
    ...(step.asks === undefined ? {} : { goals: step.asks.goals.map(({ name }) => name) }),
    timeoutUs: step.timeoutUs,
    errorBudget: step.errorBudget,
    waveErrorBudget: step.waveErrorBudget,
    pacing: step.pacing,
    inFlightMax: step.inFlightMax,
    cleanup: step.cleanup,
    waves: summariseWaves(step, startUs, beside),
    ...(step.group === undefined ? {} : { group: step.group }),
  };
}

/** `create`, `evict`, `restart`. */
function operationWord({ verb, action }: PlannedOperation): string {
  return action === undefined ? verb : actionWord(action);
}

function summariseWaves(
  { pacing, waves, variants }: WaveStep,
  startUs: number,
  beside: readonly StepSummary[],
): readonly WaveSummary[] {
  let releaseUs = startUs;
  return waves.map((wave, i) => {
    if (pacing.loop === 'after') releaseUs = endOfWave(beside, pacing.step, i) ?? releaseUs;
    const summary = summariseWave(wave, variants.length, releaseUs);
    if (pacing.loop === 'open') releaseUs += pacing.everyUs;
    if (pacing.loop === 'closed') releaseUs += summary.lastOffsetUs + pacing.pauseUs;
    return summary;
  });
}

function endOfWave(
  beside: readonly StepSummary[],
  name: string,
  index: number,
): number | undefined {
  const step = beside.find((each) => each.name === name);
  const wave = step?.kind === 'pause' ? undefined : step?.waves[index];
  return wave && wave.releaseUs + wave.lastOffsetUs;
}

function summariseWave(wave: PlannedWave, variants: number, releaseUs: number): WaveSummary {
  const perVariant = Array.from({ length: variants }, () => 0);
  for (const { variant } of wave.operations) perVariant[variant] = (perVariant[variant] ?? 0) + 1;
  return {
    index: wave.index,
    warmup: wave.warmup,
    operations: wave.operations.length,
    perVariant,
    releaseUs,
    firstOffsetUs: wave.operations[0]?.offsetUs ?? 0,
    lastOffsetUs: wave.operations.at(-1)?.offsetUs ?? 0,
  };
}

function countObjects(steps: readonly PlannedStep[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  const add = (kind: string, n: number) => {
    if (n > 0) counts[kind] = (counts[kind] ?? 0) + n;
  };
  for (const operation of listOperations(steps)) {
    if (!isCreation(operation)) continue;
    add(operation.kind, 1);
    add('DataVolume', operation.disks);
    add('PersistentVolumeClaim', operation.disks + (operation.kind === 'DataVolume' ? 1 : 0));
  }
  return counts;
}

/** Replays the plan for the highest storage and the most VMs that run at the same time. */
function computeUsage(
  steps: readonly PlannedStep[],
): Pick<PlanSummary, 'storageMaxBytes' | 'vmsRunningMax'> {
  const sizes = new Map<string, number>();
  const running = new Set<string>();
  let storage = 0;
  let storageMaxBytes = 0;
  let vmsRunningMax = 0;
  const remove = (place: string) => {
    storage -= sizes.get(place) ?? 0;
    sizes.delete(place);
    running.delete(place);
  };
  const take = (operation: PlannedOperation) => {
    const place = placeText(operation);
    if (operation.verb === 'create') {
      sizes.set(place, operation.storageBytes ?? 0);
      storage += operation.storageBytes ?? 0;
    } else if (operation.verb === 'start') running.add(place);
    else if (operation.verb === 'stop') running.delete(place);
    else if (removes(operation)) remove(place);
    storageMaxBytes = Math.max(storageMaxBytes, storage);
    vmsRunningMax = Math.max(vmsRunningMax, running.size);
  };
  for (const group of stepGroups(steps)) {
    for (const { wave } of wavesInOrder(group)) wave.operations.forEach(take);
    // Whoever goes on beside it may still be at work when a step cleans up: that frees nothing yet.
    const cleaned = group.filter((step) => step.kind !== 'pause' && step.cleanup);
    for (const operation of listOperations(cleaned)) remove(placeText(operation));
  }
  return { storageMaxBytes, vmsRunningMax };
}

function placeText({ kind, namespace, name }: PlannedOperation): string {
  return `${kind} ${namespace}/${name}`;
}

function listOperations(steps: readonly PlannedStep[]) {
  return steps.flatMap((step) =>
    step.kind === 'pause' ? [] : step.waves.flatMap((wave) => wave.operations),
  );
}
