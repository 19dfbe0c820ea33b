/**
 * One wave: its operations are due at fixed offsets from its release, whatever the cluster does; a
 * wave that falls behind shows it as send lag. The gate (the next wave may come) and the end (all
 * operations are over) are two moments.
 */

import type { Verdict } from '../observe/expectation.ts';
import type { PlannedWave, WaveStep } from '../plan/plan.ts';
import { carryOut, recordSend } from './carry-out.ts';
import { createDeferred } from '../core/deferred.ts';
import type { Driver } from './driver.ts';
import type { Job } from './job.ts';
import { stopReason } from './session.ts';
import { classOfVerdict, explainMiss } from './miss.ts';
import type { Slots } from './slots.ts';
import { createJobs, takeUp } from './take-up.ts';
import { createWaveBudget, type WaveCounts } from './wave-budget.ts';

export interface RunningWave {
  /** Resolves when the wave's share is over. */
  readonly gate: Promise<void>;
  /** Resolves when each operation is reached, failed or censored. */
  readonly end: Promise<void>;
}

export interface WaveOptions {
  readonly step: WaveStep;
  readonly wave: PlannedWave;
  readonly slots: Slots;
  /** So much of the wave has to be over for its gate to open. */
  readonly share: number;
  /** Called before the gate and the end resolve. */
  readonly onEnd: () => void;
}

/** Releases a wave now, or goes on with one that an earlier session released. */
export function releaseWave(driver: Driver, options: WaveOptions): RunningWave {
  const { step, wave, slots, share } = options;
  const { notebook, past, stepCounts } = driver;
  const state = createWaveState(wave.operations.length, share, (counts) => {
    disarm();
    unlink();
    const t = notebook.nowUs();
    notebook.write({ e: 'waveEnd', t, s: step.index, w: wave.index, ...counts });
    notebook.flush();
    options.onEnd();
  });
  const budget = createWaveBudget(step, wave);
  const count = (verdict: Verdict) => {
    if (verdict.how !== 'reached') budget.missed(classOfVerdict(verdict), verdict.message);
    state.settled(verdict.how);
    const message = budget.judge(state.counts);
    if (message !== undefined && !driver.stop.signal.aborted) {
      driver.stop.abort({ miss: 'Aborted', message });
    }
  };
  const onSettled = (job: Job, verdict: Verdict) => {
    const closed = closeJob(driver, job, verdict);
    if (job.holdsSlot) slots.release();
    count(closed);
  };
  const jobs = createJobs(driver, options, onSettled);
  if (past?.releaseOf(step.index, wave.index) === undefined) recordRelease(driver, options);
  stepCounts.startWave(step.index);
  for (const job of jobs) driver.jobs.set(job.operation.id, job);
  let disarm = () => {};
  const unlink = onStop(driver, () => cutOff(driver, jobs, state));
  takeUp(driver, options, { slots, jobs, count, crash: state.crash });
  disarm = watchDeadlines(driver, jobs);
  launch(driver, slots, jobs, state.crash).catch(state.crash);
  return { gate: state.gate, end: state.end };
}

function recordRelease({ notebook }: Driver, { step, wave }: WaveOptions): void {
  const { index: s } = step;
  const { index: w, operations, warmup } = wave;
  const release = { e: 'wave', t: notebook.nowUs(), s, w, n: operations.length } as const;
  notebook.write({ ...release, ...(warmup ? { warmup: true } : {}) });
}

/** Sends each operation at its intended start, or as soon after as the in-flight cap lets it. */
async function launch(
  driver: Driver,
  slots: Slots,
  jobs: readonly Job[],
  crash: (error: unknown) => void,
): Promise<void> {
  const { notebook, lab, stop } = driver;
  const rng = lab.rng.fork('retries');
  for (const job of jobs) {
    if (job.sent) continue;
    const waitUs = job.intendedUs - notebook.nowUs();
    if (waitUs > 0) await lab.clock.sleep(waitUs, { signal: stop.signal });
    if (!stop.signal.aborted) await slots.take();
    if (stop.signal.aborted) return;
    if (job.over) {
      slots.release();
      continue;
    }
    job.holdSlot();
    carryOut(driver, job, rng).catch(crash);
  }
}

