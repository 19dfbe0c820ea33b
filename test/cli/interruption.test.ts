/** Ctrl-C: the figures first, then what takes longer; twice: at once, and the history is whole. */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SECOND } from '../../src/core/duration.ts';
import { systemClock } from '../../src/core/system-clock.ts';
import { findRun } from '../../src/record/layout.ts';
import { readRun } from '../../src/record/reader.ts';
import { readHolder } from '../../src/record/run-lock.ts';
import { startBench } from '../support/built-bench.ts';
import { ROOT } from '../support/sources.ts';
import { toyCluster } from '../support/toy-cluster.ts';
import { cli, temporaryFolder } from './harness.ts';

const SCENARIO = `
name: toy
storage: { class: rbd, snapshotClass: rbd-snap, accessModes: [ReadWriteMany], volumeMode: Block }
images:
  rhel9: { import: { url: "http://images.example/rhel9.qcow2" }, size: 22Gi }
steps:
  - clone: { name: clones, image: rhel9, sources: [pvc, snapshot], count: 8, wave: { size: 2 } }
`;

const clock = systemClock();

test('the summary is safe when the tables are shown, the page comes next, rows at last', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'toy.yaml');
  writeFileSync(file, SCENARIO);
  const run = join(folder, 'results/toy/i1');
  const page = join(folder, 'reports/toy/i1/index.html');
  const toy = toyCluster();
  const abort = new AbortController();
  toy.kernel.schedule(20 * SECOND, () => abort.abort('SIGINT'));
  const atTables: Record<string, boolean> = {};
  const atNotice: Record<string, boolean> = {};
  const look = (found: Record<string, boolean>) => {
    found['summary'] = existsSync(join(run, 'summary.json'));
    found['rows'] = existsSync(join(run, 'samples.csv')) && existsSync(join(run, 'waves.csv'));
    found['page'] = existsSync(page);
  };
  const results = join(folder, 'results');
  const argv = ['run', file, '--results', results, '--run-id', 'i1', '--report'];
  const { code, err } = await cli(argv, {
    toy,
    interrupt: abort.signal,
    onOut: (text) => void (text.includes('PARTIAL: interrupted') && look(atTables)),
    onErr: (text) => void (text.includes('the page follows') && look(atNotice)),
  });
  expect(code).toBe(130);
  expect(atTables).toEqual({ summary: true, rows: false, page: false });
  expect(atNotice).toEqual({ summary: true, rows: false, page: false });
  expect(err).toContain(`report: ${page}`);
  expect(existsSync(page)).toBe(true);
  expect(existsSync(join(run, 'samples.csv'))).toBe(true);
});

test('a second signal ends a process that is busy with figures, and the run can be read', async () => {
  const folder = temporaryFolder();
  const argv = ['run', join(ROOT, 'scenarios/boot-rhel9.yaml'), '--run-id', 'i2'];
  const many = ['--set', 'steps.0.deploy.count=400', '--progress', 'json'];
  const running = startBench([...argv, ...many], folder);
  await running.told('"name":"deploy rhel9"');
  running.process.kill('SIGINT');
  await running.told('partial: interrupted');
  running.process.kill('SIGINT');
  const { err } = await running.done;
  expect(running.process.signalCode).toBe('SIGINT');
  expect(err).not.toContain('report:');
  const found = findRun(join(folder, 'results'), 'i2');
  if (found.kind !== 'found') throw new Error(found.message);
  expect(readHolder(found.folder, clock.wallUs())).toBeUndefined();
  const run = readRun(join(found.folder.path, 'history.ndjson'));
  expect(run.problems).toEqual([]);
  expect(run.operations.length).toBeGreaterThan(0);
});
