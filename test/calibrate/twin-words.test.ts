import { describe, expect, test } from 'vitest';
import { beyondText, calibratedOn, doubtText } from '../../src/report/wording/twin-words.ts';

const twin = {
  runs: ['a', 'b'],
  cluster: 'prod',
  within: { clone: 0.08, guestReady: 0.123 },
  unseen: ['flattens', 'resourceExhausted'],
};

describe('a twin is told', () => {
  test('with its runs and its cluster', () => {
    expect(calibratedOn(twin)).toBe('calibrated on runs a, b of cluster prod');
  });

  test('with how far off it was, where it was tried', () => {
    expect(doubtText(twin)).toContain('clone 8 %, guest ready 12.3 %');
    expect(doubtText({ ...twin, within: {} })).toBeUndefined();
  });

  test('with what it did that its runs had not met', () => {
    expect(beyondText(twin, { flattens: 1250, aborted: 3 })).toContain('(flattens 1,250)');
    expect(beyondText(twin, { flattens: 0, aborted: 3 })).toBeUndefined();
  });
});
