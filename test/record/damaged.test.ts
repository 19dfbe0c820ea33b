/** Files of a run that a disk, another bench or a stranger has damaged. */

import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explainDisk } from '../../src/core/disk-trouble.ts';
import { writeAtomic } from '../../src/core/write-atomic.ts';
import { findFault } from '../../src/record/entry-check.ts';
import { DamagedLock, lockRun } from '../../src/record/run-lock.ts';
import { readManifest } from '../../src/record/manifest.ts';
import { safeTable } from '../../src/core/table.ts';
import { parseAcknowledgements } from '../../src/compare/nightly/acknowledgements.ts';
import { classOfEvent } from '../../src/record/event-class.ts';
import { classOfMiss } from '../../src/record/miss-class.ts';
import { readRun } from '../../src/record/reader.ts';

function acknowledged(metric: string): readonly string[] {
  const entry = { metric, since: '2026-01-01', until: '2026-02-01', reason: 'x' };
  const parsed = parseAcknowledgements(JSON.stringify({ acknowledged: [entry] }));
  return parsed.kind === 'broken' ? parsed.problems : [];
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'bench-'));
}

const HEADER = {
  e: 'header',
  schema: 'bench/history/v1',
  run: 'r',
  scenario: 's',
  target: 'cluster',
  seed: 1,
};
const SEND = { e: 'send', t: 5, p: 0, s: 0, w: 0, v: 'create', k: 'VirtualMachine', n: 'vm' };

describe('a line of a history', () => {
  test.each<[object, string | undefined]>([
    [SEND, undefined],
    [{ ...SEND, more: {} }, undefined],
    [{ e: 'of a newer bench', t: 5, x: 'y' }, undefined],
    [{ e: 'of a newer bench', t: 'x' }, "'t' is no time"],
    [{ e: 'of a newer bench', t: [[[]]] }, "'t' is no time"],
    [{ ...SEND, t: -1 }, "'t' is no time"],
    [{ ...SEND, t: 1e300 }, "'t' is no time"],
    [{ ...SEND, t: null }, "'t' is no time"],
    [{ ...SEND, p: 0.5 }, "'p' is no count"],
    [{ ...SEND, disks: 1e9 }, "'disks' is no number of disks"],
    [{ ...SEND, n: { toString: 1 } }, "'n' is no text"],
    [{ ...SEND, v: 'constructor' }, expect.stringMatching(/^'v' is no one of create, start/)],
    [{ e: 'tr', t: 1, o: 0, c: [['phase']] }, "'c' is no list of changes"],
    [{ e: 'tr', t: 1, o: 0, c: 'phase' }, "'c' is no list of changes"],
    [{ e: 'wave', t: 1, s: 0, w: 0, n: 1e12 }, "'n' is no count"],
    [{ e: 'end', t: 1, outcome: 'fine' }, "'outcome' is no one of complete, partial, failed"],
  ])('%j', (entry, fault) => {
    expect(findFault(entry)).toEqual(fault);
  });

  test('may name what every object has, and nothing is read out of that', () => {
    expect(classOfMiss('constructor', undefined)).toBe('Rejected');
    expect(classOfEvent({ reason: 'toString' })).toBeUndefined();
    expect(safeTable({ a: 1 })['hasOwnProperty']).toBeUndefined();
    const [problem] = acknowledged('constructor');
    expect(problem).toContain("is no metric: 'constructor'");
  });

  test('that is damaged is left out, and named with its number', () => {
    const path = join(folder(), 'history.ndjson');
    const damaged = Array.from({ length: 30 }, () => ({ ...SEND, t: 'soon' }));
    const lines = [HEADER, SEND, ...damaged, { e: 'end', t: 9, outcome: 'complete' }];
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const run = readRun(path);
    expect(run.operations).toHaveLength(1);
    expect(run.problems[0]).toBe("line 3: a damaged entry, left out: 't' is no time");
    expect(run.problems.at(-1)).toBe('and 10 lines more');
    expect(run.problems).toHaveLength(21);
  });
});

