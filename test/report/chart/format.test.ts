/** How values read in charts and sentences. */

import { expect, test } from 'vitest';
import { cssColour, formatValue, plainNumber } from '../../../src/report/chart/format.ts';
import { DARK, LIGHT } from '../../../src/report/chart/theme.ts';

test.each([
  [0, '0'],
  [0.05, '0.05'],
  [0.12345, '0.123'],
  [9.996, '10'],
  [32.14, '32.1'],
  [359.4, '359'],
  [1234.5, '1,235'],
  [1_234_567, '1,234,567'],
  [-2.5, '-2.5'],
  [Number.POSITIVE_INFINITY, '∞'],
])('%d reads %s', (value, text) => {
  expect(plainNumber(value, 3)).toBe(text);
});

test('every format says its unit', () => {
  expect(formatValue('seconds', 32.14)).toBe('32.1 s');
  expect(formatValue('percent', 0.25)).toBe('25 %');
  expect(formatValue('percentile', 1000)).toBe('p99.9');
  expect(formatValue('count', 10_000)).toBe('10,000');
  expect(formatValue('tebibytes', 2)).toBe('2 TiB');
});

test('colours are those of the theme, with opacity', () => {
  expect(cssColour('@blue', LIGHT)).toBe(LIGHT.blue);
  expect(cssColour('@blue/50', DARK)).toBe(`${DARK.blue}80`);
  expect(cssColour('#123456', LIGHT)).toBe('#123456');
});
