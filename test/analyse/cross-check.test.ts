/** Latencies by stamps alone, beside ours: what they can say, and what they cannot. */

import { describe, expect, test } from 'vitest';
import { crossChecks } from '../../src/analyse/cross-check.ts';
import { measuredOperations, makeSpans } from '../../src/analyse/spans.ts';
import { seconds } from '../../src/core/duration.ts';
import { type HistoryDraft, history } from '../support/history.ts';

const EPOCH = 1_700_000_000;
const CDI = 0;

interface Stamped {
  readonly seen?: number;
  /** When it was asked for: by default when it was seen. */
  readonly sent?: number;
  /** By our clock. */
  readonly took: number;
  /** Unix seconds since the run's start, as the servers wrote them. */
  readonly created?: number | undefined;
  readonly ready?: number | undefined;
  readonly step?: number;
}

function draft(names: readonly [string, string] = ['first', 'second']): HistoryDraft {
  const made = history();
  const variants = [{ image: 'rhel9', source: 'pvc' }];
  for (const name of names) {
    made.step({ kind: 'clone', name, variants, until: 'dataVolumeSucceeded' });
  }
  made.wave({ step: 0, wave: 0, at: 0, n: 100 });
  made.wave({ step: 1, wave: 0, at: 0, n: 100 });
  made.add({ e: 'clock', c: CDI, name: 'cdi' });
  return made;
}

/** A clone with its stamps; the ends that are left out carry none. */
function clone(made: HistoryDraft, index: number, stamped: Stamped): void {
  const { seen = 10, sent = seen, took, created, ready, step = 0 } = stamped;
  const uid = `u-${index}`;
  made.operation({ step, name: `c${index}`, sent, uid });
  made.add({
    e: 'obj',
    t: seconds(seen),
    o: index,
    k: 'DataVolume',
    n: `c${index}`,
    u: uid,
    src: 'pvc',
    ...(created === undefined ? {} : { at: EPOCH + created }),
  });
  made.change(index, seen + took, ['phase', 'Succeeded']);
  if (ready === undefined) made.change(index, seen + took, ['Ready', 'True']);
  else made.change(index, seen + took, ['Ready', 'True', EPOCH + ready, CDI]);
}

function offset(made: HistoryDraft, clock: string, lo: number, hi: number): void {
  made.add({ e: 'offset', t: seconds(1), clock, lo: seconds(lo), hi: seconds(hi) });
}

function checks(made: HistoryDraft) {
  const run = made.run();
  return crossChecks(run, makeSpans(run, measuredOperations(run)));
}

describe('a clone', () => {
  test('by stamps is known to a second, and medians that lie within it agree', () => {
    const made = draft();
    clone(made, 0, { took: 30, created: 10, ready: 40 });
    clone(made, 1, { took: 31, created: 10, ready: 41 });
    clone(made, 2, { took: 50, created: 10, ready: 61 });
    expect(checks(made)).toEqual([
      {
        metric: 'clone',
        dimensions: { step: 'first', image: 'rhel9', source: 'pvc' },
        n: 3,
        server: 31,
        ours: 31,
        resolution: 1,
        corrected: false,
        agrees: true,
      },
    ]);
  });

  test.each([
    [31.5, true],
    [31.6, false],
    [28.5, true],
    [28.4, false],
  ])('of %d s by our clock and 30 s by stamps: agrees %s', (took, agrees) => {
    const made = draft();
    clone(made, 0, { took, created: 10, ready: 40 });
    expect(checks(made)[0]?.agrees).toBe(agrees);
  });

  test.each([
    // Asked for at 3, let in and seen at 10, ready at 40.
    [3, 40, true],
    // By stamps it began before anybody had asked.
    [1, 40, false],
    // Nothing was kept anywhere that would make the stamps' time the shorter one.
    [3, 31, false],
  ])(
    'that webhooks kept for 7 s, stamped %d and ready at %d: agrees %s',
    (created, ready, agrees) => {
      const made = draft();
      clone(made, 0, { sent: 3, seen: 10, took: 30, created, ready });
      expect(checks(made)[0]?.agrees).toBe(agrees);
    },
  );

  test('is corrected where both clocks are known, at the price of their doubt', () => {
    const made = draft();
    offset(made, 'apiserver', -0.1, 0.1);
    // CDI is three seconds ahead, so its stamps make clones three seconds longer.
    offset(made, 'cdi', 2.8, 3.2);
    clone(made, 0, { took: 30, created: 10, ready: 43 });
    const [check] = checks(made);
    expect(check).toMatchObject({ corrected: true, agrees: true });
    expect(check?.server).toBeCloseTo(30);
    expect(check?.resolution).toBeCloseTo(1.3, 1);
  });

  test('with one clock unknown is not corrected', () => {
    const made = draft();
    offset(made, 'cdi', 2.8, 3.2);
    clone(made, 0, { took: 30, created: 10, ready: 43 });
    expect(checks(made)[0]).toMatchObject({ corrected: false, server: 33, agrees: false });
  });

  test('does not count without a stamp at both ends', () => {
    const made = draft();
    clone(made, 0, { took: 30, created: undefined, ready: 40 });
    clone(made, 1, { took: 30, created: 10, ready: undefined });
    expect(checks(made)).toEqual([]);
  });

  test('stamped ready when it was created counts only where it was quick', () => {
    const made = draft();
    clone(made, 0, { took: 30, created: 10, ready: 10 });
    expect(checks(made)).toEqual([]);
    clone(made, 1, { took: 1, created: 10, ready: 10 });
    expect(checks(made)).toMatchObject([{ n: 1, server: 0, ours: 1 }]);
  });

  test('that was not reached does not count', () => {
    const made = draft();
    clone(made, 0, { took: 30, created: 10, ready: 40 });
    made.miss(0, 20, 'censored');
    expect(checks(made)).toEqual([]);
  });
});

test('steps are never pooled, not even under one name', () => {
  const made = draft(['same', 'same']);
  clone(made, 0, { took: 30, created: 10, ready: 40 });
  clone(made, 1, { took: 90, created: 10, ready: 100, step: 1 });
  expect(checks(made).map(({ dimensions, server }) => [dimensions.step, server])).toEqual([
    ['same', 30],
    ['same', 90],
  ]);
});
