/** What CONTRIBUTING.md shows is what a reader finds: excerpts and places are held against the code. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support/sources.ts';

const guide = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

test('each excerpt stands in the file that it names', () => {
  const excerpts = [...guide.matchAll(/<!-- excerpt: (\S+) -->\n```ts\n([\s\S]*?)```/g)];
  expect(excerpts.length).toBeGreaterThan(6);
  const stale = excerpts.filter(
    ([, file = '', text = '']) => !readFileSync(join(ROOT, file), 'utf8').includes(text),
  );
  expect(stale.map(([, file]) => file)).toEqual([]);
});

test('each place that is named is there', () => {
  const places = [...guide.matchAll(/`((?:src|test)\/[^`*\s]+)`/g)].map(([, place = '']) => place);
  expect(places.length).toBeGreaterThan(10);
  expect(places.filter((place) => !existsSync(join(ROOT, place)))).toEqual([]);
});

test('each question is answered where the guide says', () => {
  const answers: Readonly<Record<string, RegExp>> = {
    'p95 computed': /p95: 0\.95/,
    'wave end': /export function releaseWave/,
    "attacher's rate": /attacher = \{[^}]*qps: number/,
    'headline come from': /export interface \w*Facts/,
    'add a milestone': /export const (METRICS|MILESTONES|STEP_KINDS|ACTIONS) = /,
    'storage backend': /export interface StorageDriver /,
  };
  const rows = [...guide.matchAll(/^\| (where .*?) \| `(\S+)` \|$/gm)];
  expect(rows).toHaveLength(Object.keys(answers).length);
  for (const [, question = '', place = ''] of rows) {
    const [, answer] = Object.entries(answers).find(([words]) => question.includes(words)) ?? [];
    expect(answer, question).toBeDefined();
    const path = join(ROOT, place);
    const files = place.endsWith('/') ? readdirSync(path).map((name) => join(path, name)) : [path];
    const found = files.some((file) => answer?.test(readFileSync(file, 'utf8')));
    expect(found, question).toBe(true);
  }
});

test('each npm program that is named is one', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = [...guide.matchAll(/npm run ([\w-]+)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
