import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { summarise } from '../../src/analyse/summary.ts';
import { samplesCsv, wavesCsv, writeCsv } from '../../src/report/csv/csv.ts';
import { history } from '../support/history.ts';
import { sampleHistory } from '../support/sample-run.ts';

type Row = Readonly<Record<string, string>>;

/** A table without quoted cells, as rows by column. */
function parse(text: string): readonly Row[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const columns = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    expect(cells, line).toHaveLength(columns.length);
    return Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? '']));
  });
}

describe('samples.csv', () => {
  const run = sampleHistory().run();
  const rows = parse([...samplesCsv(run)].join(''));
  const of = (metric: string) => rows.filter((row) => row['metric'] === metric);

  test('has a row per operation and object, warm-up included', () => {
    expect(of('clone').filter(({ kind }) => kind === 'DataVolume')).toHaveLength(100 + 40);
    expect(of('import')).toHaveLength(1 + 40);
    expect(of('guestReady')).toHaveLength(40);
    expect(of('vmiRunning')).toHaveLength(0);
    expect(rows.filter(({ warmup }) => warmup === 'true')).toHaveLength(10);
  });

  test('has all times of a boot, in seconds', () => {
    const draft = history();
    const step = draft.step({ kind: 'boot', variants: [{ image: 'r' }], until: 'guestReady' });
    draft.wave({ step, wave: 0, at: 9 });
    draft.boot({
      step,
      name: 'a',
      intended: 9,
      sent: 10,
      seen: 11,
      scheduling: 13,
      scheduled: 16,
      running: 20,
      guestReady: 40,
      node: 'worker-3',
    });
    expect(parse([...samplesCsv(draft.run())].join(''))).toEqual([
      expect.objectContaining({
        kind: 'VirtualMachineInstance',
        object: 'a',
        node: 'worker-3',
        outcome: 'reached',
        reason: '',
        latency_s: '29',
        running_latency_s: '9',
        response_s: '31',
        send_lag_s: '1',
        intended_s: '9',
        sent_s: '10',
        created_s: '11',
        scheduling_s: '13',
        scheduled_s: '16',
        running_s: '20',
        guest_ready_s: '40',
      }),
    ]);
  });

  test('tells the missed from the reached', () => {
    const missed = of('guestReady').filter(({ outcome }) => outcome !== 'reached');
    expect(missed).toEqual([
      expect.objectContaining({ outcome: 'censored', reason: 'Timeout', guest_ready_s: '' }),
      expect.objectContaining({ outcome: 'failed', reason: 'InstanceFailed', latency_s: '' }),
    ]);
    expect(Number(missed[0]?.['latency_s'])).toBeCloseTo(89.8, 6);
  });

  test('has a late end as the interval that it is', () => {
    const draft = history();
    const step = draft.step({ kind: 'clone', variants: [{ source: 'pvc' }], until: 'claimBound' });
    const { object } = draft.clone({ step, name: 'a', seen: 1 });
    draft.change(object, 30, ['phase', 'Succeeded'], 10);
    const [row] = parse([...samplesCsv(draft.run())].join(''));
    expect(row).toMatchObject({ latency_from_s: '9', latency_s: '29' });
  });

  test('never hands a formula to a spreadsheet, and leaves numbers alone', () => {
    for (const name of ['=1+1', '+x', '-x', '@x', '\tx', '\rx', '=a,"b"\nc']) {
      const draft = history();
      const step = draft.step({ kind: 'clone', name, variants: [{}], until: 'claimBound' });
      draft.clone({ step, name: `vm${name}`, intended: 2, sent: 1, seen: 1, succeeded: 2 });
      const text = [...samplesCsv(draft.run())].join('');
      const cells = text.split(/,|\n/).map((cell) => cell.replace(/^"/, ''));
      expect(cells.filter((cell) => /^[=+@\t\r]/.test(cell))).toEqual([]);
      expect(cells.filter((cell) => cell.startsWith('-'))).toEqual(['-1']);
      expect(text).toContain(`'${name[0]}`);
    }
  });

  test('comes in pieces', () => {
    const draft = history();
    const step = draft.step({ kind: 'clone', variants: [{ source: 'pvc' }], until: 'claimBound' });
    for (let i = 0; i < 5000; i++) draft.clone({ step, name: `c${i}`, seen: i, succeeded: i + 1 });
    const pieces = [...samplesCsv(draft.run())];
    expect(pieces.length).toBeGreaterThan(2);
    expect(parse(pieces.join(''))).toHaveLength(5000);
  });
});

describe('waves.csv', () => {
  const rows = parse([...wavesCsv(summarise(sampleHistory().run()))].join(''));

  test('has a row per wave and variant', () => {
    expect(rows).toHaveLength(1 + 20 + 20 + 20);
    expect(rows.filter(({ warmup }) => warmup === 'true')).toHaveLength(2);
  });

  test('has a missed wave as what it is', () => {
    const missed = rows.filter((row) => row['makespan_state'] !== 'reached');
    expect(missed).toEqual([
      expect.objectContaining({ makespan_state: 'censored', makespan_s: '90', censored: '1' }),
      expect.objectContaining({ makespan_state: 'failed', makespan_s: '', failed: '1' }),
    ]);
  });
});

test('both files are written whole', () => {
  const run = sampleHistory().run();
  const folder = mkdtempSync(join(tmpdir(), 'bench-csv-'));
  writeCsv(folder, run, summarise(run));
  const text = readFileSync(join(folder, 'samples.csv'), 'utf8');
  expect(text).toBe([...samplesCsv(run)].join(''));
  expect(text.endsWith('\n')).toBe(true);
  expect(readFileSync(join(folder, 'waves.csv'), 'utf8')).toMatch(/^run,scenario,/);
});
