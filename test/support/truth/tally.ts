/** Judged spans of several plays of one case, as the figures of a table row. */

import type { Estimate } from '../../../src/analyse/statistics/estimate.ts';
import type { Observation } from '../../../src/analyse/statistics/observation.ts';
import { ascending, quantileSorted } from '../../../src/analyse/statistics/quantile.ts';
import { summarise } from '../../../src/analyse/statistics/summarise.ts';
import { SECOND } from '../../../src/core/duration.ts';
import type { JudgedSpan, Judgement } from './judge.ts';
import { NAIVE_BOOT, NAIVE_CLONE, type NaiveReport, naiveReport } from './naive.ts';

/** Seconds; shares from 0 to 1. */
export interface Tally {
  readonly spans: number;
  readonly lost: number;
  /** Of reached spans: the recorded value (the upper end of an interval) against the truth. */
  readonly error: Spread;
  readonly insideShare: number;
  /** Of reached spans: those known to an interval only. */
  readonly intervalShare: number;
  /** Of those. */
  readonly width: Spread;
}

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function tally(judgements: readonly Judgement[]): Tally {
  const spans = judgements.flatMap((judgement) => judgement.spans);
  const errors: number[] = [];
  const widths: number[] = [];
  let reached = 0;
  for (const { outcome, trueUs } of spans) {
    if (outcome.state !== 'reached') continue;
    reached += 1;
    if (trueUs !== undefined) errors.push(Math.abs(outcome.hi - trueUs));
    if (outcome.lo < outcome.hi) widths.push(outcome.hi - outcome.lo);
  }
  return {
    spans: spans.length,
    lost: judgements.reduce((sum, { lost }) => sum + lost, 0),
    error: computeSpread(errors),
    insideShare: spans.filter(({ isInside }) => isInside).length / spans.length,
    intervalShare: widths.length / reached,
    width: computeSpread(widths),
  };
}

/** What became of one metric: the truth, what we state, and what others would have reported. */
export interface Rivalry {
  readonly requested: number;
  readonly truth: Pair;
  readonly ours: Pair;
  readonly naive: NaiveReport | undefined;
}

/** Percentiles as texts, in seconds. */
export interface Pair {
  readonly p50: string;
  readonly p99: string;
}

export function rivalry(judgements: readonly Judgement[], metric: 'clone' | 'guestReady'): Rivalry {
  const spans = judgements.flatMap((one) => one.spans.filter((span) => span.metric === metric));
  const waves = new Map<string, Observation[]>();
  for (const { wave, outcome } of spans) {
    waves.set(wave, [...(waves.get(wave) ?? []), outcome]);
  }
  const { quantiles } = summarise([...waves.values()], { seed: 1 });
  return {
    requested: spans.length,
    truth: pair((q) => trueText(spans, q)),
    ours: { p50: estimateText(quantiles.p50), p99: estimateText(quantiles.p99) },
    naive: naiveReport(spans.flatMap(naiveSpan), metric === 'clone' ? NAIVE_CLONE : NAIVE_BOOT),
  };
}

/** The value with its 95 % interval. */
function estimateText(estimate: Estimate): string {
  if ('never' in estimate) return 'never';
  if ('over' in estimate) return `> ${secondsText(estimate.over)}`;
  const { value, lo, hi } = estimate;
  const end = (bound: number | undefined) => (bound === undefined ? '?' : secondsText(bound));
  return `${secondsText(value)} [${end(lo)}, ${end(hi)}]`;
}

function secondsText(valueUs: number): string {
  return (valueUs / SECOND).toFixed(1);
}

function pair(text: (q: number) => string): Pair {
  return { p50: text(0.5), p99: text(0.99) };
}

function trueText(spans: readonly JudgedSpan[], q: number): string {
  const times = ascending(spans.map(({ trueUs = Number.POSITIVE_INFINITY }) => trueUs));
  const value = quantileSorted(times, q, 1);
  return Number.isFinite(value) ? secondsText(value) : 'never';
}

/** Stamps of the server, as they stand in the objects. */
function naiveSpan({ object, metric }: JudgedSpan) {
  if (object === undefined) return [];
  const milestone = metric === 'clone' ? 'dataVolumeSucceeded' : 'guestReady';
  const reached = object.markSeconds.get(milestone);
  const startUs = object.createdSeconds * SECOND;
  return [{ startUs, ...(reached === undefined ? {} : { reachedUs: reached * SECOND }) }];
}

function computeSpread(valuesUs: readonly number[]): Spread {
  if (valuesUs.length === 0) return { p50: 0, p99: 0, max: 0 };
  const sorted = ascending(valuesUs);
  const at = (q: number) => quantileSorted(sorted, q, 1) / SECOND;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
