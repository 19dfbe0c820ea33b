/** How far a run has come in time, whatever the wall clock has done meanwhile. */

import { expect, test } from 'vitest';
import { seconds } from '../../src/core/duration.ts';
import type { AnchorEntry, Entry } from '../../src/record/entry.ts';
import { pastSessions } from '../../src/record/past-sessions.ts';

const BEGAN_AT = seconds(1_000_000);
const ENTRIES = [
  { e: 'anchor', t: 0, wall: BEGAN_AT } as AnchorEntry,
  { e: 'step', t: seconds(100), s: 0 } as Entry,
];

const elapsed = (wallUs: number) => pastSessions(() => ENTRIES, wallUs).elapsedUs;

test('a run goes on at the time that the wall clock has reached since it began', () => {
  expect(elapsed(BEGAN_AT + seconds(500))).toBe(seconds(500));
});

test('a wall clock that was set back does not take the run back: it goes on after its last line', () => {
  expect(elapsed(BEGAN_AT + seconds(40))).toBe(seconds(100) + 1);
  expect(elapsed(BEGAN_AT - seconds(3600))).toBe(seconds(100) + 1);
});
