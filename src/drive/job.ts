/**
 * One planned operation from its release to its end: sent, accepted, and then reached, failed or
 * censored; exactly one of the three, once.
 */

import type { Verdict } from '../observe/expectation.ts';
import type { PlannedOperation, WaveStep } from '../plan/plan.ts';

export interface Job {
  readonly operation: PlannedOperation;
  readonly step: WaveStep;
  readonly wave: number;
  /** Run time, like all times of a job. */
  readonly intendedUs: number;
  readonly deadlineUs: number;
  readonly sent: boolean;
  readonly over: boolean;
  /** Over, and by reaching its goal. */
  readonly reached: boolean;
  /** It counts against the in-flight cap. */
  readonly holdsSlot: boolean;
  /** Why the server does not take the request for now; undefined before that, and once it does. */
  readonly refusal: string | undefined;
  /** To be called as the first request goes out; a job over before is not sent any more. */
  markSent(): void;
  holdSlot(): void;
  noteRefusal(message: string | undefined): void;
  /** Ends the job; what comes after the first call is too late and ignored. */
  settle(verdict: Verdict): void;
}

export interface JobOptions {
  readonly operation: PlannedOperation;
  readonly step: WaveStep;
  readonly wave: number;
  readonly releaseUs: number;
  readonly onSettled: (job: Job, verdict: Verdict) => void;
}

export function createJob(options: JobOptions): Job {
  const { operation, step, wave, onSettled } = options;
  const intendedUs = options.releaseUs + operation.offsetUs;
  let sent = false;
  let over = false;
  let reached = false;
  let holdsSlot = false;
  let refusal: string | undefined;
  const job: Job = {
    operation,
    step,
    wave,
    intendedUs,
    deadlineUs: intendedUs + step.timeoutUs,
    get sent() {
      return sent;
    },
    get over() {
      return over;
    },
    get reached() {
      return reached;
    },
    get holdsSlot() {
      return holdsSlot;
    },
    get refusal() {
      return refusal;
    },
    noteRefusal: (message) => {
      refusal = message;
    },
    markSent: () => {
      sent = true;
    },
    holdSlot: () => {
      holdsSlot = true;
    },
    settle(verdict) {
      if (over) return;
      over = true;
      reached = verdict.how === 'reached';
      onSettled(job, verdict);
    },
  };
  return job;
}
