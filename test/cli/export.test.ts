import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nightFiles } from '../support/nights.ts';
import { sampleHistory } from '../support/sample-run.ts';
import { cli } from './harness.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-export-'));
const folder = join(root, 'results', 'by-hand', 'r1');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'history.ndjson'), sampleHistory().text());
writeFileSync(
  join(folder, 'manifest.json'),
  JSON.stringify({ ...nightFiles({ index: 0 }).manifest, run: 'r1' }),
);

test.each([
  ['kube-burner', 'jobSummary.json'],
  ['openmetrics', 'metrics.openmetrics.txt'],
  ['chrome-trace', 'trace.json'],
  ['csv', 'waves.csv'],
  ['junit', 'junit.xml'],
  ['opensearch', 'bulk-0001.ndjson'],
  ['vep411', 'boot-storm_results.json'],
  ['grafana', 'bench-kube-burner.json'],
  ['otlp', 'traces.otlp.jsonl'],
])('bench export --format %s writes %s, or all of it on stdout', async (format, name) => {
  const out = join(root, 'out', format);
  const argv = ['export', folder, '--format', format];
  const written = await cli([...argv, '--out', out]);
  expect({ code: written.code, out: written.out }).toEqual({ code: 0, out: '' });
  expect(readdirSync(out)).toContain(name);
  const piped = await cli(argv);
  expect(piped.code).toBe(0);
  if (readdirSync(out).length === 1) {
    expect(piped.out).toBe(readFileSync(join(out, name), 'utf8'));
  } else expect(piped.out.length).toBeGreaterThan(100);
});

test('bench export says what it needs', async () => {
  expect((await cli(['export', folder])).code).toBe(64);
  expect((await cli(['export', folder, '--format', 'xls'])).code).toBe(64);
  expect((await cli(['export', 'nowhere', '--format', 'csv'])).code).toBe(64);
  const blocked = await cli([
    'export',
    folder,
    '--format',
    'csv',
    '--out',
    join(folder, 'manifest.json'),
  ]);
  expect(blocked.code).toBe(64);
});

test('a run without a history that can be read has nothing to export', async () => {
  const torn = join(root, 'results', 'by-hand', 'torn');
  mkdirSync(torn);
  writeFileSync(join(torn, 'history.ndjson'), 'garbage');
  expect(await cli(['export', torn, '--format', 'csv'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('nothing to export'),
  });
});
