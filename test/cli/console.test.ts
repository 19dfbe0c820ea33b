/** Our own signs on terminals of seven bits. */

import { expect, test } from 'vitest';
import { createScreen } from '../../src/cli/console.ts';
import type { Host } from '../../src/run/host.ts';

function shown(env: Readonly<Record<string, string>>, text: string): string {
  const texts: string[] = [];
  const output = { isTty: true, columns: 80, write: (part: string) => void texts.push(part) };
  createScreen({ out: output, err: output, env } as unknown as Host).print(text);
  return texts.join('');
}

test.each([
  ['████░░░░░░  42 %', '####......  42 %'],
  ['░░░░░░░░░░   0 %', '..........   0 %'],
  ['██████████ 100 %', '########## 100 %'],
  ['▁▂▇█▇ and so on…', '12787 and so on.'],
  ['日本語 stays', '日本語 stays'],
])('%s', (text, plain) => {
  expect(shown({ LANG: 'C' }, text)).toBe(plain);
  expect(shown({ LC_ALL: 'POSIX', LANG: 'de_DE.UTF-8' }, text)).toBe(plain);
  expect(shown({ LANG: 'de_DE.UTF-8' }, text)).toBe(text);
  expect(shown({}, text)).toBe(text);
});
