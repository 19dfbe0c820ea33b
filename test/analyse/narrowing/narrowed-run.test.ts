/** Sightings as narrow as the history allows, and no narrower. Times are seconds. */

import { describe, expect, test } from 'vitest';
import { narrowed } from '../../../src/analyse/narrowing/narrowed-run.ts';
import { seconds, toSeconds } from '../../../src/core/duration.ts';
import type { Sighting } from '../../../src/record/object-table.ts';
import { type HistoryDraft, history } from '../../support/history.ts';

const EPOCH = 1_700_000_000;

function draft(): HistoryDraft {
  const made = history();
  made.step({ kind: 'clone', until: 'dataVolumeSucceeded' });
  return made;
}

/** Not before, and by then. */
function told(sighting: Sighting | undefined): readonly number[] {
  if (sighting === undefined) return [];
  return [toSeconds(sighting.afterUs), toSeconds(sighting.atUs)];
}

function gap(of: HistoryDraft, from: number, to: number): void {
  const times = { from: seconds(from), t: seconds(to) };
  of.add({ e: 'gap', k: 'datavolumes', ...times, cause: 'broken', relist: false });
}

function knownClock(of: HistoryDraft, c: number, name: string): void {
  of.add({ e: 'clock', c, name });
  of.add({ e: 'offset', t: seconds(1), clock: name, lo: 0, hi: 0 });
}

test('a run without gaps and lateness is the run that it was', () => {
  const made = draft();
  made.clone({ step: 0, name: 'a', seen: 10, succeeded: 20 });
  const run = made.run();
  expect(narrowed(run)).toBe(run);
});

describe('what was seen after a gap', () => {
  test('happened at any time in it, where nothing else is known', () => {
    const made = draft();
    const { object } = made.clone({ step: 0, name: 'a', seen: 10 });
    gap(made, 20, 38);
    made.change(object, 40, ['phase', 'Succeeded'], 20);
    const { objects } = narrowed(made.run());
    expect(told(objects.first(object, 'phase', 'Succeeded'))).toEqual([20, 40]);
    expect(told(objects.seen(object))).toEqual([10, 10]);
  });

  test('and is stamped, happened after its stamp', () => {
    const made = draft();
    knownClock(made, 0, 'cdi');
    const { object } = made.clone({ step: 0, name: 'a', seen: 10 });
    gap(made, 20, 38);
    made.change(object, 40, ['Ready', 'True', EPOCH + 30, 0], 20);
    made.change(object, 40, ['phase', 'Succeeded'], 20);
    const { objects } = narrowed(made.run());
    // 6 ms is what a sound clock may have drifted.
    const [after = 0, at] = told(objects.first(object, 'phase', 'Succeeded'));
    expect(after).toBeCloseTo(30, 1);
    expect(at).toBe(40);
  });

  test('and is stamped after the gap, was seen live after all', () => {
    const made = draft();
    knownClock(made, 0, 'cdi');
    const { object } = made.clone({ step: 0, name: 'a', seen: 10 });
    gap(made, 20, 38);
    made.change(object, 40.5, ['Ready', 'True', EPOCH + 40, 0], 20);
    const { objects } = narrowed(made.run());
    expect(told(objects.first(object, 'Ready', 'True'))).toEqual([40.5, 40.5]);
  });

  test('never happened before its object was there', () => {
    const made = draft();
    gap(made, 20, 38);
    const listed = made.object({ kind: 'DataVolume', name: 'a', at: 30, after: 25 });
    made.change(listed, 40, ['phase', 'Succeeded'], 20);
    made.gone(listed, 45, 20);
    const { objects } = narrowed(made.run());
    expect(told(objects.seen(listed))).toEqual([25, 30.1]);
    expect(told(objects.first(listed, 'phase', 'Succeeded'))).toEqual([25, 40]);
    expect(told(objects.deleted(listed))).toEqual([25, 45]);
  });

  test('and was there only after the gap, was seen live after all', () => {
    const made = draft();
    gap(made, 20, 22);
    const fresh = made.object({ kind: 'DataVolume', name: 'a', at: 25 });
    made.change(fresh, 27, ['phase', 'Succeeded'], 20);
    const { objects } = narrowed(made.run());
    expect(told(objects.first(fresh, 'phase', 'Succeeded'))).toEqual([27, 27]);
  });
});

describe('what is proven late', () => {
  test('of a creation of ours lies between the request and its answer', () => {
    const made = draft();
    const { object } = made.clone({ step: 0, name: 'a', sent: 10, seen: 15 });
    const { objects } = narrowed(made.run());
    // The answer came after 5 ms; a prompt stream would have told within 100 ms.
    expect(told(objects.seen(object))).toEqual([10, 10.105]);
  });

  test('makes its neighbours doubtful, and leaves the others exact', () => {
    const made = draft();
    const late = made.clone({ step: 0, name: 'a', sent: 10, seen: 15 });
    const near = made.object({ kind: 'DataVolume', name: 'b', at: 12 });
    const far = made.object({ kind: 'DataVolume', name: 'c', at: 40 });
    made.change(near, 13, ['phase', 'Succeeded']);
    made.change(late.object, 50, ['phase', 'Succeeded']);
    const { objects } = narrowed(made.run());
    expect(told(objects.seen(near))).toEqual([0, 12]);
    expect(told(objects.first(near, 'phase', 'Succeeded'))).toEqual([0, 13]);
    expect(told(objects.seen(far))).toEqual([40, 40]);
    expect(told(objects.first(late.object, 'phase', 'Succeeded'))).toEqual([50, 50]);
  });
});

test('what contradicts what was seen gives way', () => {
  const made = draft();
  knownClock(made, 0, 'cdi');
  const { object } = made.clone({ step: 0, name: 'a', seen: 10 });
  gap(made, 20, 38);
  // Stamped an hour from now.
  made.change(object, 40, ['Ready', 'True', EPOCH + 3640, 0], 20);
  const { objects } = narrowed(made.run());
  const [after = 0, at = 0] = told(objects.first(object, 'Ready', 'True'));
  expect(at).toBe(40);
  expect(after).toBeLessThanOrEqual(40);
});

test('what was never seen stays unseen, and the rest of the table is as it was', () => {
  const made = draft();
  const { object } = made.clone({ step: 0, name: 'a', sent: 10, seen: 15 });
  const { objects } = narrowed(made.run());
  expect(objects.first(object, 'phase', 'Succeeded')).toBeUndefined();
  expect(objects.deleted(object)).toBeUndefined();
  expect(objects.nameOf(object)).toBe('a');
  expect(objects.size).toBe(1);
});
