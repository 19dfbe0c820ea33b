/** What `bench run` prints: a page of answers, and with --verbose what stands behind them. */

import { describe, expect, test } from 'vitest';
import { summarise, type Summary } from '../../src/analyse/summary.ts';
import { renderTables } from '../../src/report/terminal.ts';
import { history } from '../support/history.ts';
import { sampleHistory } from '../support/sample-run.ts';
import { campaign } from './campaign.ts';

const run = sampleHistory().run();
const summary = summarise(run, { simulation: { counters: {} } });

const WIDTHS = [60, 80, 100, 120];

function linesOf(of: Summary, options: Parameters<typeof renderTables>[1]): readonly string[] {
  return renderTables(of, options).trimEnd().split('\n');
}

describe('the sample run', () => {
  test.each([60, 100])('reads like this at %d columns', async (width) => {
    // The number of constants grows with the simulator.
    const text = renderTables(summary, { width }).replace(/\d+ calibrated/, 'N calibrated');
    await expect(text).toMatchFileSnapshot(`../golden/report/answers-${width}.txt`);
  });

  test('reads like this with all its tables', async () => {
    const text = renderTables(summary, { verbose: true });
    // The list of constants grows with the simulator.
    const tables = text.replace(/; \d+ calibrated constants:[^]*?\.\n\n/, '.\n\n');
    await expect(tables).toMatchFileSnapshot('../golden/report/tables.txt');
  });

  test.each(WIDTHS)('keeps to %d columns, with and without its tables', (width) => {
    for (const verbose of [false, true]) {
      const lines = linesOf(summary, { width, verbose });
      expect(lines.filter(({ length }) => length > width)).toEqual([]);
    }
  });

  test('colour only where asked, and then changes nothing else', () => {
    const [text, colored] = [false, true].map((color) => renderTables(summary, { color }));
    expect(text).not.toContain('\u001b');
    expect(colored).toContain('\u001b');
    // oxlint-disable-next-line no-control-regex
    expect(colored?.replaceAll(/\u001b\[\d+m/g, '')).toBe(text);
  });

  test('says that it was simulated, and with its tables what was calibrated', () => {
    expect(renderTables(summary)).toContain('SIMULATED');
    expect(renderTables(summary, { verbose: true })).toContain('rbd.cloneTime');
    const real = history({ target: 'cluster' });
    real.end(1);
    expect(renderTables(summarise(real.run()))).not.toContain('SIMULATED');
  });

  test('says in its first line that it is not complete, what missed, and the exit code', () => {
    const [first = '', ...rest] = linesOf(summary, { width: 200, exitCode: 5 });
    expect(first).toMatch(/PARTIAL: .*timed out.*\(exit code 5\)/);
    expect(rest.join('\n')).toContain('38 of 40');
  });
});

describe('a run of thousands', () => {
  const shape = { clonesPerArm: 1000, vms: { rhel9: 1000, windows11: 1000 } };
  const big = summarise(campaign(shape).run());

  test.each(WIDTHS)('fits a page of 40 lines at %d columns', (width) => {
    const lines = linesOf(big, { width });
    expect(lines.length).toBeLessThanOrEqual(38);
    expect(lines.filter(({ length }) => length > width)).toEqual([]);
  });

  test.each(WIDTHS)('has a row with all its numbers for each arm at %d columns', (width) => {
    const lines = linesOf(big, { width });
    const head = lines.findIndex((line) => line.startsWith('seconds'));
    expect(lines[head]?.split(/\s{1,}/)).toEqual(
      expect.arrayContaining(['mean', 'p50', 'p95', 'p99', 'max']),
    );
    const rows = lines.slice(head + 1, lines.indexOf('', head));
    expect(rows).toHaveLength(6);
    expect(rows.filter((row) => !/(\s+[\d.,]+){5}\s+[\d.,]+-[\d.,]+$/.test(row))).toEqual([]);
    expect(new Set(rows.map((row) => row.replace(/(\s+[\d.,-]+){6}$/, ''))).size).toBe(6);
  });

  test('says each of the answers', () => {
    const text = renderTables(big, { width: 1000 });
    expect(text).toMatch(/Time until 2,000 VMs were guest ready: \S+ (min|s|h)/);
    expect(text).toMatch(/of it in pauses/);
    expect(text).toMatch(/snapshot clones against PVC clones: [\d.]+x as fast/);
    expect(text).toMatch(/Slowest of 100 RHEL 9 VMs released together, guest ready: [\d.]+ s/);
    expect(text).toMatch(/whole wave from its release [\d.]+ s/);
    expect(text).toContain('all 2,000 VMs guest ready');
    expect(text).toMatch(/Storage used at most: [\d.]+ [GT]iB \(of 273 TiB/);
    expect(text).toMatch(/Longest stage of Windows 11 boots: guest boot/);
  });
});

test('arms with long names stay apart, and no number is cut', () => {
  const draft = history();
  const image = 'enterprise-linux-9-golden-image-of-the-year-2026';
  const variants = [
    { image, source: 'pvc' },
    { image, source: 'snapshot' },
  ];
  const step = draft.step({ kind: 'clone', name: 's', variants, until: 'dataVolumeSucceeded' });
  for (let wave = 0; wave < 2; wave++) {
    draft.wave({ step, wave, at: 5000 * wave, n: 2 });
    for (const i of [0, 1]) {
      const source = wave === 0 ? 'pvc' : 'snapshot';
      const seen = 5000 * wave + i;
      const succeeded = seen + 1234.5 + i;
      draft.clone({ step, wave, variant: wave, source, name: `c${wave}${i}`, seen, succeeded });
    }
  }
  draft.end(10_000);
  const lines = linesOf(summarise(draft.run()), { width: 60 });
  expect(lines.filter(({ length }) => length > 60)).toEqual([]);
  expect(lines.filter((line) => line.includes('1,235')).length).toBeGreaterThanOrEqual(2);
  const rows = lines.filter((line) => line.startsWith('enterprise'));
  expect(rows.some((row) => row.includes('PVC'))).toBe(true);
  expect(rows.some((row) => row.includes('snapshot') || row.includes('hot'))).toBe(true);
});

test('a run without a single operation still has its status', () => {
  const draft = history();
  draft.end(1, 'failed');
  expect(renderTables(summarise(draft.run()))).toBe(
    'by-hand, run r1, seed 1: FAILED: not all was done\n',
  );
});

test('clones that were never done in the other way are compared to nothing', () => {
  const draft = history();
  const step = draft.step({ kind: 'clone', variants: [{ source: 'pvc' }], until: 'claimBound' });
  draft.wave({ step, wave: 0, at: 0 });
  draft.clone({ step, name: 'a', seen: 1, succeeded: 2 });
  expect(renderTables(summarise(draft.run()))).not.toContain('against');
});

test('the number of VMs in a wave is that of the image, where images share the waves', () => {
  const draft = history();
  const variants = [{ image: 'rhel9' }, { image: 'windows11' }];
  const step = draft.step({ kind: 'boot', name: 'both', variants, until: 'guestReady' });
  for (let wave = 0; wave < 2; wave++) {
    const at = 100 * wave;
    draft.wave({ step, wave, at, n: 7 });
    for (let i = 0; i < 7; i++) {
      const variant = i < 5 ? 0 : 1;
      const name = `vm-${wave}-${i}`;
      const boot = { step, wave, variant, name, seen: at + 1, running: at + 5 };
      draft.boot({ ...boot, guestReady: at + 9 + i });
    }
  }
  draft.end(300);
  const text = renderTables(summarise(draft.run()), { width: 200 });
  expect(text).toMatch(/\b5 (rhel9|RHEL 9)\b/);
  expect(text).toMatch(/\b2 (windows11|Windows 11)\b/);
  expect(text).not.toMatch(/\b7 (rhel9|RHEL 9|windows11|Windows 11)\b/);
  expect(text).not.toMatch(/2 to 5/);
});
