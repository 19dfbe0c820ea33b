/** Several nightly jobs that end at the same moment, each a process of its own. */

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readHistory } from '../../src/compare/history/store.ts';
import { startBench } from '../support/built-bench.ts';
import { nightFiles, parseStartVersion } from '../support/nights.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-concurrent-'));

function run(index: number): string {
  const folder = join(root, 'results', 'nightly', `night-${index}`);
  const { summary, manifest } = nightFiles({ index, started: parseStartVersion(0) });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'history.ndjson'), '');
  return folder;
}

test('nights that are added at the same time are all there, and one run only once', async () => {
  const folders = [0, 1, 2, 3].map(run);
  const again = folders[0] ?? '';
  const jobs = [...folders, again, again].map(
    (folder) => startBench(['gate', folder, '--history', 'nights'], root).done,
  );
  const codes = (await Promise.all(jobs)).map(({ code }) => code);
  expect(codes.slice(1, 4)).toEqual([0, 0, 0]);
  // Who comes second with a run finds it there, and that is no error.
  expect(codes.filter((code) => code === 0)).toHaveLength(6);
  const { nights, problems } = readHistory(join(root, 'nights'));
  expect(nights.map((stored) => stored.night.run).sort()).toEqual([
    'night-0',
    'night-1',
    'night-2',
    'night-3',
  ]);
  expect(problems).toEqual([]);
});
