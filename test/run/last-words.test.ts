/** What is quoted of a process that ended. */

import { expect, test } from 'vitest';
import { lastWords } from '../../src/run/host.ts';

test.each([
  ['what it said last', 'progress\nbench: no such file\n', 'bench: no such file'],
  ['a remedy with what it is for', 'x\nbench: full\n  -> make room\n', 'bench: full -> make room'],
  [
    'the error of a crash, and not the version of Node below it',
    'file:///main.js:1\n\nSyntaxError: Unexpected end of input\n    at x\n\nNode.js v20.20.2\n',
    'SyntaxError: Unexpected end of input',
  ],
])('is %s', (_, said, quoted) => {
  expect(lastWords(said)).toBe(quoted);
});
