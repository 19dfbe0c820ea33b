/** The history on disk: appended, readable at any moment, and small. */

import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SECOND } from '../../src/core/duration.ts';
import { openNotebook } from '../../src/record/notebook.ts';
import { openHistory } from '../../src/record/writer.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';

function path(): string {
  return join(mkdtempSync(join(tmpdir(), 'bench-')), 'history.ndjson');
}

const note = (t: number, message = '') => ({ e: 'note', t, what: 'x', message }) as const;

test('each entry is a line of JSON, in order', () => {
  const file = path();
  const history = openHistory(file);
  for (let t = 0; t < 5; t++) history.write(note(t, 'ü\n'));
  history.close();
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line))).toEqual([0, 1, 2, 3, 4].map((t) => note(t, 'ü\n')));
  expect(history.entries).toBe(5);
  expect(history.bytes).toBe(statSync(file).size);
});

test('lines are written in blocks, at the latest a second after the one before', () => {
  const file = path();
  const history = openHistory(file);
  history.write(note(0));
  history.write(note(SECOND - 1));
  expect(statSync(file).size).toBe(0);
  history.write(note(SECOND));
  const first = statSync(file).size;
  expect(first).toBeGreaterThan(0);
  history.write(note(SECOND + 1, 'x'.repeat(70_000)));
  expect(statSync(file).size).toBeGreaterThan(70_000);
  history.write(note(SECOND + 2));
  expect(statSync(file).size).toBeLessThan(history.bytes);
  history.flush();
  expect(statSync(file).size).toBe(history.bytes);
  history.close();
});

test('a history that is opened again is continued', () => {
  const file = path();
  for (const t of [1, 2]) {
    const history = openHistory(file);
    history.write(note(t));
    history.close();
  }
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
});

test('a notebook counts from its opening, or from where a run had got to', async () => {
  const kernel = createKernel();
  await kernel.run(async () => {
    await kernel.sleep(7 * SECOND);
    const sink = { write: () => {}, flush: () => {} };
    const fresh = openNotebook(sink, kernel);
    const resumed = openNotebook(sink, kernel, 100 * SECOND);
    await kernel.sleep(SECOND);
    expect(fresh.nowUs()).toBe(SECOND);
    expect(resumed.nowUs()).toBe(101 * SECOND);
    expect(fresh.sinceStartUs(kernel.nowUs())).toBe(SECOND);
  });
});
