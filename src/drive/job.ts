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
  return new ReleasedJob(options);
}

/** A class for the reason that core/fifo.ts gives. */
class ReleasedJob implements Job {
  readonly operation: PlannedOperation;
  readonly step: WaveStep;
  readonly wave: number;
  readonly intendedUs: number;
  readonly deadlineUs: number;
  sent = false;
  over = false;
  reached = false;
  holdsSlot = false;
  refusal: string | undefined;
  private readonly onSettled: JobOptions['onSettled'];

  constructor({ operation, step, wave, releaseUs, onSettled }: JobOptions) {
    this.operation = operation;
    this.step = step;
    this.wave = wave;
    this.intendedUs = releaseUs + operation.offsetUs;
    this.deadlineUs = this.intendedUs + step.timeoutUs;
    this.onSettled = onSettled;
  }

  markSent(): void {
    this.sent = true;
  }

  holdSlot(): void {
    this.holdsSlot = true;
  }

  noteRefusal(message: string | undefined): void {
    this.refusal = message;
  }

  settle(verdict: Verdict): void {
    if (this.over) return;
    this.over = true;
    this.reached = verdict.how === 'reached';
    this.onSettled(this, verdict);
  }
}
