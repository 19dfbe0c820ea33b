/** Names that want to be markup stay names. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml, scriptCode, scriptJson } from '../../../src/report/html/escape.ts';
import { escapeMarkdown } from '../../../src/report/markdown.ts';
import { HOSTILE } from '../reported.ts';

describe('HTML', () => {
  test('leaves no character that could open a tag or end an attribute', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });

  test('keeps what was said', () => {
    expect(escapeHtml(`a < b & "c"`)).toBe('a &lt; b &amp; &quot;c&quot;');
  });
});

describe('JSON in a script element', () => {
  test('cannot end the element, and reads back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = scriptJson({ value, name: HOSTILE });
        expect(text).not.toContain('<');
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ value, name: HOSTILE })));
      }),
    );
  });

  test('writes out line separators', () => {
    expect(scriptJson('\u2028\u2029')).toBe('"\\u2028\\u2029"');
  });
});

test('code cannot end its own element', () => {
  expect(scriptCode('a = "</script>"; b = "<!--"')).toBe('a = "<\\/script>"; b = "<\\!--"');
});

test('Markdown leaves no cell, tag or emphasis to a name', () => {
  expect(escapeMarkdown('a|b\n<img> *c* `d` @e')).toBe('a\\|b \\<img\\> \\*c\\* \\`d\\` \\@e');
});
