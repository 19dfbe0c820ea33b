/**
 * How far the run's figures can be trusted: what was lost, late, or known only to an interval. Too
 * few values is no defect of the run; that is for the warnings of each figure. Only what would make
 * a figure wrong counts here; and in virtual time the harness is never late, so its own cost is
 * neither measured nor judged.
 */

import { SECOND, toSeconds } from '../core/duration.ts';
import type { OwnCostFact } from '../record/manifest.ts';
import type { Run } from '../record/run.ts';
import { type ClockOffset, clockOffsets } from './clocks/clock-offsets.ts';
import { sendLag, type Spread, watchDelay } from './own-error.ts';
import type { Sample } from './samples.ts';
import { HEADLINE_METRICS } from '../catalogue/metric-sets.ts';
import type { Measured } from './spans.ts';
import type { Observation } from './statistics/observation.ts';
import { estimateQuantile, isInterval } from './statistics/quantile-estimate.ts';

export interface Validity {
  readonly valid: boolean;
  /** Why not, for people; empty where valid. */
  readonly reasons: readonly string[];
  /** What to do about them, each once; empty where valid. */
  readonly remedies: readonly string[];
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
  /** Of those, what is known no better than to a second and to a twentieth of itself. */
  readonly wideShare: number;
  /** Longest delay between an operation's intended start and its sending, seconds; of ours only. */
  readonly maxSendLag?: number;
  /** The same of operations that no in-flight cap held back; absent where there is none. */
  readonly sendLag?: Spread;
  /** How much later than its answer a creation was seen. */
  readonly watchDelay?: Spread;
  /** Runs on the wall clock only; seconds. */
  readonly own?: OwnCost;
  /** What is known of the clocks behind the server's stamps. */
  readonly clocks: readonly ClockOffset[];
  /** Requests that had to be repeated. */
  readonly retries: number;
  /** What reading the history had to tolerate. */
  readonly problems: readonly string[];
}

interface OwnCost {
  readonly loopLag: Spread;
  readonly garbage: number;
  readonly processor: number;
  /** Absent where nobody counts it. */
  readonly throttled?: number;
}

/** Of the plan, begun or not. */
function plannedOperations({ steps, end }: Run): number {
  const never = end?.neverBegun ?? [];
  return (
    steps.reduce((sum, { plannedOperations: own }) => sum + own, 0) +
    never.reduce((sum, { operations }) => sum + operations, 0)
  );
}

/** Of a run: `own` where it was made on the wall clock. */
export function judgeValidity(
  run: Run,
  measured: readonly Measured[],
  samples: readonly Sample[],
  own: OwnCostFact | undefined,
): Validity {
  const delay = watchDelay(run);
  const ours = measured.filter(({ operation }) => operation.found === undefined);
  const uncapped = ours.filter(({ subjects }) => subjects.step.inFlightMax === undefined);
  const facts = {
    planned: plannedOperations(run),
    sent: run.operations.length,
    watchGaps: watchGaps(run),
    ...intervalShares(samples),
    ...(run.thereBefore ? {} : { maxSendLag: maxSendLagUs(ours) / SECOND }),
    ...(uncapped.length === 0 ? {} : { sendLag: sendLag(uncapped) }),
    ...(delay === undefined ? {} : { watchDelay: delay }),
    ...(own === undefined ? {} : { own: ownCost(own) }),
    clocks: clockOffsets(run),
    retries: run.operations.reduce((total, { ack }) => total + (ack?.tries ?? 1) - 1, 0),
    problems: run.problems,
  };
  const flaws = [
    ...dataFlaws(run, facts.wideShare, run.operations.length - measured.length),
    ...(own === undefined ? [] : ownFlaws(facts, samples, run.lastUs)),
  ];
  const reasons = flaws.map(({ reason }) => reason);
  const remedies = [...new Set(flaws.map(({ remedy }) => remedy))];
  return { valid: reasons.length === 0, reasons, remedies, ...facts };
}

/** Something that makes figures wrong, and what to do about it. */
interface Flaw {
  readonly reason: string;
  readonly remedy: string;
}

const REMEDIES = {
  gaps: 'find out why watches break (restarts, proxies that cut them off), and run again',
  probes: 'ask fewer guests at a time (smaller waves): 200 probes a second are all there are',
  deletions: 'keep others from deleting in the namespaces of the run, and run again',
  history: 'the history is damaged: run again',
  own:
    'give bench processors of its own and a good line to the API server; ' +
    'against a simulated cluster that is served, lower its --speed',
} as const;

/** More than this share of values in wide intervals makes percentiles depend on them. */
const MAX_WIDE_SHARE = 0.05;
const WIDE_US = SECOND;
const WIDE_PART = 0.05;

/** Operations of which nobody knows how they would have gone. */
const MAX_TAKEN_AWAY_SHARE = 0.01;

