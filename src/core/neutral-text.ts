/**
 * The one function that stands between strings of others (a cluster's, a file's, a user's) and
 * whoever shows them: no character that moves a cursor, reorders a line or ends one, and no line
 * that a CI system takes for a command. What is left can be read by people as it is.
 */

/** Controls but tab and newline, separators of lines, and marks that turn the order of letters. */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/;

const UNSAFE_ALL = new RegExp(UNSAFE, 'g');

/** The colours of our own renderers. */
// oxlint-disable-next-line no-control-regex
const COLOUR = /(\u001b\[[0-9;]*m)/;

/** GitHub's `::error::`, and what Azure and TeamCity read anywhere in a line. */
const COMMAND = /^(\s*):(?=:)|##(?=\[|vso\[|teamcity\[)/gim;

const REPLACEMENT = '\ufffd';

/** Text of others inside a line of ours: harmless characters only. */
export function neutralText(text: string): string {
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, REPLACEMENT) : text;
}

/** Whole lines for a console, which somebody else's log may be; `colours` of ours may stay. */
export function neutralLines(text: string, colours = false): string {
  const safe = colours
    ? text
        .split(COLOUR)
        .map((part, i) => (i % 2 === 1 ? part : neutralText(part)))
        .join('')
    : neutralText(text);
  return safe.replace(COMMAND, (found, space = '') => (found === '##' ? '# #' : `${space}: `));
}

/** JSON as it was written, but for strings that could do harm where they are shown. */
export function parseNeutralJson(text: string): unknown {
  const value: unknown = JSON.parse(withoutMark(text));
  return UNSAFE.test(text) || /\\u[02f]/i.test(text) ? neutralValue(value) : value;
}

/** Editors of some systems put a byte-order mark before what they save. */
export function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function neutralValue(value: unknown): unknown {
  if (typeof value === 'string') return neutralText(value);
  if (Array.isArray(value)) return value.map(neutralValue);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [neutralText(key), neutralValue(each)]),
  );
}
