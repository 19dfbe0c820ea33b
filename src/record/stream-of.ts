/** Gaps name the stream that was interrupted, objects their kind. */

/** The plural by which `gap` entries name the stream of a kind; holds for all that are watched. */
export function getStreamName(kind: string): string {
  return `${kind.toLowerCase()}s`;
}
