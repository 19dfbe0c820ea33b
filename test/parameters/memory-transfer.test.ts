/** Pre-copy of a guest's memory: rounds that shrink by the share of pages written meanwhile. */

import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/core/duration.ts';
import { transferUs } from '../../src/parameters/memory-transfer.ts';

const IDLE = { residentBytes: 2e9, bandwidth: 1e9, dirtyRate: 0, downtimeUs: 0.3 * SECOND };

describe('memory that is copied while its guest runs', () => {
  test('a guest that writes nothing takes its memory once, and an empty last round', () => {
    expect(transferUs(IDLE)).toBe(2 * SECOND);
  });

  test('rounds add up to a geometric series', () => {
    // 2 + 1 + 0.5 + 0.25 s; the last one is within the downtime.
    expect(transferUs({ ...IDLE, dirtyRate: 0.5e9 })).toBe(3.75 * SECOND);
  });

  test('more that is written takes longer, and as much as goes across never ends', () => {
    const times = [0, 0.2e9, 0.5e9, 0.8e9].map((dirtyRate) => transferUs({ ...IDLE, dirtyRate }));
    expect(times).toEqual(times.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
    expect(transferUs({ ...IDLE, dirtyRate: 1e9 })).toBeUndefined();
  });
});
