/** A run that was away for a while: how long a wave would have taken without is not known. */

import { expect, test } from 'vitest';
import { goalValues } from '../../src/analyse/wave-spans.ts';
import { measuredOperations } from '../../src/analyse/spans.ts';
import { seconds } from '../../src/core/duration.ts';
import { OUTAGE } from '../../src/record/past-sessions.ts';
import { history } from '../support/history.ts';

test('the makespan of what was sent after an outage lies between with it and without it', () => {
  const draft = history();
  const step = draft.step({ kind: 'clone', until: 'dataVolumeSucceeded' });
  draft.wave({ step, wave: 0, at: 10, n: 2 });
  draft.clone({ step, name: 'before', sent: 10, seen: 10, succeeded: 20 });
  const [from, t] = [seconds(30), seconds(90)];
  for (const k of ['datavolumes', 'pods']) {
    draft.add({ e: 'gap', k, from, t, cause: OUTAGE, relist: true });
  }
  draft.clone({ step, name: 'after', sent: 91, seen: 91, succeeded: 100 });
  draft.end(110);
  const run = draft.run();
  const outcomes = goalValues(run, measuredOperations(run)).map(({ outcome }) => outcome);
  expect(outcomes).toEqual([
    { state: 'reached', lo: seconds(10), hi: seconds(10) },
    { state: 'reached', lo: seconds(30), hi: seconds(90) },
  ]);
});

test('a stream that broke while the run went on takes nothing off a makespan', () => {
  const draft = history();
  const step = draft.step({ kind: 'clone', until: 'dataVolumeSucceeded' });
  draft.wave({ step, wave: 0, at: 10, n: 1 });
  const [from, t] = [seconds(30), seconds(90)];
  draft.add({ e: 'gap', k: 'datavolumes', from, t, cause: 'broken', relist: true });
  draft.clone({ step, name: 'after', sent: 91, seen: 91, succeeded: 100 });
  draft.end(110);
  const run = draft.run();
  const outcomes = goalValues(run, measuredOperations(run)).map(({ outcome }) => outcome);
  expect(outcomes).toEqual([{ state: 'reached', lo: seconds(90), hi: seconds(90) }]);
});
