/** Counts of the step under way and of the whole run: what progress shows, and outcomes judge. */

import type { Verdict } from '../observe/expectation.ts';
import type { Plan, PlannedStep } from '../plan/plan.ts';
import type { NeverBegun } from '../record/entry.ts';
import type { Progress } from './progress.ts';

export interface StepCounts {
  startStep(step: PlannedStep): void;
  startWave(step: number): void;
  sent(step: number): void;
  settled(step: number, how: Verdict['how'], wasSent: boolean): void;
  /** An operation of an earlier session that was over by its end. */
  recall(step: number, how: Verdict['how']): void;
  doing(what: Progress['doing']): void;
  /** Where the run is, for messages. */
  where(): string;
  /** Steps whose misses exceed their error budget, described. */
  overspent(): readonly string[];
  /** Steps of the plan that have not begun. */
  neverBegun(): readonly NeverBegun[];
}

interface StepCount {
  readonly step: PlannedStep;
  readonly operations: number;
  wave: number;
  inFlight: number;
  reached: number;
  failed: number;
  censored: number;
}

export function createStepCounts(
  plan: Plan,
  nowUs: () => number,
  onProgress: ((progress: Progress) => void) | undefined,
): StepCounts {
  let planned = plan.steps.reduce((sum, step) => sum + countOperations(step), 0);
  const counts: StepCount[] = [];
  let doing: Progress['doing'] = 'preparing';
  let done = 0;

  const tell = (count = counts.at(-1)) => {
    if (count === undefined || onProgress === undefined) return;
    onProgress(
      computeProgress(count, { atUs: nowUs(), steps: plan.steps.length, done, planned, doing }),
    );
  };
  // Of steps beside each other, the one that something happens in; most often the last one.
  const update = (step: number, change: (count: StepCount) => void) => {
    const count = counts.findLast((each) => each.step.index === step);
    if (count) change(count);
    tell(count);
  };
  return {
    startStep(step) {
      counts.push(newCount(step));
      // What a selector finds nobody could count before.
      if (step.kind !== 'pause' && step.select) planned += countOperations(step);
      doing = step.kind === 'pause' ? 'pausing' : 'waves';
      tell();
    },
    startWave(step) {
      doing = 'waves';
      update(step, (count) => {
        count.wave += 1;
      });
    },
    sent(step) {
      update(step, (count) => {
        count.inFlight += 1;
      });
    },
    settled(step, how, wasSent) {
      done += 1;
      update(step, (count) => {
        count[how] += 1;
        if (wasSent) count.inFlight -= 1;
      });
    },
    recall(step, how) {
      done += 1;
      update(step, (count) => {
        count[how] += 1;
      });
    },
    doing(what) {
      doing = what;
      tell();
    },
    where() {
      const count = counts.at(-1);
      if (count === undefined) return 'preparing';
      return `step ${count.step.index} '${count.step.name}', wave ${count.wave}, ${doing}`;
    },
    overspent: () => counts.flatMap(describeOverspending),
    neverBegun: () => stepsLeft(plan, new Set(counts.map(({ step }) => step.index))),
  };
}

function stepsLeft({ steps }: Plan, begun: ReadonlySet<number>): readonly NeverBegun[] {
  return steps.flatMap((step) => {
    if (step.kind === 'pause' || begun.has(step.index)) return [];
    const { kind, until } = step;
    return { kind, until, operations: countOperations(step) };
  });
}

type RunFacts = Pick<Progress, 'atUs' | 'steps' | 'done' | 'planned' | 'doing'>;

/** Called at every change: written out, since spreading is many times slower. */
function computeProgress(count: StepCount, run: RunFacts): Progress {
  const { step } = count;
  return {
    atUs: run.atUs,
    step: step.index,
    steps: run.steps,
    name: step.name,
    kind: step.kind,
    wave: count.wave,
    waves: step.kind === 'pause' ? 0 : step.waves.length,
    operations: count.operations,
    inFlight: count.inFlight,
    reached: count.reached,
    failed: count.failed,
    censored: count.censored,
    done: run.done,
    planned: run.planned,
    doing: run.doing,
  };
}

function newCount(step: PlannedStep): StepCount {
  const operations = countOperations(step);
  return { step, operations, wave: 0, inFlight: 0, reached: 0, failed: 0, censored: 0 };
}

function countOperations(step: PlannedStep): number {
  if (step.kind === 'pause') return 0;
  return step.waves.reduce((sum, wave) => sum + wave.operations.length, 0);
}

function describeOverspending({ step, operations, failed, censored }: StepCount): string[] {
  if (step.kind === 'pause') return [];
  const misses = failed + censored;
  if (misses <= step.errorBudget * operations) return [];
  const percent = `${Number((step.errorBudget * 100).toFixed(3))} %`;
  return [
    `step ${step.index} '${step.name}': ${misses} of ${operations} operations missed ` +
      `(${failed} failed, ${censored} unfinished; the error budget is ${percent})`,
  ];
}
