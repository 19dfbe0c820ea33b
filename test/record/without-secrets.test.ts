/** What of an entry is hidden before it is written. */

import { expect, test } from 'vitest';
import type { Entry } from '../../src/record/entry.ts';
import { withoutSecrets } from '../../src/record/without-secrets.ts';

const MISS = { e: 'miss', t: 1, p: 0, how: 'failed', reason: 'Timeout' } as const;
const TOLD = 'cannot import';

test.each([
  ['https://me:secret@images.example/a', 'https://...@images.example/a'],
  ['https://images.example/a?token=secret', 'https://images.example/a?token=...'],
  ['https://images.example/a', 'https://images.example/a'],
])('an address is written without its secrets, wherever it is quoted: %s', (address, shown) => {
  const miss: Entry = { ...MISS, message: `${TOLD} ${address} (404)` };
  expect(withoutSecrets(miss)).toEqual({ ...MISS, message: `${TOLD} ${shown} (404)` });
  const change: Entry = { e: 'tr', t: 1, o: 0, c: [['phase', address, 1_700_000_000, 2]] };
  expect(withoutSecrets(change)).toEqual({ ...change, c: [['phase', shown, 1_700_000_000, 2]] });
  const end: Entry = { e: 'end', t: 1, outcome: 'failed', reason: `${TOLD} ${address}` };
  expect(withoutSecrets(end)).toEqual({ ...end, reason: `${TOLD} ${shown}` });
});

test('what tells nothing is left as it is', () => {
  const miss: Entry = MISS;
  expect(withoutSecrets(miss)).toBe(miss);
});
