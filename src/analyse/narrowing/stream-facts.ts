/**
 * What all sightings of one kind tell about the stream that brought them. A stream delivers in the
 * order of commits, so what came earlier was committed earlier, and who is held up holds up all
 * behind: one event that is proven late casts doubt on its neighbours, many on the whole stream.
 */

import { MILLISECOND, SECOND } from '../../core/duration.ts';
import type { GapEntry } from '../../record/entry.ts';
import type { Bounds } from './stamp-bounds.ts';

/**
 * A prompt stream delivers within this after the commit; less cannot be told from the network's
 * usual delay, and is left in the figures.
 */
export const PROMPT_US = 100 * MILLISECOND;

/** Writers stamp first and write then; a stamp this much older than its sight proves nothing. */
const WRITER_US = 250 * MILLISECOND;

/**
 * Lateness of less than a second mostly hides behind whole-second stamps: where more than this
 * share of events is proven late, as many may be late without proof, and none counts as exact.
 */
const LATE_SHARE_MAX = 0.001;
const LATE_COUNT_MIN = 3;

/**
 * Streams come from one server over one network: what all of them prove together counts against
 * each, but for one of which so many prompt events show that it is better (by the rule of three).
 */
const EXEMPT_COUNT = 3 / LATE_SHARE_MAX;

/** None is expected to be later than this many times the latest that was proven. */
const LATENESS_FACTOR = 1.5;

export interface StreamFacts {
  /** Commits of what is seen at `atUs` came after this. */
  committedAfterUs(atUs: number): number;
  /** A live event seen then may have been late; by so much at the most. Undefined where not. */
  latenessUs(atUs: number): number | undefined;
  /** Since when the stream was up; undefined where it was down, and the event came from a list. */
  upSinceUs(atUs: number): number | undefined;
}

/** Collects the facts of one kind; evidence comes in order of sight. */
export interface StreamDraft {
  /** The commit came after `lowUs`. */
  after(atUs: number, lowUs: number): void;
  /** Committed within `bounds` for sure. */
  hard(atUs: number, bounds: Bounds): void;
  /** Written, not yet committed, within `bounds`; true where that is no proof of being late. */
  soft(atUs: number, bounds: Bounds): boolean;
  /** Late or merged with others, who knows how long. */
  doubtful(atUs: number): void;
  readonly isInGap: (atUs: number) => boolean;
  readonly hasProof: boolean;
  readonly proof: Proof;
  /** `pooled`: of all streams together. */
  finish(pooled: Proof): StreamFacts;
}

/** Events whose commits are bounded for sure, those of them that were late, and how late. */
export interface Proof {
  readonly all: number;
  readonly late: number;
  readonly worstUs: number;
}

/** `gaps`: those of the stream, in order. */
export function streamDraft(gaps: readonly GapEntry[]): StreamDraft {
  const lows: Bounds[] = [];
  const doubts: Bounds[] = [];
  const proof = { all: 0, late: 0, worstUs: 0 };
  const committedAfterUs = (atUs: number) =>
    lows[firstWhere(lows, ({ lo }) => lo >= atUs) - 1]?.hi ?? Number.NEGATIVE_INFINITY;
  const isInGap = (atUs: number) => {
    const next = gaps[firstWhere(gaps, ({ t }) => t > atUs)];
    return next !== undefined && next.from < atUs;
  };
  return {
    isInGap,
    get hasProof() {
      return doubts.length > 0;
    },
    after(atUs, lowUs) {
      if (lowUs > (lows.at(-1)?.hi ?? Number.NEGATIVE_INFINITY)) lows.push({ lo: atUs, hi: lowUs });
    },
    hard(atUs, { lo, hi }) {
      proof.all += 1;
      if (atUs <= hi + PROMPT_US) return;
      proof.late += 1;
      proof.worstUs = Math.max(proof.worstUs, atUs - lo);
      doubts.push({ lo: hi, hi: atUs + PROMPT_US });
    },
    soft(atUs, { lo, hi }) {
      if (atUs <= hi + WRITER_US) return true;
      // The stream was fresh a moment ago: it is the writer that was slow.
      if (committedAfterUs(atUs) >= atUs - SECOND - PROMPT_US) return true;
      proof.worstUs = Math.max(proof.worstUs, atUs - lo);
      doubts.push({ lo: hi, hi: atUs + PROMPT_US });
      return false;
    },
    doubtful(atUs) {
      doubts.push({ lo: atUs, hi: atUs });
    },
    proof,
    finish(pooled) {
      const isExempt = proof.all >= EXEMPT_COUNT && !isLate(proof);
      const latestUs = isLate(pooled) && !isExempt ? getWorst(pooled) : 0;
      const merged = mergedIntervals(doubts);
      return {
        committedAfterUs,
        latenessUs(atUs) {
          const doubt = merged[firstWhere(merged, ({ hi }) => hi >= atUs)];
          if (doubt !== undefined && doubt.lo <= atUs) return Number.POSITIVE_INFINITY;
          return latestUs > 0 ? latestUs : undefined;
        },
        upSinceUs: (atUs) =>
          isInGap(atUs) ? undefined : (gaps[firstWhere(gaps, ({ t }) => t > atUs) - 1]?.t ?? 0),
      };
    },
  };
}

export function pooledProof(proofs: readonly Proof[]): Proof {
  const sum = (read: (proof: Proof) => number) =>
    proofs.reduce((total, one) => total + read(one), 0);
  return {
    all: sum(({ all }) => all),
    late: sum(({ late }) => late),
    worstUs: Math.max(0, ...proofs.map(({ worstUs }) => worstUs)),
  };
}

/** Too many were late for chance: others may have been so without proof. */
export function isLate({ all, late }: Pick<Proof, 'all' | 'late'>): boolean {
  return late >= LATE_COUNT_MIN && late > LATE_SHARE_MAX * all;
}

function getWorst({ worstUs }: Proof): number {
  return Math.round(LATENESS_FACTOR * worstUs);
}

function mergedIntervals(intervals: readonly Bounds[]): readonly Bounds[] {
  const merged: Bounds[] = [];
  for (const { lo, hi } of intervals.toSorted((a, b) => a.lo - b.lo)) {
    const last = merged.at(-1);
    if (last === undefined || lo > last.hi) merged.push({ lo, hi });
    else merged[merged.length - 1] = { lo: last.lo, hi: Math.max(last.hi, hi) };
  }
  return merged;
}

/** Index of the first that holds; all after it must hold too. */
function firstWhere<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
