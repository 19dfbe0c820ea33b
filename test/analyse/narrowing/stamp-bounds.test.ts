/** Seconds of other clocks as intervals of the run's time. */

import { expect, test } from 'vitest';
import { stampBounds } from '../../../src/analyse/narrowing/stamp-bounds.ts';
import { MINUTE, SECOND, seconds } from '../../../src/core/duration.ts';
import type { Entry } from '../../../src/record/entry.ts';
import { history } from '../../support/history.ts';

/** Unix seconds at the start of a run by hand. */
const EPOCH = 1_700_000_000;

function boundsOf(...entries: readonly Entry[]) {
  const draft = history();
  draft.add(...entries);
  return stampBounds(draft.run());
}

function offset(clock: string, lo: number, hi: number, at = 100): Entry {
  return { e: 'offset', t: seconds(at), clock, lo: seconds(lo), hi: seconds(hi) };
}

test('a stamp is its whole second, less the offset of its clock', () => {
  const stamps = boundsOf(offset('apiserver', 0, 0));
  const atUs = seconds(100);
  const { lo = 0, hi = 0 } = stamps.of(EPOCH + 50, undefined, atUs) ?? {};
  // The offset was looked at over the last minute: 6 ms of drift.
  expect(lo).toBe(seconds(50) - 6000);
  expect(hi).toBe(seconds(51) + 6000);
});

test('a clock that is ahead wrote earlier than it says, by as little as is sure', () => {
  const stamps = boundsOf(
    { e: 'clock', c: 0, name: 'virt-controller' },
    offset('virt-controller', 2, 2.5),
  );
  const bounds = stamps.of(EPOCH + 50, 0, seconds(100));
  expect(bounds).toEqual({ lo: seconds(47.5) - 6000, hi: seconds(49) + 6000 });
});

test('nothing is known by a clock that nobody bounded', () => {
  const stamps = boundsOf({ e: 'clock', c: 0, name: 'cdi' }, offset('apiserver', 0, 0));
  expect(stamps.isEmpty).toBe(false);
  expect(stamps.of(EPOCH, 0, SECOND)).toBeUndefined();
  expect(stamps.of(EPOCH, 7, SECOND)).toBeUndefined();
  expect(boundsOf().isEmpty).toBe(true);
  expect(boundsOf().of(EPOCH, undefined, SECOND)).toBeUndefined();
});

test('a step of the clock within the last minute leaves both readings open', () => {
  const stamps = boundsOf(offset('apiserver', 0, 0, 100), offset('apiserver', 3, 3, 110));
  const { lo = 0, hi = 0 } = stamps.of(EPOCH + 105, undefined, seconds(130)) ?? {};
  expect(lo).toBeLessThanOrEqual(seconds(102));
  expect(hi).toBeGreaterThanOrEqual(seconds(106));
  const later = stamps.of(EPOCH + 205, undefined, seconds(210)) ?? { lo: 0, hi: 0 };
  expect(later.hi).toBeLessThan(seconds(203.1));
});

test('each session tells its time by its own anchor', () => {
  const resumedUs = 10 * MINUTE;
  const stamps = boundsOf(offset('apiserver', 0, 0, 0), offset('apiserver', 0, 0, 610), {
    e: 'anchor',
    session: 1,
    t: resumedUs,
    // The wall clock was set by 5 s meanwhile.
    wall: seconds(EPOCH + 605),
  });
  expect(stamps.of(EPOCH + 50, undefined, seconds(50))?.lo).toBeCloseTo(seconds(50), -5);
  expect(stamps.of(EPOCH + 655, undefined, seconds(650))?.lo).toBeCloseTo(seconds(650), -5);
});

test('all nodes write alike, other clocks are classes of their own', () => {
  const stamps = boundsOf(
    { e: 'clock', c: 0, name: 'node/w1' },
    { e: 'clock', c: 1, name: 'node/w2' },
    { e: 'clock', c: 2, name: 'cdi' },
  );
  expect([0, 1, 2, undefined].map((clock) => stamps.classOf(clock))).toEqual([
    'node',
    'node',
    'cdi',
    'apiserver',
  ]);
});