/** Writes down a miss, and forgets the operation; returns the verdict with the miss's class. */
function closeJob(driver: Driver, job: Job, verdict: Verdict): Verdict {
  const { notebook, observer, stepCounts, jobs } = driver;
  const { id } = job.operation;
  jobs.delete(id);
  stepCounts.settled(job.step.index, verdict.how, job.sent);
  const miss = verdict.how === 'reached' ? undefined : explainMiss(observer, job, verdict);
  if (miss) notebook.write({ e: 'miss', t: notebook.nowUs(), p: id, ...miss });
  if (miss && isUnexplained(miss)) driver.missEvents.take(job);
  observer.forget(id);
  return miss ?? verdict;
}

/** We waited, and the object itself said nothing. */
function isUnexplained({ reason, class: found }: ReturnType<typeof explainMiss>): boolean {
  return found === 'Slow' || (found === 'CutOff' && reason === 'Aborted');
}

/** One timer for the wave: deadlines come in the order of intended starts. */
function watchDeadlines(driver: Driver, jobs: readonly Job[]): () => void {
  const { notebook, lab } = driver;
  let next = 0;
  let cancel = () => {};
  const look = () => {
    for (let job = jobs[next]; job; job = jobs[++next]) {
      // A deadline may have been the miss too many: all is settled then.
      if (driver.stop.signal.aborted) return;
      if (job.over) continue;
      const leftUs = job.deadlineUs - notebook.nowUs();
      if (leftUs > 0) {
        cancel = lab.clock.schedule(leftUs, look);
        return;
      }
      expire(driver, job);
    }
  };
  look();
  return () => cancel();
}

/** What our own cap kept from being sent is still an operation asked for, and not reached. */
function expire(driver: Driver, job: Job): void {
  if (job.sent) return job.settle({ how: 'censored', reason: 'Timeout' });
  recordSend(driver, job);
  job.settle({ how: 'censored', reason: 'NotSent' });
}

/** The run stops: what is under way is censored, what was not sent yet was never asked for. */
function cutOff(driver: Driver, jobs: readonly Job[], state: WaveState): void {
  const reason = stopReason(driver)?.miss ?? 'Interrupted';
  let dropped = 0;
  for (const job of jobs) {
    if (job.over) continue;
    if (job.sent) job.settle({ how: 'censored', reason });
    else {
      driver.jobs.delete(job.operation.id);
      dropped += 1;
    }
  }
  state.dropped(dropped);
}

function onStop({ stop }: Driver, act: () => void): () => void {
  if (stop.signal.aborted) queueMicrotask(act);
  stop.signal.addEventListener('abort', act, { once: true });
  return () => stop.signal.removeEventListener('abort', act);
}

interface WaveState {
  readonly gate: Promise<void>;
  readonly end: Promise<void>;
  /** As they are now. */
  readonly counts: WaveCounts;
  settled(how: Verdict['how']): void;
  /** So many operations will never be sent. */
  dropped(count: number): void;
  /** A defect showed while the wave went on. */
  crash(error: unknown): void;
}

function createWaveState(
  size: number,
  share: number,
  onEnd: (counts: WaveCounts) => void,
): WaveState {
  const gate = createDeferred<void>();
  const end = createDeferred<void>();
  const counts = { reached: 0, failed: 0, censored: 0 };
  const gateAt = Math.ceil(size * share);
  let over = 0;
  const add = (count: number) => {
    over += count;
    if (over === size) onEnd({ ...counts });
    if (over >= gateAt) gate.resolve();
    if (over === size) end.resolve();
  };
  if (gateAt === 0) gate.resolve();
  return {
    gate: gate.promise,
    end: end.promise,
    counts,
    settled(how) {
      counts[how] += 1;
      add(1);
    },
    dropped: (count) => {
      if (count > 0) add(count);
    },
    crash(error) {
      gate.reject(error);
      end.reject(error);
    },
  };
}
