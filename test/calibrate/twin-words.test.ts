import { describe, expect, test } from 'vitest';
import { beyondText, calibratedOn, doubtText } from '../../src/report/wording/twin-words.ts';

const twin = {
  runs: ['a', 'b'],
  cluster: 'prod',
  within: { clone: 0.08, guestReady: 0.123 },
  unseen: ['resourceExhausted', 'attachPatches'],
  guessed: [],
};
const blind = { ...twin, guessed: ['flattens', 'resourceExhausted'] };

describe('a twin is told', () => {
  test('with its runs and its cluster', () => {
    expect(calibratedOn(twin)).toBe('calibrated on runs a, b of cluster prod');
  });

  test('with how far off it was, where it was tried', () => {
    expect(doubtText(twin)).toContain('clone 8 %, guest ready 12.3 %');
    expect(doubtText({ ...twin, within: {} })).toBeUndefined();
  });

  test('with what it did that its runs had not met', () => {
    expect(beyondText(twin, { attachPatches: 1250, aborted: 3 })).toContain(
      '(attachPatches 1,250): there its constants are guesses.',
    );
    expect(beyondText(twin, { attachPatches: 0, aborted: 3 })).toBeUndefined();
  });

  test('with what its constants do not hold for, and then with no doubt of clones', () => {
    const counters = { flattens: 40, resourceExhausted: 3 };
    expect(beyondText(blind, counters)).toContain('(flattens 40, resourceExhausted 3): there');
    expect(doubtText(blind, counters)).toContain('clone not known here, guest ready 12.3 %');
    expect(doubtText(blind, { flattens: 0 })).toContain('clone 8 %');
  });

  test('with what it did for the first time by constants that were told', () => {
    const counters = { flattens: 40, resourceExhausted: 3 };
    expect(beyondText(twin, counters)).toMatch(/\(resourceExhausted 3\), by constants .* do tell/);
    expect(doubtText(twin, counters)).toContain('clone 8 %');
  });
});
