/**
 * How fast each wave's operations got done: seconds per operation between the 10th and the 90th
 * percentile of their completions; its inverse is the throughput. A wave's size over its makespan
 * understates what the cluster can do, since it counts the time in which the first operations were
 * not done yet, and the straggler at the end.
 */

import type { FiledValue } from './samples.ts';
import { dimensionKey } from './spans.ts';
import type { Observation } from './statistics/observation.ts';
import { inverseEcdfRank } from './statistics/quantile.ts';

const FROM = 0.1;
const TO = 0.9;

/** In smaller waves the two percentiles are no more than the first and the last. */
const OPERATIONS_LEAST = 10;

/** One value for each wave and variant of so many operations; `goals` start at the release. */
export function wavePaces(goals: readonly FiledValue[]): readonly FiledValue[] {
  const waves = new Map<string, FiledValue[]>();
  for (const goal of goals) {
    const key = `${goal.step}/${goal.wave}/${dimensionKey(goal.dimensions)}`;
    const wave = waves.get(key);
    if (wave === undefined) waves.set(key, [goal]);
    else wave.push(goal);
  }
  return [...waves.values()].flatMap((wave) => {
    const [first] = wave;
    if (first === undefined || wave.length < OPERATIONS_LEAST) return [];
    return [{ ...first, metric: 'wavePace', outcome: computePace(wave) } as const];
  });
}

/** Failed where the 90th percentile never came, censored where nobody waited for it. */
function computePace(wave: readonly FiledValue[]): Observation {
  const outcomes = wave.map(({ outcome }) => outcome).sort((a, b) => getEnd(a) - getEnd(b));
  const [from, to] = [FROM, TO].map((q) => inverseEcdfRank(outcomes.length, q) - 1) as [
    number,
    number,
  ];
  const [first, last] = [outcomes[from], outcomes[to]] as [Observation, Observation];
  const operations = to - from;
  if (last.state === 'failed') return last;
  if (first.state !== 'reached') return { state: 'censored', at: 0 };
  if (last.state === 'censored') {
    return { state: 'censored', at: Math.max(0, last.at - first.hi) / operations };
  }
  return {
    state: 'reached',
    lo: Math.max(0, last.lo - first.hi) / operations,
    hi: Math.max(0, last.hi - first.lo) / operations,
  };
}

/** The order of completion: the reached, then those still under way, then those that failed. */
function getEnd(outcome: Observation): number {
  if (outcome.state === 'reached') return outcome.hi;
  return outcome.state === 'censored' ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE;
}
