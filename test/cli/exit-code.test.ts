/** Exit codes by their numbers: scripts and CI know nothing else of them. */

import { expect, test } from 'vitest';
import { EXIT, foremost } from '../../src/core/exit-code.ts';

test('each outcome has its number', () => {
  expect(EXIT).toEqual({
    ok: 0,
    error: 1,
    regression: 2,
    invalid: 3,
    sloMissed: 4,
    incomplete: 5,
    usage: 64,
    interrupted: 130,
    terminated: 143,
  });
});

test('of several the gravest counts', () => {
  const order = [130, 143, 64, 1, 3, 5, 4, 2, 0] as const;
  for (const [i, code] of order.entries()) {
    expect(foremost(order.slice(i).toReversed()), String(code)).toBe(code);
  }
  expect(foremost([])).toBe(0);
});
