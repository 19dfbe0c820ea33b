/** What an aborted run did not come to is in its figures: it was asked for. */

import { expect, test } from 'vitest';
import { figuresOfRun } from '../../../src/report/inputs/figures-of-run.ts';
import { history } from '../../support/history.ts';
import { evaluated } from '../reported.ts';

/** Of four waves of three boots the second was cut off after two; the others never came. */
function abortedRun() {
  const draft = history();
  const planned = { waves: 4, operations: 12 };
  const variants = [{ image: 'rhel9' }];
  const step = draft.step({ kind: 'boot', variants, until: 'guestReady', planned });
  for (const [wave, at, begun] of [
    [0, 0, 3],
    [1, 100, 2],
  ] as const) {
    draft.wave({ step, wave, at, n: 3 });
    for (let i = 0; i < begun; i++) {
      const boot = { step, wave, name: `b-${wave}-${i}`, seen: at + i };
      if (wave === 0) draft.boot({ ...boot, running: at + 10 + i, guestReady: at + 20 + i });
      else draft.miss(draft.boot(boot).operation, at + 50, 'censored', 'Aborted');
    }
  }
  draft.end(150, 'failed');
  return figuresOfRun({ ...evaluated(draft.run()), manifest: undefined });
}

const FIGURES = abortedRun();

function figure(id: string) {
  const found = FIGURES.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no figure ${id}`);
  return found;
}

test('time to N is of all that were asked for', () => {
  expect(figure('time-to-n').answer).toMatch(/^3 of 12 VMs guest ready after 22/);
});

test('waves that were never released have their places, and the answer counts them', () => {
  const { answer, rows, table } = figure('waves');
  expect(answer).toContain('Never released: RHEL 9 guest ready 2 of 4 waves.');
  const [chart] = rows.flatMap(({ panels }) => panels.map((panel) => panel.chart));
  const never = chart?.datasets.find(({ series }) => series === 'never released');
  expect(never?.data).toHaveLength(2);
  expect(chart?.datasets.find(({ series }) => series === 'miss')?.data).toHaveLength(1);
  expect(table.rows.map((row) => [row[1], row.at(-1)])).toEqual([
    [1, '0'],
    [2, '1'],
    ['3 to 4', 'all'],
  ]);
});
