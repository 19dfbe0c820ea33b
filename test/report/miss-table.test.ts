/** What missed and why, on each surface: messages come from the cluster and may be hostile. */

import { describe, expect, test } from 'vitest';
import { summarise, type Summary } from '../../src/analyse/summary.ts';
import { missesTable } from '../../src/report/content/detail-tables.ts';
import { renderTables } from '../../src/report/terminal.ts';
import { history } from '../support/history.ts';

/** Operations of one step that missed, in this order. */
function missed(misses: readonly (readonly [reason: string, message?: string])[]): Summary {
  const draft = history();
  const step = draft.step({ kind: 'boot', name: 'boots', until: 'guestReady' });
  draft.wave({ step, wave: 0, at: 0, n: misses.length * 2 });
  for (const [i, [reason, message]] of misses.entries()) {
    draft.boot({ step, name: `ok-${i}`, seen: 1, running: 5, guestReady: 9 });
    const { operation } = draft.boot({ step, name: `vm-${i}`, seen: 1 });
    const how = reason === 'Timeout' ? 'censored' : 'failed';
    draft.add({
      e: 'miss',
      t: 60_000_000,
      p: operation,
      how,
      reason,
      ...(message === undefined ? {} : { message }),
    });
  }
  draft.end(100);
  return summarise(draft.run());
}

const QUOTA = 'pods "x" is forbidden: exceeded quota: q, requested: pods=1';

describe('misses', () => {
  test('are counted by class, the most frequent first, with the first example', () => {
    const { misses } = missed([
      ['Forbidden', QUOTA],
      ['Timeout'],
      ['Timeout', 'VirtualMachine Starting'],
      ['Forbidden', 'no'],
    ]);
    const found = misses.map((one) => [one.class, one.reason, one.n, one.share, one.example]);
    expect(found).toEqual([
      ['Slow', 'Timeout', 2, 0.25, { object: 'vm-1' }],
      ['QuotaExceeded', 'Forbidden', 1, 0.125, { object: 'vm-0', message: QUOTA }],
      ['Forbidden', 'Forbidden', 1, 0.125, { object: 'vm-3', message: 'no' }],
    ]);
  });

  test('of histories of before there were classes get theirs from their reason', () => {
    const { misses } = missed([['InstanceFailed'], ['Deleted'], ['Conflict', 'exists']]);
    expect(misses.map((one) => one.class)).toEqual(['InstanceFailed', 'Deleted', 'Rejected']);
  });

  test('are on one line each for a terminal that would obey what a message says', () => {
    const text = renderTables(missed([['Timeout', 'a\u001b[2Jb\r\nc\u202ed\u2028e']]), {
      verbose: true,
    });
    expect(text).toContain('vm-0: a [2Jb c d e');
    expect(text).toContain('timed out, Slow: a [2Jb c d e');
    expect(/[\p{Cc}\u202e\u2028]/u.test(text.replaceAll('\n', ''))).toBe(false);
  });

  test('with long messages are cut, and no line is wider than the terminal', () => {
    const long = Array.from({ length: 100 }, (_, i) => `word${i}`).join(' ');
    const lines = renderTables(missed([['Timeout', long]]), { width: 80, verbose: true }).split(
      '\n',
    );
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines.join('\n')).not.toContain('word99');
  });

  test('are a table of the page', () => {
    const table = missesTable(missed([['Forbidden', QUOTA]]));
    expect(table.rows).toEqual([
      [
        'boots: start VirtualMachine',
        'QuotaExceeded',
        'failed',
        'Forbidden',
        '1',
        '50 %',
        `vm-0: ${QUOTA}`,
      ],
    ]);
  });
});
