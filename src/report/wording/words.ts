/** Where a line of text may be broken. */

/** A number stays with its unit and its sign: `27.5 s`, `3 h 05 min`, `> 600`. */
const BETWEEN_WORDS = /(?<!\b\d[\d.,]*(?= (?:s|min|h|%|[KMGTP]?i?B)(?!\w)))(?<!\d h)(?<![<>]) /;

/** The pieces of a text that stay whole on any surface; one space was between any two. */
export function splitWords(text: string): readonly string[] {
  return text.split(BETWEEN_WORDS);
}
