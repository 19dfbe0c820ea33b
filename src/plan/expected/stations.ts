/**
 * Stations that the operations of a wave pass one after the other: when each of them leaves, from
 * when each came, in microseconds since the wave's release. Nothing is drawn: what varies is taken
 * at its mean, and what is uniform is spread evenly over the operations.
 */

import { SECOND } from '../../core/duration.ts';

/** Of each operation, in the order in which they came. */
export type Times = readonly number[];

/** client-go's limiter. */
export interface Limit {
  readonly qps: number;
  readonly burst: number;
}

export function later(times: Times, us: number): Times {
  return times.map((time) => time + us);
}

export function ascending(times: Times): Times {
  return [...times].sort((a, b) => a - b);
}

/** Full at the release, and served in the order of asking: each operation takes so many tokens. */
export function throughBucket(times: Times, limit: Limit, tokens: number): Times {
  if (tokens === 0) return times;
  const takeUntil = createBucket(limit);
  return ascending(times).map((time) => takeUntil(time, tokens));
}

/**
 * The same bucket visited several times, for a token each: an operation asks again so long after
 * each answer, and stands behind all who have asked before. Times of each visit, the first first.
 */
export function throughBucketAgain(
  times: Times,
  limit: Limit,
  pausesUs: readonly number[],
): readonly Times[] {
  const takeUntil = createBucket(limit);
  const asked: number[][] = [[...ascending(times)], ...pausesUs.map(() => [])];
  const answered: number[][] = asked.map(() => []);
  for (;;) {
    // Who asks next: answers come in order, so each visit's askers do too.
    let next = -1;
    let askedUs = Number.POSITIVE_INFINITY;
    for (const [visit, queue] of asked.entries()) {
      const time = queue[answered[visit]?.length ?? 0];
      if (time === undefined || time >= askedUs) continue;
      next = visit;
      askedUs = time;
    }
    if (next < 0) return answered;
    const doneUs = takeUntil(askedUs, 1);
    answered[next]?.push(doneUs);
    asked[next + 1]?.push(doneUs + (pausesUs[next] ?? 0));
  }
}

/** When so many tokens, asked for at a time that is not before the last one's, are given. */
function createBucket({ qps, burst }: Limit): (askedUs: number, tokens: number) => number {
  let left = burst;
  let filledUs = 0;
  return (askedUs, tokens) => {
    left = Math.min(burst, left + ((askedUs - filledUs) / SECOND) * qps) - tokens;
    filledUs = askedUs;
    return left >= 0 ? askedUs : askedUs + (-left / qps) * SECOND;
  };
}

/** So many workers, each with one operation at a time, which may begin at once or wait. */
export function throughWorkers(
  times: Times,
  workers: number,
  endUs: (index: number, freeUs: number, cameUs: number) => number,
): Times {
  const count = Math.max(1, Math.min(workers, times.length));
  const free = Array.from({ length: count }, () => Number.NEGATIVE_INFINITY);
  return ascending(times).map((came, i) => {
    const next = free.indexOf(Math.min(...free));
    const end = endUs(i, free[next] ?? 0, came);
    free[next] = end;
    return end;
  });
}

/** A share of 1 for each index: any stretch of them is spread evenly. */
export function evenly(index: number): number {
  return ((index + 0.5) * GOLDEN) % 1;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
