/**
 * What stands between a name that somebody chose and our markup. Everything that is not a literal
 * of ours goes through here.
 */

import { neutralText } from '../../core/neutral-text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as element content or as a quoted attribute value. */
export function escapeHtml(text: string): string {
  return neutralText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/**
 * A value as JSON inside a script element: no `<` can end the element or open a comment, and the
 * line separators that old JavaScript took for line ends are written out.
 */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
}

/** Our own and our libraries' code inside a script element. */
export function scriptCode(code: string): string {
  return code.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');
}
