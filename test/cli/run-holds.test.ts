/** What whoever wants a run is told of the process that has it. */

import { expect, test } from 'vitest';
import { heldText } from '../../src/run/run-holds.ts';
import { thisProcess } from '../../src/core/process-identity.ts';

const FOLDER = { path: '/results/s/r1', scenario: 's', runId: 'r1' };

const holder = {
  ...thisProcess(),
  pid: 42,
  host: 'lab',
  doing: 'bench run',
  since: '2026-01-01T00:00:00Z',
};

test('who has it, where, and since when', () => {
  expect(heldText(FOLDER, holder)).toBe(
    'run r1 is under way: bench run, process 42 on lab, since 2026-01-01T00:00:00Z; ' +
      'wait for it, or stop it there',
  );
});

test('of another machine, when the run is free should that be gone', () => {
  const text = heldText(FOLDER, { ...holder, place: 'far away' });
  expect(text).toMatch(/stop it there; 3m after its last sign it is free$/);
});
