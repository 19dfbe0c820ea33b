/** One hostile string for every surface, and what must not come of it. */

import { expect } from 'vitest';

/** Window title, erased screen, a line of a CI system, turned letters, C1, markup, a formula. */
export const HOSTILE =
  '=cmd|\u001b]0;owned\u0007\u001b[2J\r\n::error::owned\n##vso[task.complete]\u202e\u0085' +
  '<script>"]]>&owned;[x](javascript:owned)|`';

// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

export function expectReadable(text: string): void {
  expect(UNSAFE.exec(text)?.index).toBeUndefined();
}

/** On a console, which may be the log of a job. */
export function expectHarmless(text: string): void {
  expectReadable(text);
  expect(text).not.toMatch(/^\s*::error::owned/m);
  expect(text).not.toContain('##vso[');
}

/** In markup: no element, no entity and no end of a section of the string's own. */
export function expectEscaped(markup: string): void {
  expectReadable(markup);
  expect(markup).not.toMatch(/<script>"|&owned;|"\]\]>&/);
}

/** In Markdown, where a line may also begin a table or a link. */
export function expectPlainMarkdown(text: string): void {
  expectReadable(text);
  expect(text).not.toMatch(/(^|[^\\])<script>/);
  expect(text).not.toMatch(/(^|[^\\])\[x\]\(javascript/);
}
