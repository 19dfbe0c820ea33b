/** What a server says beside its answer. */

import { expect, test } from 'vitest';
import { createClient } from '../../src/kube/client.ts';
import { readWarnings } from '../../src/kube/warnings.ts';
import type { Transport } from '../../src/api/transport.ts';

test('texts are read off the header, each once, with their commas and quotes', () => {
  expect(readWarnings(undefined)).toEqual([]);
  expect(readWarnings('299 - "spec.running is deprecated"')).toEqual([
    'spec.running is deprecated',
  ]);
  expect(readWarnings('299 - "a, b", 299 host "say \\"c\\"", 299 - "a, b"')).toEqual([
    'a, b',
    'say "c"',
  ]);
});

test('a client tells of them, also where the answer is a refusal', async () => {
  const answers = [
    { status: 200, body: {}, headers: { warning: '299 - "one"' }, receivedUs: 0 },
    { status: 404, body: {}, headers: { warning: '299 - "two"' }, receivedUs: 0 },
    { status: 200, body: {}, receivedUs: 0 },
  ];
  const transport: Transport = {
    request: async () => answers.shift() ?? { status: 500, body: {}, receivedUs: 0 },
    watch: () => () => {},
  };
  const told: string[] = [];
  const client = createClient(transport, { onWarning: (text) => told.push(text) });
  await client.raw({ method: 'GET', path: '/a' });
  await expect(client.raw({ method: 'GET', path: '/b' })).rejects.toThrow();
  await client.raw({ method: 'GET', path: '/c' });
  expect(told).toEqual(['one', 'two']);
});