/** What most probably made intervals of values. */
function causeOfIntervals({ gaps, steps }: Run) {
  if (gaps.length > 0) return { text: 'watch gaps', remedy: REMEDIES.gaps };
  if (steps.some(({ probe }) => probe !== undefined)) {
    return { text: 'guests were asked too seldom', remedy: REMEDIES.probes };
  }
  return { text: 'watch events came late', remedy: REMEDIES.own };
}

function dataFlaws(run: Run, wideShare: number, unfiled: number): Flaw[] {
  const { operations } = run;
  const cause = causeOfIntervals(run);
  const takenAway = operations.filter(({ miss }) => miss?.reason === 'Deleted').length;
  return [
    ...(wideShare > MAX_WIDE_SHARE
      ? [
          {
            reason: `${percent(wideShare)} of values are known to an interval only (${cause.text})`,
            remedy: cause.remedy,
          },
        ]
      : []),
    ...(takenAway > MAX_TAKEN_AWAY_SHARE * operations.length
      ? [{ reason: `${takenAway} objects were deleted by others`, remedy: REMEDIES.deletions }]
      : []),
    ...(unfiled > 0
      ? [{ reason: `${unfiled} operations belong to no recorded step`, remedy: REMEDIES.history }]
      : []),
  ];
}

/** What is late may be so by a part of the latencies that are measured, or by as little as this. */
const LIMITS = {
  loopLag: { seconds: 0.02, part: 0.01 },
  sendLag: { seconds: 0.05, part: 0.05 },
  watchDelay: { seconds: 1, part: 0.05 },
} as const;

const MAX_THROTTLED_SHARE = 0.01;

function ownFlaws(
  { own, sendLag: lag, watchDelay: delay }: Pick<Validity, 'own' | 'sendLag' | 'watchDelay'>,
  samples: readonly Sample[],
  lastUs: number,
): Flaw[] {
  const remedy = REMEDIES.own;
  const shortest = shortestMedian(samples);
  const late = (what: string, { p99 }: Spread, limit: { seconds: number; part: number }) => {
    const most = Math.max(limit.seconds, limit.part * shortest);
    if (p99 <= most) return [];
    const reason = `${what} by ${p99.toFixed(3)} s (p99; limit ${most.toFixed(3)} s)`;
    return [{ reason, remedy }];
  };
  const throttled = own?.throttled ?? 0;
  return [
    ...(own ? late('our event loop was late', own.loopLag, LIMITS.loopLag) : []),
    ...(lag ? late('requests were sent late', lag, LIMITS.sendLag) : []),
    ...(delay ? late('the watch was late', delay, LIMITS.watchDelay) : []),
    ...(throttled > MAX_THROTTLED_SHARE * toSeconds(lastUs)
      ? [{ reason: `we were kept from the processors for ${throttled.toFixed(1)} s`, remedy }]
      : []),
  ];
}

/** Of the latencies that count, seconds; 0 where there are none. */
function shortestMedian(samples: readonly Sample[]): number {
  const medians = samples.flatMap(({ metric, waves }) => {
    const observations = waves.flatMap((wave) => wave.observations);
    if (!HEADLINE_METRICS.has(metric) || observations.length === 0) return [];
    const { estimate } = estimateQuantile(observations, 0.5);
    return 'value' in estimate ? [toSeconds(estimate.value)] : [];
  });
  return medians.length === 0 ? 0 : Math.min(...medians);
}

function watchGaps({ gaps }: Run): Validity['watchGaps'] {
  return {
    count: gaps.length,
    seconds: toSeconds(gaps.reduce((total, { from, t }) => total + (t - from), 0)),
    relists: gaps.filter(({ relist }) => relist).length,
  };
}

function ownCost({ loopLagUs, gcUs, cpuUs, throttledUs }: OwnCostFact): OwnCost {
  return {
    loopLag: {
      p50: toSeconds(loopLagUs.p50),
      p99: toSeconds(loopLagUs.p99),
      max: toSeconds(loopLagUs.max),
    },
    garbage: toSeconds(gcUs),
    processor: toSeconds(cpuUs),
    ...(throttledUs === undefined ? {} : { throttled: toSeconds(throttledUs) }),
  };
}

function intervalShares(samples: readonly Sample[]) {
  let all = 0;
  let intervals = 0;
  let wide = 0;
  for (const { waves } of samples) {
    for (const { observations } of waves) {
      all += observations.length;
      for (const observation of observations) {
        if (!isInterval(observation)) continue;
        intervals += 1;
        if (isWide(observation)) wide += 1;
      }
    }
  }
  return { intervalShare: intervals / Math.max(1, all), wideShare: wide / Math.max(1, all) };
}

function isWide(observation: Observation): boolean {
  if (observation.state !== 'reached') return false;
  const { lo, hi } = observation;
  return hi - lo > WIDE_US && hi - lo > WIDE_PART * hi;
}

function maxSendLagUs(measured: readonly Measured[]): number {
  let maxUs = 0;
  for (const { operation } of measured) {
    maxUs = Math.max(maxUs, operation.sentUs - operation.intendedUs);
  }
  return maxUs;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
