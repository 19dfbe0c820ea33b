/** The beginning of a text that may be of any length. */

/** At most `most` characters, the last one an ellipsis where something is left out. */
export function excerpt(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
