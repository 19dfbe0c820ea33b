import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/api/object.ts';
import { createOwnWrites } from '../../../../src/sim/controllers/chassis/own-writes.ts';

const at = (resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', uid: 'a', resourceVersion },
});

test('a copy is behind from our write until the write comes back', () => {
  const writes = createOwnWrites();
  expect(writes.isBehind(at('1'))).toBe(false);
  writes.wrote(at('1'), at('5'));
  expect(writes.isBehind(at('1'))).toBe(true);
  // Somebody asked meanwhile: the echo must be looked at.
  expect(writes.isEcho(at('5'))).toBe(false);
  expect(writes.isBehind(at('5'))).toBe(false);
});

test('an echo that nobody waited for needs no look', () => {
  const writes = createOwnWrites();
  writes.wrote(at('1'), at('5'));
  expect(writes.isEcho(at('5'))).toBe(true);
  expect(writes.isEcho(at('6'))).toBe(false);
});

test('two writes in a row count as one', () => {
  const writes = createOwnWrites();
  writes.wrote(at('1'), at('2'));
  writes.wrote(at('2'), at('3'));
  expect(writes.isBehind(at('1'))).toBe(true);
  expect(writes.isEcho(at('2'))).toBe(true);
  expect(writes.isBehind(at('2'))).toBe(true);
  expect(writes.isEcho(at('3'))).toBe(false);
});

test('somebody else’s change ends the wait', () => {
  const writes = createOwnWrites();
  writes.wrote(at('1'), at('5'));
  expect(writes.isEcho(at('3'))).toBe(false);
  expect(writes.isBehind(at('3'))).toBe(false);
});

test('a write that changed nothing is not waited for', () => {
  const writes = createOwnWrites();
  writes.wrote(at('1'), at('1'));
  expect(writes.isBehind(at('1'))).toBe(false);
});
