/** What counts as different from what was asked for, and what a server may fill in. */

import { expect, test } from 'vitest';
import { firstDifference } from '../../src/run/first-difference.ts';

const LIVE = {
  apiVersion: 'v1',
  kind: 'A',
  metadata: { name: 'a', uid: 'u', labels: { x: '1', y: '2' } },
  spec: { list: [{ key: 'k', more: true }], on: true },
  status: { phase: 'Ready' },
};

test.each([
  ['what the server added', { metadata: { labels: { x: '1' } }, spec: { on: true } }, undefined],
  ['another version of the kind', { apiVersion: 'v2', kind: 'A' }, undefined],
  ['an empty object that the server left out', { spec: { nothing: {} } }, undefined],
  ['fields of a list’s items that nobody asked for', { spec: { list: [{ key: 'k' }] } }, undefined],
  ['a field that a patch takes away, and that is not there', { spec: { off: null } }, undefined],
  ['another value', { spec: { on: false } }, '.spec.on is true, and not false'],
  [
    'a label that is missing',
    { metadata: { labels: { z: '' } } },
    /labels\.z is missing, wanted ""/,
  ],
  ['a field that a patch takes away', { spec: { on: null } }, '.spec.on is there'],
  ['a list of another length', { spec: { list: [] } }, /^\.spec\.list is \[/],
  ['a value where an object was asked for', { spec: { on: { a: 1 } } }, /^\.spec\.on is true/],
])('%s', (_, wanted, difference) => {
  const found = firstDifference(wanted, LIVE);
  if (difference instanceof RegExp) expect(found).toMatch(difference);
  else expect(found).toBe(difference);
});

test('a Secret is compared as the server keeps it, and told without what it holds', () => {
  const wanted = { kind: 'Secret', metadata: { name: 'a' }, stringData: { key: 's3cret' } };
  const found = (data: object) => ({ kind: 'Secret', metadata: { name: 'a' }, data });
  expect(firstDifference(wanted, found({ key: 'czNjcmV0' }))).toBeUndefined();
  expect(firstDifference(wanted, found({ key: 'b3RoZXI=' }))).toBe('.data.key is ..., and not ...');
  const passwords = [{ env: [{ name: 'DB_PASSWORD', value: 's3cret' }] }, { env: [] }] as const;
  expect(firstDifference(...passwords)).not.toContain('s3cret');
});
