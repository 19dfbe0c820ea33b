/**
 * Words for the statistics of all rows of a table, corrected together. What can get no verdict (too
 * few waves for an interval) takes no part in the correction, else rows of one wave would hide the
 * findings of all others.
 */

import type { Direction } from '../catalogue/metrics.ts';
import { benjaminiHochberg } from '../analyse/statistics/benjamini-hochberg.ts';
import type { ArmComparison } from '../analyse/statistics/compare-arms.ts';
import type { ComparedStatistic } from '../analyse/statistics/compared-statistics.ts';
import type { Estimate } from '../analyse/statistics/estimate.ts';
import type { Counts } from '../analyse/statistics/observation.ts';
import type { PermutationTest } from '../analyse/statistics/permutation-test.ts';
import { FALSE_DISCOVERY_RATE, judge, type Verdict } from '../analyse/statistics/verdict.ts';

export interface StatisticVerdict extends ComparedStatistic {
  /** head / base - 1; absent where one side has none. */
  readonly change?: number;
  /** p after the correction; absent where the statistic takes no part in it. */
  readonly q?: number;
  readonly verdict: Verdict;
}

export interface Judged extends Pick<ArmComparison, 'statistics' | 'baseline' | 'head' | 'delta'> {
  readonly direction: Direction;
}

/** The verdicts on the statistics of each row, in their order. */
export function judgeFamily(rows: readonly Judged[]): readonly (readonly StatisticVerdict[])[] {
  const family = rows.flatMap(({ statistics }) => statistics.filter(canBeJudged));
  const q = benjaminiHochberg(family.map(({ p }) => p));
  const corrected = new Map(family.map((statistic, i) => [statistic, q[i] as number]));
  return rows.map((row) =>
    row.statistics.map((statistic) => statisticVerdict(row, statistic, corrected.get(statistic))),
  );
}

/** Worse where anything is, however much better the rest; `unchanged` takes all of them. */
export function rowVerdict(statistics: readonly StatisticVerdict[]): Verdict {
  const isAny = (word: Verdict) => statistics.some(({ verdict }) => verdict === word);
  if (isAny('worse')) return 'worse';
  if (isAny('better')) return 'better';
  return isAny('inconclusive') || statistics.length === 0 ? 'inconclusive' : 'unchanged';
}

/** It has an interval; or one side never got there, and labels could tell that. */
function canBeJudged({ ratio, p, permutation }: ComparedStatistic): boolean {
  if (ratio !== undefined) return ratio.lo !== undefined && ratio.hi !== undefined;
  return permutation === undefined
    ? p <= FALSE_DISCOVERY_RATE
    : leastP(permutation) <= FALSE_DISCOVERY_RATE;
}

/** The smallest p that swapped labels can come to; an arm and its complement are as far apart. */
function leastP({ labellings, isExhaustive }: PermutationTest): number {
  return isExhaustive ? Math.min(1, 2 / labellings) : 1 / (labellings + 1);
}

function statisticVerdict(
  row: Judged,
  statistic: ComparedStatistic,
  q: number | undefined,
): StatisticVerdict {
  const { ratio } = statistic;
  return {
    ...statistic,
    ...(ratio === undefined ? {} : { change: 1 / ratio.value - 1 }),
    ...(q === undefined ? {} : { q }),
    verdict: verdictOf(row, statistic, q),
  };
}

function verdictOf(
  { direction, baseline, head, delta }: Judged,
  { statistic, ratio, values }: ComparedStatistic,
  q: number | undefined,
): Verdict {
  if (ratio !== undefined) {
    const verdict = judge({ ratio, q, direction });
    if (statistic !== 'mean' || direction === 'higherIsBetter') return verdict;
    return isOfSurvivors(verdict, share(baseline), share(head)) ? 'inconclusive' : verdict;
  }
  // One side never got there: no ratio, but a difference for sure.
  if (q === undefined || q > FALSE_DISCOVERY_RATE) return 'inconclusive';
  const grown = growth(values, delta);
  if (grown === 0) return 'inconclusive';
  return grown < 0 === (direction === 'lowerIsBetter') ? 'better' : 'worse';
}

/** Fewer that got there, and those quicker: no gain; nor a loss the other way round. */
function isOfSurvivors(verdict: Verdict, baseline: number, head: number): boolean {
  return (verdict === 'better' && head < baseline) || (verdict === 'worse' && head > baseline);
}

function share({ reached, n }: Counts): number {
  return reached / n;
}

/** Above 0 where head is the one that did not get there. */
function growth({ baseline, head }: ComparedStatistic['values'], delta: number): number {
  const [was, is] = [isReached(baseline), isReached(head)];
  return was === is ? delta : Number(was) - Number(is);
}

function isReached(estimate: Estimate | undefined): boolean {
  return estimate !== undefined && 'value' in estimate;
}
