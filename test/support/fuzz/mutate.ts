/** Damage to a text file, by dice: bytes, lines, and values of JSON and YAML. */

import type { Rng } from '../../../src/core/rng.ts';

/** Put in the place of any value. */
const VALUES: readonly string[] = [
  'null',
  'true',
  '-1',
  '0',
  '0.5',
  '1e308',
  '1e999',
  '-1e999',
  '9007199254740993',
  '1000000000',
  'NaN',
  '""',
  '"__proto__"',
  '"\\u0000\\u001b[2J"',
  '[]',
  '{}',
  '[[[[]]]]',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  '{"constructor":{"prototype":1}}',
];

/** The text with one to four pieces of damage. */
export function mutate(text: string, rng: Rng): string {
  let damaged = text;
  for (let left = 1 + rng.integer(4); left > 0; left--) damaged = damage(damaged, rng);
  return damaged;
}

function damage(text: string, rng: Rng): string {
  const at = rng.integer(text.length + 1);
  switch (rng.integer(8)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(rng.integer(256)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(at + rng.integer(40));
    case 2:
      return text.slice(0, at);
    case 3:
      return swapLines(text, rng);
    case 4:
      return repeatLine(text, rng);
    default:
      return replaceValue(text, rng);
  }
}

function swapLines(text: string, rng: Rng): string {
  const lines = text.split('\n');
  const [a, b] = [rng.integer(lines.length), rng.integer(lines.length)];
  [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
  return lines.join('\n');
}

function repeatLine(text: string, rng: Rng): string {
  const lines = text.split('\n');
  const line = lines[rng.integer(lines.length)] ?? '';
  lines.splice(rng.integer(lines.length), 0, line);
  return lines.join('\n');
}

/** Of a line by chance: one of its numbers, words or texts. */
function replaceValue(text: string, rng: Rng): string {
  const start = text.lastIndexOf('\n', rng.integer(text.length + 1)) + 1;
  const end = text.indexOf('\n', start) < 0 ? text.length : text.indexOf('\n', start);
  const line = text.slice(start, end);
  const found = [...line.matchAll(/-?\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/g)];
  const chosen = found[rng.integer(Math.max(1, found.length))];
  if (chosen === undefined) return text;
  const from = start + chosen.index;
  const value = VALUES[rng.integer(VALUES.length)] ?? '';
  return text.slice(0, from) + value + text.slice(from + chosen[0].length);
}
