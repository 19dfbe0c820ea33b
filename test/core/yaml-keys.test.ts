/** Long YAML costs what it is long, and a name that stands twice is still found. */

import { expect, test } from 'vitest';
import { parseAcknowledgements } from '../../src/compare/nightly/acknowledgements.ts';
import { locate, parseYaml, type YamlSource } from '../../src/scenario/yaml-source.ts';
import { parseBody } from '../../src/sim/apiserver/https/body.ts';

// Comparing each name with all before it would take many times the runner's patience.
const NAMES = 60_000;

const text = Array.from({ length: NAMES }, (_, n) => `k${n}: 1234567`).join('\n');

test('a scenario of sixty thousand names', () => {
  const source = parseYaml(text, 'x.yaml') as YamlSource;
  for (let n = 0; n < NAMES; n++) {
    expect(locate(source, [`k${n}`], 'key').line === n + 1).toBe(true);
  }
  expect(parseYaml(`${text}\nk5: 1`, 'x.yaml')).toEqual([
    {
      file: 'x.yaml',
      line: NAMES + 1,
      column: 1,
      path: '',
      message: 'duplicate name k5: it stands here twice',
      remedy: 'rename or remove one of them',
    },
  ]);
});

test('a body of as many, and acknowledgements', () => {
  const body = parseBody(Buffer.from(text), 'application/yaml', false);
  expect(Object.keys(body.value as object)).toHaveLength(NAMES);
  const twice = () => parseBody(Buffer.from('a: 1\na: 2'), 'application/yaml', false);
  expect(twice).toThrow('unrecognized');
  expect(parseAcknowledgements('acknowledged: []\nacknowledged: []', 'a.yaml')).toEqual({
    kind: 'broken',
    problems: ['a.yaml:2: Map keys must be unique'],
  });
});

// Each name is written out with all that it holds: two hundred of them took many seconds.
test('a name that is a list or a mapping is refused by all who read', () => {
  const nested = `${'['.repeat(200)}a${']: x'.repeat(200)}`;
  const refused = () => parseBody(Buffer.from(nested), 'application/yaml', false);
  expect(refused).toThrow('unrecognized');
  expect(parseYaml('? { a: b }\n: 1', 'x.yaml')).toMatchObject([
    { line: 1, column: 3, message: 'is no valid YAML: Map keys must not be mappings or lists' },
  ]);
  expect(parseAcknowledgements(nested, 'a.yaml')).toMatchObject({ kind: 'broken' });
});
