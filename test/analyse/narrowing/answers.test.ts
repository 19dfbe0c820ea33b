/** When creations were committed, by their answers. Times are seconds. */

import { describe, expect, test } from 'vitest';
import { commitBounds } from '../../../src/analyse/narrowing/answers.ts';
import { collectEvidence } from '../../../src/analyse/narrowing/evidence.ts';
import { stampBounds } from '../../../src/analyse/narrowing/stamp-bounds.ts';
import { seconds, toSeconds } from '../../../src/core/duration.ts';
import { type HistoryDraft, history } from '../../support/history.ts';

const EPOCH = 1_700_000_000;

interface Creation {
  readonly sent?: number;
  readonly ack: number;
  /** Second of the answer; the one in which it came where absent, `none` where it is not known. */
  readonly answered?: number | 'none';
  readonly tries?: number;
  readonly seen?: number;
}

function drafted(creations: readonly Creation[]): HistoryDraft {
  const draft = history();
  draft.step({ kind: 'clone', until: 'dataVolumeSucceeded' });
  draft.add({ e: 'clock', c: 0, name: 'apiserver' });
  draft.add({ e: 'offset', t: seconds(30), clock: 'apiserver', lo: 0, hi: 0 });
  for (const [
    i,
    { sent = 10, ack, answered = Math.floor(ack), tries, seen },
  ] of creations.entries()) {
    const p = draft.operation({ step: 0, name: `dv-${i}`, sent, status: undefined });
    draft.add({
      e: 'ack',
      t: seconds(ack),
      p,
      c: 201,
      u: `u-${i}`,
      ...(answered === 'none' ? {} : { d: EPOCH + answered }),
      ...(tries === undefined ? {} : { tries }),
    });
    draft.object({ kind: 'DataVolume', name: `dv-${i}`, at: seen ?? ack, uid: `u-${i}` });
  }
  return draft;
}

function boundsOf(creations: readonly Creation[]) {
  const run = drafted(creations).run();
  const committed = commitBounds(run, stampBounds(run));
  return run.operations.map((operation) => {
    const bounds = committed(operation);
    // Sound clocks drift by a ten-thousandth of the time that passes: less than this rounds away.
    return bounds && [bounds.lo, bounds.hi].map((us) => Number(toSeconds(us).toFixed(1)));
  });
}

/** Kept for 20 s, and answered promptly, at all times of a second. */
const prompt = Array.from({ length: 40 }, (_, i) => ({ ack: 30 + i * 0.73 }));

describe('a creation that was kept', () => {
  test('was committed just before an answer that was prompt', () => {
    expect(boundsOf(prompt)[3]).toEqual([32.1, 32.2]);
  });

  test('before the request it was not', () => {
    expect(boundsOf([...prompt, { sent: 59.98, ack: 60 }]).at(-1)).toEqual([60, 60]);
  });

  test('is known to the second of its answer where answers were late', () => {
    const late = prompt.map(({ ack }) => ({ ack: ack + 5, answered: Math.floor(ack) }));
    expect(boundsOf(late)[0]).toEqual([29.9, 35]);
    const some = prompt.map(({ ack }) => ({ ack: ack + 0.3, answered: Math.floor(ack) }));
    expect(boundsOf(some)[0]).toEqual([29.9, 30.3]);
  });

  test('one late answer is one late answer', () => {
    const [one] = boundsOf([{ ack: 35, answered: 30 }, ...prompt]);
    expect(one).toEqual([29.9, 35]);
    expect(boundsOf([...prompt, { ack: 35, answered: 30 }])[0]).toEqual([29.9, 30]);
  });

  test('lies anywhere in its request where nobody says when it was answered', () => {
    expect(boundsOf(prompt.map((each) => ({ ...each, answered: 'none' as const })))[0]).toEqual([
      10, 30,
    ]);
  });

  test('may have been made by an earlier try', () => {
    expect(boundsOf([...prompt, { ack: 60, tries: 2 }]).at(-1)).toEqual([10, 60]);
  });
});

test('how late a watch is does not depend on how long creations were kept', () => {
  const lateBy = (lag: number) => {
    const draft = drafted(prompt.map(({ ack }) => ({ ack, seen: ack + lag })));
    draft.object({ kind: 'Pod', name: 'other', at: 90 });
    const latenessUs = collectEvidence(draft.run()).facts('Pod').latenessUs(seconds(90));
    return latenessUs === undefined ? undefined : toSeconds(latenessUs);
  };
  expect(lateBy(0.05)).toBeUndefined();
  // Half as much again as the latest that was proven.
  expect(lateBy(0.4)).toBeCloseTo(1.5 * 0.5, 6);
});
