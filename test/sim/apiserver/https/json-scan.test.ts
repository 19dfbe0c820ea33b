/** Texts scanned for what `JSON.parse` keeps to itself. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scanJson } from '../../../../src/sim/apiserver/https/json-scan.ts';

test.each([
  ['{"a":1,"b":{"a":2}}', []],
  ['{"a":1,"a":2}', ['a']],
  ['{"s":{"c":[{"n":1},{"n":1,"n":2}],"c":3}}', ['s.c[1].n', 's.c']],
  [String.raw`{"a":"}{,\"a\":","\u0061":1}`, ['a']],
  ['[{"a":1},{"a":1}]', []],
])('%s names twice: %j', (text, duplicates) => {
  JSON.parse(text);
  expect(scanJson(text).duplicates).toEqual(duplicates);
});

test('what is written from a value names nothing twice, and is as deep as the value', () => {
  const depthOf = (value: unknown): number => {
    if (value === null || typeof value !== 'object') return 0;
    return 1 + Math.max(0, ...Object.values(value).map(depthOf));
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parsed: unknown = JSON.parse(JSON.stringify(value));
      const { duplicates, depth } = scanJson(JSON.stringify(value));
      expect(duplicates).toEqual([]);
      expect(depth).toBe(depthOf(parsed));
    }),
  );
});
