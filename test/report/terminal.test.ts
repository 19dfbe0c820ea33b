import { describe, expect, test } from 'vitest';
import { summarise } from '../../src/analyse/summary.ts';
import { renderTables } from '../../src/report/terminal.ts';
import { history } from '../support/history.ts';
import { sampleHistory } from '../support/sample-run.ts';

const run = sampleHistory().run();
const summary = summarise(run, { simulation: { counters: {} } });

describe('the tables of the sample run', () => {
  const text = renderTables(summary);

  test('read like this', async () => {
    // The list of constants at the end grows with the simulator.
    const tables = text.slice(0, text.indexOf('SIMULATED, with'));
    await expect(tables).toMatchFileSnapshot('../golden/report/tables.txt');
  });

  test('keep to 100 columns, or to fewer where asked', () => {
    for (const width of [100, 80]) {
      const lines = renderTables(summary, { width }).split('\n');
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    }
  });

  test('colour only where asked, and then change nothing else', () => {
    const colored = renderTables(summary, { color: true });
    expect(text).not.toContain('\u001b');
    expect(colored).toContain('\u001b');
    // oxlint-disable-next-line no-control-regex
    expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(text);
  });

  test('say that it was simulated, and what was calibrated', () => {
    expect(text).toContain('SIMULATED');
    expect(text).toContain('rbd.cloneTime');
    const real = history({ target: 'cluster' });
    real.end(1);
    expect(renderTables(summarise(real.run()))).not.toContain('SIMULATED');
  });
});

test('a run without a single operation still has its title', () => {
  const draft = history();
  draft.end(1, 'failed');
  const empty = draft.run();
  expect(renderTables(summarise(empty))).toBe('by-hand, run r1: failed, seed 1\n');
});

test('clones that were never done in the other way make no headline', () => {
  const draft = history();
  const step = draft.step({ kind: 'clone', variants: [{ source: 'pvc' }], until: 'claimBound' });
  draft.wave({ step, wave: 0, at: 0 });
  draft.clone({ step, name: 'a', seen: 1, succeeded: 2 });
  const one = draft.run();
  expect(renderTables(summarise(one))).not.toContain('In short');
});
