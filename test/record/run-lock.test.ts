/** Who may work on a run: one process at a time, and none that is dead. */

import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MINUTE } from '../../src/core/duration.ts';
import { type ProcessIdentity, thisProcess } from '../../src/core/process-identity.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import type { RunFolder } from '../../src/record/layout.ts';
import { readHolder, type LockHolder, lockRun, type RunLock } from '../../src/record/run-lock.ts';

const clock = systemClock();

function runFolder(): RunFolder {
  return { path: mkdtempSync(join(tmpdir(), 'bench-')), scenario: 's', runId: 'r' };
}

function holder(identity: ProcessIdentity = thisProcess()): LockHolder {
  return { ...identity, doing: 'bench run', since: '2026-01-01T00:00:00Z' };
}

function lockFile({ path }: RunFolder): string {
  return join(path, 'lock');
}

/** As a process left it that could not put it away. */
function leave(folder: RunFolder, left: LockHolder): void {
  writeFileSync(lockFile(folder), `${JSON.stringify(left)}\n`);
}

function locked(folder: RunFolder, self = holder()): RunLock {
  const taken = lockRun(folder, self, clock.wallUs());
  if (taken.kind !== 'locked') throw new Error(`expected a lock, got ${JSON.stringify(taken)}`);
  return taken.lock;
}

function isFree(folder: RunFolder): boolean {
  return readHolder(folder, clock.wallUs()) === undefined;
}

function pickIdentity(pid: number): ProcessIdentity {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  return { ...thisProcess(), pid, startTicks: fields[21] };
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
}

test('a second one is refused and told of the first, until that lets go', () => {
  const folder = runFolder();
  const lock = locked(folder);
  const second = lockRun(folder, { ...holder(), doing: 'bench resume' }, clock.wallUs());
  expect(second).toEqual({ kind: 'held', holder: holder() });
  expect(readHolder(folder, clock.wallUs())).toEqual(holder());
  lock.release();
  expect(isFree(folder)).toBe(true);
  expect(existsSync(lockFile(folder))).toBe(false);
  locked(folder).release();
});

test('a process that lives holds its lock, and loses it by kill -9', async () => {
  const folder = runFolder();
  const child = spawn('sleep', ['60']);
  const dead = holder(pickIdentity(child.pid ?? 0));
  leave(folder, dead);
  expect(lockRun(folder, holder(), clock.wallUs())).toEqual({ kind: 'held', holder: dead });
  await killed(child);
  expect(isFree(folder)).toBe(true);
  locked(folder);
  expect(readHolder(folder, clock.wallUs())).toEqual(holder());
});

test('a process that is dead and not buried yet holds nothing', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60']);
  const pid = await new Promise<number>((resolve) => {
    parent.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
  });
  const folder = runFolder();
  leave(folder, holder(pickIdentity(pid)));
  expect(isFree(folder)).toBe(false);
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2];
  while (stat() !== 'Z') await clock.sleep(10_000);
  expect(isFree(folder)).toBe(true);
  await killed(parent);
});

test('a process number that has come again is another process', () => {
  const folder = runFolder();
  leave(folder, holder({ ...thisProcess(), startTicks: '1' }));
  expect(isFree(folder)).toBe(true);
  locked(folder);
});

test('on another machine a holder counts while it renews its lock', () => {
  const folder = runFolder();
  const elsewhere = holder({ ...thisProcess(), host: 'far', place: 'far away' });
  const lock = locked(folder, elsewhere);
  const later = (us: number) => lockRun(folder, holder(), clock.wallUs() + us);
  expect(later(2 * MINUTE)).toEqual({ kind: 'held', holder: elsewhere });
  utimesSync(lockFile(folder), 0, 0);
  lock.renew();
  expect(statSync(lockFile(folder)).mtimeMs).toBeGreaterThan(0);
  expect(later(2 * MINUTE).kind).toBe('held');
  expect(later(4 * MINUTE).kind).toBe('locked');
});

test('who was taken for dead leaves the lock of its successor alone', () => {
  const folder = runFolder();
  const lock = locked(folder, holder({ ...thisProcess(), startTicks: '1' }));
  locked(folder);
  lock.renew();
  lock.release();
  expect(readHolder(folder, clock.wallUs())).toEqual(holder());
});

test('what is no lock holds nothing', () => {
  const folder = runFolder();
  writeFileSync(lockFile(folder), '{"pid":');
  expect(isFree(folder)).toBe(true);
  locked(folder);
});

test('a folder that cannot be written to cannot be locked', () => {
  const folder = { ...runFolder(), path: '/proc/no/folder' };
  expect(lockRun(folder, holder(), clock.wallUs()).kind).toBe('unwritable');
});
