/** Our own part in the figures: how late we sent, and how late we saw. */

import { describe, expect, test } from 'vitest';
import { sendLag, watchDelay } from '../../src/analyse/own-error.ts';
import { measuredOperations } from '../../src/analyse/spans.ts';
import { seconds } from '../../src/core/duration.ts';
import { type HistoryDraft, history } from '../support/history.ts';

function draft(): HistoryDraft {
  const made = history();
  made.step({ kind: 'clone', until: 'dataVolumeSucceeded' });
  made.wave({ step: 0, wave: 0, at: 0, n: 100 });
  return made;
}

describe('send lag', () => {
  test('runs from the intended start; sent early is not negative', () => {
    const made = draft();
    for (let i = 0; i < 100; i++) {
      const intended = 10 + i;
      made.clone({ step: 0, name: `a${i}`, intended, sent: intended + i / 100, seen: 200 });
    }
    made.clone({ step: 0, name: 'early', intended: 500, sent: 400, seen: 500 });
    // 101 values: 0 twice, then 0.01 to 0.99.
    expect(sendLag(measuredOperations(made.run()))).toEqual({ p50: 0.49, p99: 0.98, max: 0.99 });
    const early = draft();
    early.clone({ step: 0, name: 'early', intended: 500, sent: 400, seen: 500 });
    expect(sendLag(measuredOperations(early.run()))).toEqual({ p50: 0, p99: 0, max: 0 });
  });
});

describe('watch delay', () => {
  test('runs from the answer to the first sight, and is never negative', () => {
    const made = draft();
    // The answer comes 5 ms after the request.
    made.clone({ step: 0, name: 'a', sent: 10, seen: 10.105 });
    made.clone({ step: 0, name: 'b', sent: 20, seen: 20.305 });
    made.clone({ step: 0, name: 'c', sent: 30, seen: 30.001 });
    expect(watchDelay(made.run())).toEqual({ p50: 0.1, p99: 0.3, max: 0.3 });
  });

  test('counts creations alone that were answered at the first try and seen', () => {
    const made = draft();
    made.clone({ step: 0, name: 'a', sent: 10, seen: 10.105 });
    const retried = made.operation({ step: 0, name: 'b', sent: 20, status: undefined });
    made.add({ e: 'ack', t: seconds(21), p: retried, c: 201, u: 'u-b', tries: 2 });
    made.object({ kind: 'DataVolume', name: 'b', at: 29, uid: 'u-b' });
    made.operation({ step: 0, name: 'unseen', sent: 30, uid: 'u-c' });
    made.operation({ step: 0, name: 'unanswered', sent: 40, status: undefined });
    made.boot({ step: 0, name: 'd', seen: 60, sent: 50 });
    expect(watchDelay(made.run())).toEqual({ p50: 0.1, p99: 0.1, max: 0.1 });
  });

  test('is unknown where nothing was both created and seen', () => {
    const made = draft();
    made.operation({ step: 0, name: 'unseen', sent: 30, uid: 'u-c' });
    expect(watchDelay(made.run())).toBeUndefined();
  });
});
