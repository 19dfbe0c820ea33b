/** Files made to hurt: each costs next to nothing and ends as a problem with a place. */

import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadScenario } from '../../src/scenario/load.ts';
import { formatProblem } from '../../src/scenario/problem.ts';
import { listProblems, SCENARIO } from './sample.ts';

function texts(scenario: string): readonly string[] {
  return listProblems({ scenario }).map(formatProblem);
}

test('aliases that multiply', () => {
  const list = (name: string, below: string) =>
    `${name}: &${name} [${Array.from({ length: 9 }, () => below).join(', ')}]`;
  const bomb = [list('a', 'x'), ...'bcdefgh'.split('').map((n, i) => list(n, `*${'abcdefgh'[i]}`))];
  expect(texts(`${bomb.join('\n')}\nname: *h\n`)).toEqual([
    's.yaml:2:8: YAML aliases expand to more than 1000 nodes\n  write the repeated values out',
  ]);
});

test('ordinary anchors and merge keys are welcome', () => {
  const text = SCENARIO.replace('wave: { size: 100, pause: 30s }', 'wave: &w { size: 20 }').replace(
    'count: 20, wave: { size: 10 }',
    'count: 20, wave: { <<: *w, pause: 5s }',
  );
  expect(texts(text)).toEqual([]);
});

test.each([
  ['brackets', `name: ${'['.repeat(5000)}`, 's.yaml:1:507'],
  ['closed brackets', `name: ${'['.repeat(200)}${']'.repeat(200)}`, 's.yaml:1:107'],
  ['compact lists', `${'- '.repeat(50_000)}a`, 's.yaml:1:'],
  [
    'maps',
    Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    's.yaml:101:101',
  ],
])('nesting by %s', (_, text, place) => {
  const [problem, ...others] = texts(text);
  expect(problem).toContain(`${place}`);
  expect(problem).toContain('is nested more than 100 levels deep');
  expect(others).toEqual([]);
});

test('tags, tabs and broken syntax name the first place only', () => {
  expect(texts('name: !!js/function x')).toEqual([
    's.yaml:1:7: Unresolved tag: tag:yaml.org,2002:js/function\n  remove the tag: plain YAML is enough',
  ]);
  expect(texts('storage:\n\tclass: a\n\tb: c\n')).toEqual([
    's.yaml:2:1: Tabs are not allowed as indentation\n  indent with spaces',
  ]);
  expect(texts('name: [a\nstorage: b\n')).toHaveLength(1);
});

test('nothing, a word, a list', () => {
  expect(texts('')).toEqual(['s.yaml:1:1: is empty\n  start from scenarios/smoke.yaml']);
  expect(texts('hello')[0]).toContain('s.yaml:1:1: expected fields, got text "hello"');
  expect(texts('- a')[0]).toContain('s.yaml:1:1: expected fields, got a list');
});

test('lines end with CRLF as well', () => {
  const text = SCENARIO.replace('count: 200', 'count: 0').replaceAll('\n', '\r\n');
  expect(texts(text)[0]).toContain('s.yaml:10:14 ');
});

test('a file of 100 MB is refused without being read', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'bench-')), 'big.yaml');
  writeFileSync(file, '');
  truncateSync(file, 100 * 1024 * 1024);
  expect(problemText(file)).toBe(
    `${file}:1:1: is 104857600 bytes long; at most 1048576 are read\n  is it the right file? A scenario needs a few kilobytes`,
  );
});

test('a missing file, a folder, bytes that are no text', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
  const binary = path.join(folder, 'binary.yaml');
  writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x00]));
  expect(problemText(path.join(folder, 'none.yaml'))).toContain('none.yaml:1:1: does not exist');
  expect(problemText(folder)).toContain(':1:1: is a folder');
  expect(problemText(binary)).toContain('binary.yaml:1:1: is no UTF-8 text');
});

function problemText(file: string): string {
  const loaded = loadScenario(file);
  return 'problems' in loaded ? loaded.problems.map(formatProblem).join('\n') : 'no problem';
}
