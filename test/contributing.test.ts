/** What CONTRIBUTING.md shows is what a reader finds: excerpts and places are held against the code. */

import { existsSync, readFileSync } from 'node:fs';
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

test('each npm program that is named is one', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = [...guide.matchAll(/npm run ([\w-]+)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
