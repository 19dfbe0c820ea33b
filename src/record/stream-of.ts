/** Gaps name the stream that was interrupted, objects their kind. */

/** The plural by which `gap` entries name the stream of a kind; holds for all that are watched. */
export function streamOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}
