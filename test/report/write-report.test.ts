/** The files of a report, from a run folder alone. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from '../../src/benchmark.ts';
import { writeReports } from '../../src/report/write-report.ts';
import { cli } from '../cli/harness.ts';
import { sampleHistory } from '../support/sample-run.ts';
import { present } from '../../src/core/assert.ts';
import { HOSTILE, hostileRun, reportOf, sampleRun, smallRun, temporaryFolder } from './reported.ts';

function runOnDisk(results: string): string {
  const path = join(results, 'by-hand', 'r1');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'history.ndjson'), sampleHistory().text());
  return path;
}

function filesOf(folder: string): ReadonlyMap<string, Buffer> {
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
}

describe('one run', () => {
  const base = temporaryFolder();
  const path = runOnDisk(join(base, 'results'));
  const folder = { path, scenario: 'by-hand', runId: 'r1' };

  test('gives a page, pictures, tables and a summary; the same bytes each time', async () => {
    await writeReports([{ folder, ...evaluate(folder) }], join(base, 'first'));
    const first = filesOf(join(base, 'first', 'by-hand', 'r1'));
    expect([...first.keys()]).toEqual(
      expect.arrayContaining([
        'boot-rhel9-vs-windows11.png',
        'clone-pvc-vs-snapshot.png',
        'ecdf.png',
        'index.html',
        'samples.csv',
        'stages.png',
        'summary.md',
        'time-to-n.png',
        'waves.csv',
        'waves.png',
      ]),
    );
    const { code, out } = await cli(['report', 'r1', '--results', join(base, 'results')]);
    expect(code).toBe(0);
    expect(out).toBe(`${join(base, 'reports', 'by-hand', 'r1', 'index.html')}\n`);
    const again = filesOf(join(base, 'reports', 'by-hand', 'r1'));
    expect([...again.keys()]).toEqual([...first.keys()]);
    for (const [name, bytes] of first) expect(again.get(name)?.equals(bytes), name).toBe(true);
  });

  test('bench report says what it does not find', async () => {
    const { code, err } = await cli(['report', 'r7', '--results', join(base, 'results')]);
    expect(code).toBe(64);
    expect(err).toContain("no run 'r7'");
  });
});

test('several runs have a page each and one side by side', async () => {
  const written = await writeReports([smallRun('vm', 'a'), smallRun('vm', 'b')], temporaryFolder());
  expect(written.map(({ folder }) => folder.split('/').at(-1))).toEqual(['a', 'b', 'a+b']);
  const page = readFileSync(written[2]?.page ?? '', 'utf8');
  expect(page.match(/<div class="column"><h3>run a</g)?.length).toBeGreaterThan(5);
  expect(page).toContain('id="waves-2"');
});

test('three runs or more have a row each, and what differs between them', async () => {
  const runs = ['a', 'b', 'c'].map((id) => smallRun(HOSTILE, id));
  const written = await writeReports(runs, temporaryFolder());
  const { folder, page: file } = present(written.at(-1), 'the page of all');
  expect(folder.split('/').at(-1)).toBe('a+b+c');
  const page = readFileSync(file, 'utf8');
  expect(page).not.toContain('class="column"');
  expect(page).not.toContain(HOSTILE);
  const rows = [...page.matchAll(/<tr><t[hd][^>]*>([abc])<\/t[hd]>/g)].map(([, run]) => run);
  expect(rows.slice(0, 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);

  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['index.html', 'runs-1.png']));
});

describe('a page', () => {
  let page = '';

  beforeAll(async () => {
    const report = await reportOf(sampleRun());
    page = readFileSync(report.page, 'utf8');
  });

  test('says that it is simulated, at its head and at each figure', () => {
    expect(page.match(/simulated cluster<\/span>/g)?.length).toBeGreaterThanOrEqual(17);
  });

  test('names no network resource and carries a strict policy', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page).not.toMatch(/(src|href)="(?!#|data:image\/png;base64,)/);
  });

  test('shows every figure as a picture to readers without scripts', () => {
    const figures = page.match(/<figure /g)?.length;
    expect(
      page.match(/<noscript><img src="data:image\/png;base64,[^"]+" alt="[^"]+">/g),
    ).toHaveLength(figures ?? 0);
  });

  test('counts misses, warm-up and reasons', () => {
    expect(page).toContain('What missed, and why');
    expect(page).toContain('(warm-up)');
    expect(page).toContain('1 unfinished');
  });
});

test('names that want to be markup are text, in the page and in the summary', async () => {
  const { page, folder } = await reportOf(hostileRun());
  const html = readFileSync(page, 'utf8');
  expect(html).not.toContain('<img src=x');
  expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
  const markdown = readFileSync(join(folder, 'summary.md'), 'utf8');
  expect(markdown).not.toContain(HOSTILE);
  expect(markdown).not.toMatch(/(?<!\\)<img/);
});
