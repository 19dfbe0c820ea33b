/** What the sightings of one stream say about each other. Times are seconds. */

import { describe, expect, test } from 'vitest';
import {
  pooledProof,
  type Proof,
  type StreamDraft,
  streamDraft,
} from '../../../src/analyse/narrowing/stream-facts.ts';
import { seconds, toSeconds } from '../../../src/core/duration.ts';
import type { GapEntry } from '../../../src/record/entry.ts';

const NO_PROOF: Proof = { all: 0, late: 0, worstUs: 0 };

function gap(from: number, to: number): GapEntry {
  const [fromUs, toUs] = [seconds(from), seconds(to)];
  return { e: 'gap', k: 'pods', from: fromUs, t: toUs, cause: 'broken', relist: false };
}

/** Committed between, seen at. */
function hard(draft: StreamDraft, lo: number, hi: number, at: number): void {
  draft.hard(seconds(at), { lo: seconds(lo), hi: seconds(hi) });
}

function soft(draft: StreamDraft, lo: number, hi: number, at: number): boolean {
  return draft.soft(seconds(at), { lo: seconds(lo), hi: seconds(hi) });
}

function lateness(draft: StreamDraft, at: number, pooled = draft.proof): number | undefined {
  const latenessUs = draft.finish(pooled).latenessUs(seconds(at));
  return latenessUs === undefined ? undefined : toSeconds(latenessUs);
}

describe('a commit that is known', () => {
  test('and seen within 100 ms proves nothing', () => {
    const draft = streamDraft([]);
    hard(draft, 9, 10, 10.1);
    expect(draft.hasProof).toBe(false);
    expect(draft.proof).toEqual({ all: 1, late: 0, worstUs: 0 });
    expect(lateness(draft, 10)).toBeUndefined();
  });

  test('and seen later casts doubt on all between, and on the moment after', () => {
    const draft = streamDraft([]);
    hard(draft, 9, 10, 12);
    expect(draft.hasProof).toBe(true);
    expect(draft.proof).toEqual({ all: 1, late: 1, worstUs: seconds(3) });
    expect([9.9, 10, 11, 12.1].map((at) => lateness(draft, at))).toEqual([
      undefined,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(lateness(draft, 12.2)).toBeUndefined();
  });

  test('doubts that overlap are one, others are apart', () => {
    const draft = streamDraft([]);
    hard(draft, 30, 30, 31);
    hard(draft, 10, 10, 14);
    hard(draft, 12, 12, 16);
    const told = [15, 20, 30.5].map((at) => lateness(draft, at, NO_PROOF));
    expect(told).toEqual([Number.POSITIVE_INFINITY, undefined, Number.POSITIVE_INFINITY]);
  });
});

describe('a stamp of the writer', () => {
  test('a quarter of a second old says nothing', () => {
    const draft = streamDraft([]);
    expect(soft(draft, 9, 10, 10.25)).toBe(true);
    expect(draft.hasProof).toBe(false);
  });

  test('older than that it is a proof against the stream', () => {
    const draft = streamDraft([]);
    expect(soft(draft, 9, 10, 10.3)).toBe(false);
    expect(lateness(draft, 10.2)).toBe(Number.POSITIVE_INFINITY);
    // Not counted among what is known for sure.
    expect(draft.proof).toEqual({ all: 0, late: 0, worstUs: seconds(10.3) - seconds(9) });
  });

  test('unless the stream was fresh a moment ago: then the writer is slow', () => {
    const draft = streamDraft([]);
    draft.after(seconds(29), seconds(29));
    expect(soft(draft, 9, 10, 30)).toBe(true);
    expect(soft(draft, 9, 10, 31)).toBe(false);
  });
});

describe('many late events', () => {
  const late = (count: number, prompt: number): StreamDraft => {
    const draft = streamDraft([]);
    for (let i = 0; i < prompt; i++) hard(draft, 100 + i, 100 + i, 100 + i);
    for (let i = 0; i < count; i++) hard(draft, 10 * i, 10 * i, 10 * i + 2);
    return draft;
  };

  test('are three, and more than one in a thousand: then none is exact', () => {
    expect(lateness(late(2, 0), 5000)).toBeUndefined();
    expect(lateness(late(3, 100), 5000)).toBe(3);
    expect(lateness(late(3, 2996), 5000)).toBe(3);
    expect(lateness(late(3, 2997), 5000)).toBeUndefined();
  });

  test('on the other streams count too, but for one that shows that it is better', () => {
    const pooled = pooledProof([{ all: 50, late: 30, worstUs: seconds(4) }, NO_PROOF]);
    expect(pooled).toEqual({ all: 50, late: 30, worstUs: seconds(4) });
    expect(lateness(late(0, 2999), 5000, pooled)).toBe(6);
    expect(lateness(late(0, 3000), 5000, pooled)).toBeUndefined();
  });
});

describe('order', () => {
  test('what is seen later was committed after what was seen before', () => {
    const draft = streamDraft([]);
    draft.after(seconds(10), seconds(8));
    draft.after(seconds(20), seconds(5));
    draft.after(seconds(30), seconds(25));
    const { committedAfterUs } = draft.finish(NO_PROOF);
    expect([9, 10].map((at) => committedAfterUs(seconds(at)))).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    expect([11, 29, 31].map((at) => toSeconds(committedAfterUs(seconds(at))))).toEqual([8, 8, 25]);
  });
});

describe('gaps', () => {
  test('tell since when the stream was up, and that it was down', () => {
    const draft = streamDraft([gap(10, 20), gap(40, 50)]);
    const { upSinceUs } = draft.finish(NO_PROOF);
    const up = (at: number) => upSinceUs(seconds(at));
    expect([5, 10].map(up)).toEqual([0, 0]);
    expect([15, 19].map(up)).toEqual([undefined, undefined]);
    expect([20, 30, 40].map(up)).toEqual([seconds(20), seconds(20), seconds(20)]);
    expect(up(45)).toBeUndefined();
    expect(up(60)).toBe(seconds(50));
    expect([10, 15, 20].map((at) => draft.isInGap(seconds(at)))).toEqual([false, true, false]);
  });
});
