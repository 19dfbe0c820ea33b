/**
 * Warnings that a server sends along with an answer: `299 - "text"`, several with commas between
 * them (RFC 7234 section 5.5). Commas and escaped quotes are part of the text.
 */

const WARNING = /\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g;

/** The texts, each once, in order. */
export function readWarnings(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  const texts = [...header.matchAll(WARNING)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  );
  return [...new Set(texts)];
}
