/** What a summary says of each clock, and whom it distrusts. */

import { describe, expect, test } from 'vitest';
import { clockOffsets } from '../../../src/analyse/clocks/clock-offsets.ts';
import { MINUTE, SECOND, seconds } from '../../../src/core/duration.ts';
import type { OffsetEntry } from '../../../src/record/entry.ts';
import { history } from '../../support/history.ts';

/** Times and bounds in seconds. */
function bound(at: number, lo: number, hi: number, clock = 'c'): OffsetEntry {
  return { e: 'offset', t: seconds(at), clock, lo: seconds(lo), hi: seconds(hi) };
}

function told(...offsets: readonly OffsetEntry[]) {
  const draft = history();
  draft.add(...offsets);
  return clockOffsets(draft.run());
}

test('the middle of the bounds at the end, by name of the clock', () => {
  expect(told(bound(10, 0.1, 0.3, 'node/b'), bound(20, -0.02, 0, 'apiserver'))).toEqual([
    { clock: 'apiserver', offset: -0.01, halfWidth: 0.01, steps: 0 },
    { clock: 'node/b', offset: 0.2, halfWidth: 0.1, steps: 0 },
  ]);
});

describe('not to be trusted is', () => {
  test('a clock that was stepped, once or often', () => {
    expect(told(bound(1, 0, 0.1), bound(2, 5, 5.1))).toMatchObject([
      { steps: 1, suspect: 'stepped during the run', offset: 5.05 },
    ]);
    expect(told(bound(1, 0, 0.1), bound(2, 5, 5.1), bound(3, 9, 9.1))).toMatchObject([
      { steps: 2, suspect: 'stepped 2 times' },
    ]);
  });

  test('one that is known badly, or more than a second off', () => {
    expect(told(bound(1, 0, 0.6))[0]?.suspect).toBe('known only to +-300ms');
    expect(told(bound(1, 0, 0.5))[0]).not.toHaveProperty('suspect');
    expect(told(bound(1, 1.4, 1.6))[0]?.suspect).toBe('1.5s ahead');
    expect(told(bound(1, -2.1, -1.9))[0]?.suspect).toBe('2s behind');
    expect(told(bound(1, 0.9, 1.1))[0]).not.toHaveProperty('suspect');
  });
});

describe('drift', () => {
  /** An offset that grows by `ppm`, known to +-1 ms each minute. */
  const growing = (ppm: number, minutes: number) =>
    Array.from({ length: minutes + 1 }, (_, i) => {
      const at = (i * MINUTE) / SECOND;
      const offset = (at * ppm) / 1e6;
      return bound(at, offset - 0.001, offset + 0.001);
    });

  test('is told of a long run where it stands out of the doubt', () => {
    expect(told(...growing(40, 30))[0]?.driftPpm).toBeCloseTo(40, 0);
    expect(told(...growing(-40, 30))[0]?.driftPpm).toBeCloseTo(-40, 0);
  });

  test('is not told of a short run, nor where it could be none', () => {
    expect(told(...growing(40, 5))[0]).not.toHaveProperty('driftPpm');
    expect(told(...growing(0, 30))[0]).not.toHaveProperty('driftPpm');
  });
});
