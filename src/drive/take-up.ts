/**
 * The operations of a wave as jobs, also where an earlier session has sent some of them. The outage
 * is no load, so what was not sent before it is meant to start from now on, at the distances that
 * were planned.
 */

import { REACHED, type Verdict } from '../observe/expectation.ts';
import type { PlannedOperation, PlannedWave, WaveStep } from '../plan/plan.ts';
import { carryOut } from './carry-out.ts';
import type { Driver } from './driver.ts';
import { createJob, type Job } from './job.ts';
import type { Slots } from './slots.ts';

export interface WaveInStep {
  readonly step: WaveStep;
  readonly wave: PlannedWave;
}

/** Jobs of all operations whose end is not in the history yet. */
export function createJobs(
  driver: Driver,
  { step, wave }: WaveInStep,
  onSettled: (job: Job, verdict: Verdict) => void,
): readonly Job[] {
  const { past, notebook } = driver;
  const nowUs = notebook.nowUs();
  const isUnsent = ({ id }: PlannedOperation) => past?.operation(id) === undefined;
  const wasReleased = past?.releaseOf(step.index, wave.index) !== undefined;
  const firstUs = wasReleased ? (wave.operations.find(isUnsent)?.offsetUs ?? 0) : 0;
  return wave.operations.flatMap((operation) => {
    const was = past?.operation(operation.id);
    if (was?.missed) return [];
    const releaseUs = (was?.intendedUs ?? nowUs) - (was ? operation.offsetUs : firstUs);
    const job = createJob({ operation, step, wave: wave.index, releaseUs, onSettled });
    if (was) job.markSent();
    return [job];
  });
}

export interface Taking {
  readonly slots: Slots;
  readonly jobs: readonly Job[];
  /** Counts an operation whose end is in the history. */
  readonly count: (verdict: Verdict) => void;
  readonly crash: (error: unknown) => void;
}

/** Goes on with what was sent: settles what is known, asks again where no answer is known. */
export function takeUp(driver: Driver, { step, wave }: WaveInStep, taking: Taking): void {
  const { past, lab, stepCounts } = driver;
  if (past === undefined) return;
  for (const { id } of wave.operations) {
    const was = past.operation(id);
    if (!was?.missed || was.verdict === undefined) continue;
    stepCounts.recall(step.index, was.verdict.how);
    taking.count(was.verdict);
  }
  const rng = lab.rng.fork('retries');
  for (const job of taking.jobs.filter(({ sent }) => sent)) {
    const was = past.operation(job.operation.id);
    stepCounts.sent(step.index);
    // There is room: they were under way at the same time before.
    void taking.slots.take();
    job.holdSlot();
    if (was?.verdict) job.settle(was.verdict);
    if (!was?.accepted && !isThere(driver, job)) carryOut(driver, job, rng).catch(taking.crash);
  }
}

/** Known by UID. Of a start or a deletion that says nothing: its object was created before it. */
function isThere({ created }: Driver, { operation }: Job): boolean {
  return operation.verb === 'create' && created.uidOf(operation) !== undefined;
}

/** Makes known what an earlier session created without hearing of it. */
export async function adopt(driver: Driver): Promise<void> {
  const rng = driver.lab.rng.fork('adopt');
  const asked = driver.past?.unanswered.map(({ operation, step }) => {
    const options = { operation, step, wave: 0, releaseUs: driver.notebook.nowUs() };
    const job = createJob({ ...options, onSettled: () => {} });
    job.markSent();
    job.settle(REACHED);
    return carryOut(driver, job, rng);
  });
  await Promise.all(asked ?? []);
}

/** Counts the operations of a wave that was over before. */
export function recallWave({ past, stepCounts }: Driver, { step, wave }: WaveInStep): void {
  stepCounts.startWave(step.index);
  for (const { id } of wave.operations) {
    const how = past?.operation(id)?.verdict?.how;
    if (how !== undefined) stepCounts.recall(step.index, how);
  }
}
