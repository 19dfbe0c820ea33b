/** Which run `bench lab up` goes on with: the newest of this text on this cluster, if it was cut off. */

import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRunFolder, getFilePath } from '../../src/record/layout.ts';
import { type Manifest, writeManifest } from '../../src/record/manifest.ts';
import { unfinishedRun } from '../../src/run/unfinished-run.ts';
import { smallLab } from '../support/lab-scenario.ts';
import { nightFiles } from '../support/nights.ts';

const scenario = smallLab();
const PROD = { context: 'prod' };

/** A run that was killed, but for what is said of it. */
function made(results: string, id: string, said: Partial<Manifest> & { readonly text?: string }) {
  const created = createRunFolder(results, scenario.name, id);
  if (!('folder' in created)) throw new Error(JSON.stringify(created));
  const { folder } = created;
  const { finished: _, ...manifest } = nightFiles({ index: 0 }).manifest;
  const { text = scenario.origin.text, ...rest } = said;
  const sha256 = createHash('sha256').update(text).digest('hex');
  // What is recorded of the text may have its secrets hidden.
  const fact = { ...manifest.scenario, text: '...', sha256, overrides: [] };
  const connection = PROD;
  writeFileSync(getFilePath(folder, 'history'), '');
  writeManifest(getFilePath(folder, 'manifest'), {
    ...manifest,
    scenario: fact,
    connection,
    ...rest,
  });
  return folder.path;
}

const FINISHED = {
  at: '2026-01-01T01:00:00Z',
  outcome: 'complete',
  wallUs: 1,
  rssMaxBytes: 1,
} as const;

test('none where there is none, or where all came to an end', () => {
  const results = mkdtempSync(join(tmpdir(), 'bench-'));
  expect(unfinishedRun(results, scenario, PROD)).toBeUndefined();
  made(results, 'done', { finished: FINISHED });
  expect(unfinishedRun(results, scenario, PROD)).toBeUndefined();
});

test('one that was cut off, unless a newer one came to its end', () => {
  const results = mkdtempSync(join(tmpdir(), 'bench-'));
  const cut = made(results, 'cut', { started: '2026-01-02T00:00:00Z' });
  made(results, 'before', { started: '2026-01-01T00:00:00Z', finished: FINISHED });
  expect(unfinishedRun(results, scenario, PROD)).toBe(cut);
  made(results, 'after', { started: '2026-01-03T00:00:00Z', finished: FINISHED });
  expect(unfinishedRun(results, scenario, PROD)).toBeUndefined();
});

test('never one of another text, or on another cluster', () => {
  const results = mkdtempSync(join(tmpdir(), 'bench-'));
  made(results, 'other', { text: `${scenario.origin.text}# changed` });
  made(results, 'there', { connection: { context: 'stage' } });
  expect(unfinishedRun(results, scenario, PROD)).toBeUndefined();
});
