/** The one formatter of numbers: what it prints, every surface prints. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  bytesText,
  countedText,
  estimateNumber,
  estimateText,
  intervalNumber,
  isFigure,
  longTimeText,
  partText,
  ratioText,
  secondsNumber,
  timesText,
  withInterval,
  percentText,
} from '../../../src/report/wording/numbers.ts';
import { wrapped } from '../../../src/report/terminal/text-table.ts';
import { readSources, ROOT } from '../../support/sources.ts';

test.each([
  [0, '0.00'],
  [0.0001, '< 0.001'],
  [0.0134, '0.013'],
  [0.13449, '0.134'],
  [3.206, '3.21'],
  [9.996, '10.0'],
  [32, '32.0'],
  [99.96, '100'],
  [131.5, '132'],
  [350.1, '350'],
  [1203.6, '1,204'],
])('%d seconds read %s', (seconds, text) => {
  expect(secondsNumber(seconds)).toBe(text);
});

test('estimates say what they do not know', () => {
  expect(withInterval({ value: 34.2, lo: 30.1, hi: 39 })).toBe('34.2 s (30.1-39.0)');
  expect(withInterval({ value: 27.93, lo: 27.3 })).toBe('27.9 s (27.3-)');
  expect(withInterval({ value: 27.93, hi: 28.3 })).toBe('27.9 s (-28.3)');
  expect(withInterval({ value: 27.93 })).toBe('27.9 s');
  expect(withInterval({ over: 600 })).toBe('> 600 s');
  expect(withInterval({ never: true })).toBe('never');
  expect(withInterval(undefined)).toBe('-');
  expect([estimateText({ over: 600 }), estimateNumber({ over: 600 })]).toEqual([
    '> 600 s',
    '> 600',
  ]);
  expect(intervalNumber({ never: true })).toBe('');
});

test('ratios are times, with their interval', () => {
  expect(ratioText({ value: 10.13, lo: 9.2, hi: 11.3 })).toBe('10.1x (9.20-11.3)');
  expect([ratioText(undefined), timesText(2)]).toEqual(['-', '2.00x']);
});

test('counts have their noun, parts their whole', () => {
  expect([countedText(1, 'wave'), countedText(1200, 'wave')]).toEqual(['1 wave', '1,200 waves']);
  expect([partText(2240, 3000), partText(100, 100)]).toEqual(['2,240 of 3,000', 'all 100']);
});

test('bytes and long times', () => {
  expect([0, 1023, 2 ** 30, 3.2 * 2 ** 40, -959 * 2 ** 20].map(bytesText)).toEqual([
    '0 B',
    '1023 B',
    '1.00 GiB',
    '3.20 TiB',
    '-959 MiB',
  ]);
  expect([48, 750, 11_100].map(longTimeText)).toEqual(['48.0 s', '12.5 min', '3 h 05 min']);
});

test('shares: to three digits, and never nothing where there is something', () => {
  const shares = [0, 0.0004, 0.000844, 0.0254, 0.5, 1.333];
  expect(shares.map(percentText)).toEqual(['0 %', '< 0.1 %', '< 0.1 %', '2.54 %', '50 %', '133 %']);
});

test('lines break between words, never between a number and its unit or sign', () => {
  const lines = wrapped(
    'from -0.04 % (-0.19 % to +0.10 %) in 27.5 s of 3 h 05 min, > 600 s',
    12,
    '',
  );
  expect(lines.join(' ')).toContain('(-0.19 % to +0.10 %)');
  for (const line of lines) expect(line).not.toMatch(/^(%|s\b|h\b|min)|\d$|>$/);
});

test('what stands for a number is told from words', () => {
  const figures = ['3.2', '-5 %', '> 600', '< 0.001', '27.9 (27.3-)', 'never', '-', '11x'];
  expect(figures.filter((text) => !isFigure(text))).toEqual([]);
  expect(['guest ready', '', 'p95'].filter(isFigure)).toEqual([]);
});

/** Two formatters would contradict each other: `131.5 s` here, `131 s` there. */
test('no other file of the report rounds seconds for people', () => {
  const rounding = /function (seconds|estimate|interval|ratio|count)(Text|Number)\(/;
  const own = readSources()
    .filter(({ path }) => path.startsWith('report/') && path !== 'report/wording/numbers.ts')
    .filter(({ path }) => rounding.test(readFileSync(join(ROOT, 'src', path), 'utf8')))
    .map(({ path }) => path);
  expect(own).toEqual([]);
});