test('a manifest whose hash is a path is none', () => {
  const path = join(folder(), 'manifest.json');
  const host = { bench: '1', node: '1', platform: 'p', cpus: 1, memoryBytes: 1 };
  const scenario = { name: 'n', path: 'p', text: '', sha256: '', overrides: [], hash: 'abc123' };
  const manifest = {
    schema: 'bench/manifest/v1',
    run: 'r',
    scenario,
    target: 'cluster',
    seed: 1,
    started: '2026-01-01T00:00:00Z',
    argv: [],
    host,
  };
  const read = (value: unknown) => {
    writeFileSync(path, JSON.stringify(value));
    return readManifest(path);
  };
  expect(read(manifest)?.scenario.hash).toBe('abc123');
  expect(read({ ...manifest, scenario: { ...scenario, hash: '../../x' } })).toBeUndefined();
  expect(read({ ...manifest, argv: 7 })).toBeUndefined();
  expect(read({ ...manifest, scenario: { ...scenario, overrides: 'x' } })).toBeUndefined();
});

describe('a lock', () => {
  const self = {
    pid: 1,
    host: 'h',
    place: 'p',
    startTicks: undefined,
    doing: 'bench run',
    since: '2026-01-01T00:00:00Z',
  };

  test.each(['null', '{}', '', '[]', '{"pid":"x"}'])('that says %s is nobody’s', (text) => {
    const path = folder();
    writeFileSync(join(path, 'lock'), text);
    const locked = lockRun({ path, scenario: 's', runId: 'r' }, self, 0);
    expect(locked.kind).toBe('locked');
  });

  test.each(['folder', 'link'])('that is a %s is named, and left as it is', (what) => {
    const path = folder();
    const lock = join(path, 'lock');
    if (what === 'folder') mkdirSync(lock);
    else symlinkSync(join(path, 'elsewhere'), lock);
    const taking = () => lockRun({ path, scenario: 's', runId: 'r' }, self, 0);
    expect(taking).toThrow(DamagedLock);
    expect(taking).toThrow(`${lock} is a ${what}`);
  });
});

describe('a file is written whole or not at all', () => {
  test('with its mode, over an old one, through no link', () => {
    const path = join(folder(), 'file');
    const elsewhere = join(folder(), 'elsewhere');
    writeFileSync(elsewhere, 'old');
    symlinkSync(elsewhere, path);
    writeAtomic(path, ['new ', 'text'], { mode: 0o600 });
    expect(readFileSync(path, 'utf8')).toBe('new text');
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(elsewhere, 'utf8')).toBe('old');
  });

  test('by several at the same time, whole by each', () => {
    const path = join(folder(), 'file');
    function* pieces() {
      yield 'the first ';
      writeAtomic(path, 'the second');
      expect(readFileSync(path, 'utf8')).toBe('the second');
      yield 'is whole';
    }
    writeAtomic(path, pieces());
    expect(readFileSync(path, 'utf8')).toBe('the first is whole');
    expect(readdirSync(dirname(path))).toEqual(['file']);
  });

  test('the old one stays where the new one breaks off', () => {
    const path = join(folder(), 'file');
    writeFileSync(path, 'old');
    function* pieces() {
      yield 'half';
      throw new Error('planted');
    }
    expect(() => writeAtomic(path, pieces())).toThrow('planted');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(dirname(path))).toEqual(['file']);
  });

  test('and the trouble is said in words', () => {
    const path = join(folder(), 'absent', 'file');
    let caught: unknown;
    try {
      writeAtomic(path, 'x');
    } catch (error) {
      caught = error;
    }
    expect(explainDisk(caught)).toBe(`${path}: there is no such folder (ENOENT)`);
    expect(explainDisk(new TypeError('a defect'))).toBeUndefined();
    const refused = Object.assign(new Error('x'), { code: 'EACCES', syscall: 'connect' });
    expect(explainDisk(refused)).toBeUndefined();
  });
});
