import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAcknowledgements } from '../../src/compare/nightly/acknowledgements.ts';
import { deepOffset } from '../../src/core/yaml-depth.ts';
import { chooseContext } from '../../src/kube/kubeconfig-files.ts';
import { parseYaml } from '../../src/scenario/yaml-source.ts';
import { parseBody } from '../../src/sim/apiserver/https/body.ts';

const DEEP = {
  brackets: `a: ${'['.repeat(50_000)}${']'.repeat(50_000)}\n`,
  braces: '{"a":'.repeat(50_000),
  dashes: `- ${'- '.repeat(50_000)}x\n`,
  'questions on a line of their own': `a:\n  ${'? '.repeat(50_000)}x\n`,
  lines: Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
};

const BOMB = Array.from({ length: 12 }, (_, i) => {
  const aliases =
    i === 0
      ? 'x'
      : Array(9)
          .fill(`*a${i - 1}`)
          .join();
  return `a${i}: &a${i} [${aliases}]\n`;
}).join('');

describe.each(Object.entries(DEEP))('what is nested too deeply, by %s', (_, text) => {
  test('is found before a parser goes down with it', () => {
    expect(deepOffset(text)).toBeDefined();
  });

  test('is refused in words by whoever reads YAML', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'bench-')), 'kubeconfig');
    writeFileSync(path, text);
    expect(() => chooseContext(path, undefined)).toThrow(/cannot be read/);
    expect(() => parseBody(Buffer.from(text), 'application/yaml', false)).toThrow(/unrecognized/);
    expect(parseAcknowledgements(text, 'ack')).toMatchObject({
      problems: [expect.stringMatching(/^ack:\d+: is nested too deeply$/)],
    });
    expect(parseYaml(text, 'file')).toMatchObject([{ message: expect.stringMatching(/nested/) }]);
  });
});

test('what people write is not too deep, however long it is', () => {
  const steps = '  - clone:\n      image: rhel9\n      sources: [pvc, { a: b }]\n';
  const text = `name: x\nsteps:\n${steps.repeat(10_000)}`;
  expect(deepOffset(text)).toBeUndefined();
  expect(deepOffset('- a\n'.repeat(100_000))).toBeUndefined();
});

test('acknowledgements whose aliases are a bomb are refused in words', () => {
  expect(parseAcknowledgements(BOMB, 'ack')).toEqual({
    kind: 'broken',
    problems: ['ack: its aliases stand for too much: write the repeated values out'],
  });
});
