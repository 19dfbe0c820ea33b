/**
 * Disks that take no more, at every size: one sentence, what was kept, the next command. A limit on
 * the size of files stands for the full disk, since it needs no rights: writes come back short, and
 * then fail, as there.
 */

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { writeOutput } from '../../src/core/write-atomic.ts';
import { startBench } from '../support/built-bench.ts';
import { simulatedCluster, withCluster } from '../support/https-cluster.ts';
import { ROOT } from '../support/sources.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');
const root = mkdtempSync(join(tmpdir(), 'bench-full-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function folder(): string {
  return mkdtempSync(join(root, 'x-'));
}

const STACK = /^\s+at |defect|Error:/m;

function filesBelow(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile());
}

function parseLine(line: string): void {
  if (line !== '') JSON.parse(line);
}

/** Each file that has its name is whole. */
function expectWhole(path: string): void {
  for (const file of filesBelow(path)) {
    const text = readFileSync(file, 'utf8');
    expect(file).not.toMatch(/\.new$/);
    if (file.endsWith('.json')) JSON.parse(text);
    if (file.endsWith('.ndjson')) text.trimEnd().split('\n').forEach(parseLine);
    if (file.endsWith('.csv') || file.endsWith('.ndjson')) expect(text).toMatch(/(^|\n)$/);
    if (file.endsWith('.html')) expect(text.trimEnd()).toMatch(/<\/html>$/);
  }
}

describe('a run on a full disk', () => {
  test.each([0, 30, 60, 400])('at %i blocks', async (fileBlocks) => {
    const cwd = folder();
    const argv = ['run', TINY, '--run-id', 'r', '--progress', 'none'];
    const { code, err } = await startBench(argv, cwd, { fileBlocks }).done;
    expect(code).toBe(1);
    expect(err).toMatch(/bench: \S+: no more of the file is allowed \(EFBIG\)/);
    expect(err).toMatch(/make room there|what was written before is kept in results/);
    expect(err).not.toMatch(STACK);
    expectWhole(cwd);
    const next = /once there is room: bench (.*)$/m.exec(err)?.[1];
    if (next === undefined) return;
    const again = await startBench(next.split(' '), cwd).done;
    expect(again.code).toBe(0);
    expect(again.out).toBe('reports/tiny/r/index.html\n');
  });

  test('of a cluster that stays: nothing is lost, and it is taken up again', () =>
    withCluster(
      simulatedCluster,
      async ({ kubeconfig, folder: cwd }) => {
        const argv = ['run', TINY, '--run-id', 'r', '--kubeconfig', kubeconfig, '--no-report'];
        const { code, err } = await startBench(argv, cwd, { fileBlocks: 40 }).done;
        expect(code).toBe(1);
        expect(err).toContain('history.ndjson: no more of the file is allowed (EFBIG)');
        expect(err).toContain('bench resume r');
        expect(err).toContain('bench cleanup r');
        expect(err).not.toMatch(STACK);
        expectWhole(cwd);
        const resume = ['resume', 'r', '--kubeconfig', kubeconfig, '--no-report'];
        const again = await startBench(resume, cwd).done;
        expect([0, 3]).toContain(again.code);
        expect(again.err).toContain('nothing is left');
        expect(again.out).toContain('all 4 VMs guest ready');
      },
      { speed: 60 },
    ));
});

describe('results that are asked for', () => {
  test('on an output that takes nothing are no success', async () => {
    const cwd = folder();
    const { code, err } = await startBench(['schema'], cwd, { stdout: '/dev/full' }).done;
    expect(code).toBe(1);
    expect(err).toBe('bench: the output is not whole: the disk is full (ENOSPC)\n');
  });

  test('leave the file before where they do not fit', async () => {
    const cwd = folder();
    const made = await startBench(
      ['run', TINY, '--run-id', 'r', '--progress', 'none', '--no-report'],
      cwd,
    ).done;
    expect(made.code).toBe(0);
    const run = ['r', '--format', 'chrome-trace', '--out', 'out'];
    expect((await startBench(['export', ...run], cwd).done).code).toBe(0);
    const before = filesBelow(join(cwd, 'out')).map((file) => readFileSync(file, 'utf8'));
    const full = await startBench(['export', ...run], cwd, { fileBlocks: 2 }).done;
    expect(full.code).toBe(1);
    expect(full.err).toMatch(/^bench: out\/\S+: no more of the file is allowed \(EFBIG\)/m);
    expect(filesBelow(join(cwd, 'out')).map((file) => readFileSync(file, 'utf8'))).toEqual(before);
  });
});

describe('a file whose name a user gave', () => {
  test('is written through a link, and straight into what is no file', () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'target'), 'old');
    symlinkSync(join(cwd, 'target'), join(cwd, 'link'));
    writeOutput(join(cwd, 'link'), Buffer.from('new'));
    expect(readFileSync(join(cwd, 'target'), 'utf8')).toBe('new');
    writeOutput('/dev/null', 'gone');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(() => writeOutput('/dev/full', 'x')).toThrow('ENOSPC');
    mkdirSync(join(cwd, 'folder'));
    expect(() => writeOutput(join(cwd, 'folder'), 'x')).toThrow('EISDIR');
  });
});
