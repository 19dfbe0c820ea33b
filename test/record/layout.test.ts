/** Run folders: made once, found by folder, id or `latest`. */

import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  createRunFolder,
  getFilePath,
  findRun,
  freeRunId,
  listRuns,
  namedRun,
  type RunFolder,
} from '../../src/record/layout.ts';
import {
  type Manifest,
  MANIFEST_SCHEMA,
  readManifest,
  writeManifest,
} from '../../src/record/manifest.ts';

function results(): string {
  return mkdtempSync(join(tmpdir(), 'bench-'));
}

function addRun(folder: string, scenario: string, runId: string, started?: string): RunFolder {
  const created = createRunFolder(folder, scenario, runId);
  if (created.kind !== 'created') throw new Error(created.kind);
  writeFileSync(getFilePath(created.folder, 'history'), '');
  if (started) writeManifest(getFilePath(created.folder, 'manifest'), manifest(runId, started));
  return created.folder;
}

function manifest(run: string, started: string): Manifest {
  return {
    schema: MANIFEST_SCHEMA,
    run,
    scenario: { name: 's', path: 's.yaml', text: '', sha256: '', overrides: [] },
    target: 'simulated',
    seed: 1,
    started,
    argv: [],
    host: { bench: '', node: '', platform: '', cpus: 1, memoryBytes: 1 },
  };
}

describe('making a run folder', () => {
  test('gives results/<scenario>/<run-id>, once', () => {
    const folder = join(results(), 'not', 'there');
    const first = createRunFolder(folder, 'smoke', 'a');
    expect(first).toMatchObject({ kind: 'created', folder: { path: join(folder, 'smoke', 'a') } });
    expect(createRunFolder(folder, 'smoke', 'a').kind).toBe('exists');
  });

  test('says why it cannot', () => {
    const folder = results();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(createRunFolder(file, 'smoke', 'a')).toMatchObject({ kind: 'unwritable' });
    writeFileSync(join(folder, 'smoke'), '');
    expect(createRunFolder(folder, 'smoke', 'a').kind).toBe('unwritable');
  });

  test.skipIf(process.getuid?.() === 0)('respects permissions', () => {
    const folder = results();
    chmodSync(folder, 0o500);
    expect(createRunFolder(folder, 'smoke', 'a').kind).toBe('unwritable');
  });

  test('a default id counts on where the first is taken', () => {
    const folder = results();
    expect(freeRunId(folder, 'smoke', 'seed-1')).toBe('seed-1');
    addRun(folder, 'smoke', 'seed-1');
    addRun(folder, 'smoke', 'seed-1-2');
    expect(freeRunId(folder, 'smoke', 'seed-1')).toBe('seed-1-3');
    expect(freeRunId(folder, 'other', 'seed-1')).toBe('seed-1');
  });
});

describe('a run in a command that people copy', () => {
  test.each([
    [join('results', 's', 'a'), 'a'],
    [join('results', 's', 'study', 'a'), 'results/s/study/a'],
    [join('of others', 's', 'a'), "'of others/s/a'"],
  ])('that lies in %s is %s', (path, named) => {
    expect(namedRun({ path, scenario: 's', runId: 'a' })).toBe(named);
  });

  test('is found by that name from anywhere', () => {
    const folder = results();
    const run = addRun(folder, 's', 'a', '2026-01-01T00:00:00Z');
    expect(findRun('results', namedRun(run))).toMatchObject({ kind: 'found', folder: run });
  });
});

describe('finding a run', () => {
  test('by folder, by id, or the latest to start', () => {
    const folder = results();
    const early = addRun(folder, 'a', 'one', '2024-01-01T00:00:00Z');
    const late = addRun(folder, 'b', 'two', '2024-01-03T00:00:00Z');
    addRun(folder, 'c', 'three', '2024-01-02T00:00:00Z');
    expect(findRun(folder, early.path)).toEqual({ kind: 'found', folder: early });
    expect(findRun(folder, 'two')).toEqual({ kind: 'found', folder: late });
    expect(findRun(folder, 'latest')).toEqual({ kind: 'found', folder: late });
    expect(listRuns(folder).map(({ runId }) => runId)).toEqual(['one', 'two', 'three']);
  });

  test('says what is missing or ambiguous', () => {
    const folder = results();
    expect(findRun(folder, 'latest')).toMatchObject({ kind: 'absent' });
    expect(findRun(join(folder, 'nowhere'), 'x')).toMatchObject({ kind: 'absent' });
    addRun(folder, 'a', 'same');
    addRun(folder, 'b', 'same');
    mkdirSync(join(folder, 'c', 'no-history'), { recursive: true });
    expect(findRun(folder, 'same')).toMatchObject({ kind: 'ambiguous' });
    expect(findRun(folder, 'no-history')).toMatchObject({ kind: 'absent' });
  });
});

test('a manifest is read back; another file is none', () => {
  const file = join(results(), 'manifest.json');
  expect(readManifest(file)).toBeUndefined();
  writeFileSync(file, '{"schema":"something/else"}');
  expect(readManifest(file)).toBeUndefined();
  writeManifest(file, manifest('r', '2024-01-01T00:00:00Z'));
  expect(readManifest(file)?.run).toBe('r');
});

test.runIf(process.platform === 'linux')('a place where nothing can be made is told', () => {
  expect(createRunFolder('/proc/bench/results', 's', 'r')).toMatchObject({ kind: 'unwritable' });
});
