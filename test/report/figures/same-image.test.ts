/** Two steps may boot the same image: a chart that shows both has to tell them apart. */

import { expect, test } from 'vitest';
import { makeSpans, measuredOperations } from '../../../src/analyse/spans.ts';
import { summarise } from '../../../src/analyse/summary.ts';
import { seriesOfRun } from '../../../src/report/inputs/series-of-run.ts';
import { history } from '../../support/history.ts';

test('series of one image have names and looks of their own, the first that of the image', () => {
  const draft = history({ target: 'simulated' });
  for (const name of ['first', 'again']) {
    const variants = [{ template: 'rhel9' }];
    const step = draft.step({ kind: 'boot', name, variants, until: 'guestReady' });
    draft.wave({ step, wave: 0, at: 60, n: 2 });
    for (let i = 0; i < 2; i++) {
      const times = { seen: 60, scheduling: 61, scheduled: 62, running: 65, guestReady: 70 + i };
      draft.boot({ step, wave: 0, name: `${name}-${i}`, ...times, node: 'worker-1' });
    }
  }
  const run = draft.run();
  const all = seriesOfRun(run, summarise(run), makeSpans(run, measuredOperations(run)));
  const ready = all.filter(({ metric }) => metric === 'guestReady').map(({ series }) => series);
  expect(ready.map(({ name }) => name)).toEqual([
    'RHEL 9 (first) guest ready',
    'RHEL 9 (again) guest ready',
  ]);
  const [first, again] = ready.map(({ identity }) => identity);
  expect(again?.colour).not.toBe(first?.colour);
  expect(again?.dash).not.toEqual(first?.dash);
});
