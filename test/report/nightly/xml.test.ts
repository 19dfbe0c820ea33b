import { expect, test } from 'vitest';
import { element, xmlDocument } from '../../../src/report/nightly/xml.ts';

test('what stands for markup is written as text, in attributes and between elements', () => {
  const nasty = `a & b < c > d "e"`;
  const escaped = 'a &amp; b &lt; c &gt; d &quot;e&quot;';
  const child = element('child', { name: nasty }, [nasty]);
  expect(xmlDocument(element('root', {}, [nasty, child]))).toBe(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<root>',
      escaped,
      `  <child name="${escaped}">${escaped}</child>`,
      '</root>',
      '',
    ].join('\n'),
  );
});

test('what XML does not allow is replaced', () => {
  const text = xmlDocument(element('root', {}, ['a\u0000b\u001bc\ufffed\ud800e']));
  expect(text).toContain('<root>a\ufffdb\ufffdc\ufffdd\ufffde</root>');
});
