/** What whoever wants a run is told of the process that has it. */

import { mkdtempSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RENEW_EVERY_US } from '../../src/record/run-lock.ts';
import type { Host } from '../../src/run/host.ts';
import { createRunHolds, heldText } from '../../src/run/run-holds.ts';
import type { Screen } from '../../src/run/session.ts';
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

test('a run that is held is renewed for as long as it is, so that it counts as under way', () => {
  const path = mkdtempSync(join(tmpdir(), 'bench-'));
  const due: (() => void)[] = [];
  const clock = {
    wallUs: () => 0,
    schedule(delayUs: number, wake: () => void) {
      expect(delayUs).toBe(RENEW_EVERY_US);
      due.push(wake);
      return () => void due.splice(due.indexOf(wake), 1);
    },
  };
  const host = { clock, argv: ['run'] } as unknown as Host;
  const holds = createRunHolds(host, { tell: () => {} } as unknown as Screen);
  expect(holds.hold({ ...FOLDER, path })).toBeUndefined();
  const lock = join(path, 'lock');
  for (let turn = 0; turn < 3; turn++) {
    utimesSync(lock, 0, 0);
    due.shift()?.();
    expect(statSync(lock).mtimeMs, `turn ${turn}`).toBeGreaterThan(0);
  }
  holds.release();
  expect(due).toEqual([]);
});
