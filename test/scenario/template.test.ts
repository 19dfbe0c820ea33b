/** Templates as functions of the index: what is substituted, what keeps its type, what is shared. */

import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { splitSegments } from '../../src/scenario/placeholder.ts';
import { at, compileTemplate } from '../../src/scenario/template.ts';

const RUN = { namespace: 'ns', runId: 'run-1' };

function compiled(tree: unknown, values: Record<string, unknown> = {}) {
  return compileTemplate({ key: 'vm', tree, values }, RUN);
}

test('a placeholder that is the whole scalar keeps the type of its value', () => {
  const tree = { spec: { a: '{{index}}', b: 'n-{{index}}', c: '{{modes}}', d: '{{ size }}' } };
  const { manifest } = compiled(tree, { modes: ['ReadWriteMany'], size: 4 });
  expect(at(manifest(7), 'spec')).toEqual({ a: 7, b: 'n-7', c: ['ReadWriteMany'], d: 4 });
});

test('below metadata everything is text', () => {
  const tree = { metadata: { name: 'x-{{index}}', labels: { number: '{{index}}' } } };
  expect(at(compiled(tree).manifest(3), 'metadata', 'labels')).toEqual({ number: '3' });
});

test('values cannot change the structure', () => {
  const evil = 'a"}, x: {y: # {{index}} <b>&';
  const { manifest } = compiled({ spec: { value: 'v {{evil}}' } }, { evil });
  expect(at(manifest(1), 'spec')).toEqual({ value: `v ${evil}` });
});

test('field names are substituted too', () => {
  const { manifest } = compiled({ spec: { 'k-{{index}}': 1, fixed: 2 } });
  expect(at(manifest(5), 'spec')).toEqual({ 'k-5': 1, fixed: 2 });
});

test('the name is the rendered name, or the key and the index', () => {
  const other = compiled({ metadata: { name: 'win-{{index}}' }, spec: { of: 'disk-of-{{name}}' } });
  expect([other.name(2), at(other.manifest(2), 'spec', 'of')]).toEqual(['win-2', 'disk-of-win-2']);
  const unnamed = compiled({ spec: { of: '{{name}}' } });
  expect(unnamed.manifest(2)).toEqual({ spec: { of: 'vm-2' }, metadata: { name: 'vm-2' } });
});

test('an image in the run lives in its namespace', () => {
  const tree = { spec: { where: '{{imageNamespace}}' } };
  expect(at(compiled(tree, { imageNamespace: null }).manifest(1), 'spec', 'where')).toBe('ns');
  expect(at(compiled(tree, { imageNamespace: 'gold' }).manifest(1), 'spec', 'where')).toBe('gold');
});

test('what does not depend on the index is one frozen object in all manifests', () => {
  const tree = { spec: { fixed: { list: [{ a: 1 }], where: '{{namespace}}' }, n: '{{index}}' } };
  const { manifest } = compiled(tree);
  const [one, two] = [manifest(1), manifest(2)];
  expect(at(one, 'spec', 'fixed')).toBe(at(two, 'spec', 'fixed'));
  expect(at(one, 'spec')).not.toBe(at(two, 'spec'));
  expect([one, at(one, 'spec'), at(one, 'spec', 'fixed', 'list', 0)].every(Object.isFrozen)).toBe(
    true,
  );
});

test("the article's template becomes what its sed command makes of it", () => {
  const text = readFileSync('scenarios/templates/vm-2-disk-template.yaml', 'utf8');
  const { manifest } = compiled(parse(text));
  for (const index of [1, 17, 1000]) {
    expect(manifest(index)).toEqual(parse(text.replaceAll('placeholder', String(index))));
  }
  expect(compiled(parse(text)).diskNames(17)).toEqual(['root-17', 'data-17']);
});

test('a tree without placeholders is rendered as itself', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes('{{'));
      const tree = { metadata: { name: 'fixed' }, spec: value };
      expect(compiled(tree).manifest(1)).toBe(tree);
    }),
  );
});

test('a field may be called as a member that every object has', () => {
  const spec = JSON.parse('{ "__proto__": 0, "constructor": "c-{{index}}" }');
  const text = JSON.stringify(compiled({ metadata: { name: 'fixed' }, spec }).manifest(7));
  expect(JSON.parse(text).spec).toEqual(JSON.parse('{ "__proto__": 0, "constructor": "c-7" }'));
  expect(text).toContain('"__proto__":0');
  const moving = JSON.parse('{ "__proto__": "p-{{index}}" }');
  const rendered = compiled({ metadata: { name: 'fixed' }, spec: moving }).manifest(7);
  expect(JSON.stringify(rendered)).toContain('"__proto__":"p-7"');
});

test('segments put together again are the text', () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('{{index}}', '{{name}}', 'placeholder'));
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      fc.pre(!/\{\{\s|\s\}\}/.test(text));
      const again = splitSegments(text.replaceAll('placeholder', '{{index}}')).map((segment) =>
        typeof segment === 'string' ? segment : `{{${segment.name}}}`,
      );
      expect(again.join('')).toBe(text.replaceAll('placeholder', '{{index}}'));
    }),
  );
});
