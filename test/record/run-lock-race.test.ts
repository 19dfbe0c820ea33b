/** Two processes that find the same dead lock: whose lock came in between gets its place back. */

import type * as FileSystem from 'node:fs';
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { thisProcess } from '../../src/core/process-identity.ts';
import { type LockHolder, lockRun } from '../../src/record/run-lock.ts';

const hook = vi.hoisted(() => ({ beforeRename: (_path: string) => {} }));

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof FileSystem>();
  const renameSync: typeof real.renameSync = (from, to) => {
    hook.beforeRename(String(from));
    real.renameSync(from, to);
  };
  return { ...real, renameSync };
});

afterEach(() => {
  hook.beforeRename = () => {};
});

const NOW_US = Date.UTC(2026, 0, 1) * 1000;
const DEAD: LockHolder = { ...thisProcess(), pid: 2 ** 22 + 1, doing: 'bench run', since: 'then' };
const OTHER: LockHolder = { ...thisProcess(), doing: 'bench resume', since: 'now' };

test('a live lock that is buried by mistake is put back, and its holder is named', () => {
  const path = mkdtempSync(join(tmpdir(), 'bench-'));
  const lock = join(path, 'lock');
  writeFileSync(lock, `${JSON.stringify(DEAD)}\n`);
  const theirs = `${JSON.stringify(OTHER)}\n`;
  hook.beforeRename = (from) => {
    if (from !== lock) return;
    hook.beforeRename = () => {};
    // Another process was faster: it has buried the dead lock and taken its place.
    writeFileSync(join(path, 'theirs'), theirs);
    renameSync(join(path, 'theirs'), lock);
  };
  const folder = { path, scenario: 's', runId: 'r' };
  const self = { ...thisProcess(), doing: 'bench run', since: 'later' };
  const taken = lockRun(folder, self, NOW_US);
  expect(taken).toMatchObject({ kind: 'held', holder: { doing: 'bench resume' } });
  expect(readFileSync(lock, 'utf8')).toBe(theirs);
});
