/**
 * How far the run's figures can be trusted: what was lost, late, or known only to an interval. What
 * a reader would get wrong: too few values is no defect of the run; that is for the warnings of
 * each figure. Only what would make a figure wrong counts here.
 */

import { SECOND, toSeconds } from '../core/duration.ts';
import type { Run } from '../record/run.ts';
import type { Sample } from './samples.ts';
import type { Measured } from './spans.ts';
import { isInterval } from './statistics/quantile-estimate.ts';

export interface Validity {
  readonly valid: boolean;
  /** Why not, for people; empty where valid. */
  readonly reasons: readonly string[];
  /** Operations that the plan asked for, in the steps that were begun. */
  readonly planned: number;
  readonly sent: number;
  readonly watchGaps: {
    readonly count: number;
    readonly seconds: number;
    readonly relists: number;
  };
  /** Share of all values that are known to an interval only. */
  readonly intervalShare: number;
  /** Longest delay between an operation's intended start and its sending, seconds. */
  readonly maxSendLag: number;
  /** Requests that had to be repeated. */
  readonly retries: number;
  /** What reading the history had to tolerate. */
  readonly problems: readonly string[];
}

/** More than this share of values in intervals makes percentiles depend on the gaps. */
const MAX_INTERVAL_SHARE = 0.05;

export function validityOf(
  run: Run,
  measured: readonly Measured[],
  samples: readonly Sample[],
): Validity {
  const gapUs = run.gaps.reduce((total, { from, t }) => total + (t - from), 0);
  const facts = {
    planned: run.steps.reduce((total, { plannedOperations }) => total + plannedOperations, 0),
    sent: run.operations.length,
    watchGaps: {
      count: run.gaps.length,
      seconds: toSeconds(gapUs),
      relists: run.gaps.filter(({ relist }) => relist).length,
    },
    intervalShare: intervalShare(samples),
    maxSendLag: maxSendLagUs(measured) / SECOND,
    retries: run.operations.reduce((total, { ack }) => total + (ack?.tries ?? 1) - 1, 0),
    problems: run.problems,
  };
  const reasons = reasonsOf(facts.intervalShare, run.operations.length - measured.length);
  return { valid: reasons.length === 0, reasons, ...facts };
}

function reasonsOf(intervals: number, unfiled: number): string[] {
  const percent = (100 * intervals).toFixed(1);
  return [
    ...(intervals > MAX_INTERVAL_SHARE
      ? [`${percent} % of values are known to an interval only (watch gaps)`]
      : []),
    ...(unfiled > 0 ? [`${unfiled} operations belong to no recorded step`] : []),
  ];
}

function intervalShare(samples: readonly Sample[]): number {
  let all = 0;
  let intervals = 0;
  for (const { waves } of samples) {
    for (const { observations } of waves) {
      all += observations.length;
      for (const observation of observations) if (isInterval(observation)) intervals += 1;
    }
  }
  return all === 0 ? 0 : intervals / all;
}

function maxSendLagUs(measured: readonly Measured[]): number {
  let maxUs = 0;
  for (const { operation } of measured) {
    maxUs = Math.max(maxUs, operation.sentUs - operation.intendedUs);
  }
  return maxUs;
}
