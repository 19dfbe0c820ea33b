/**
 * Yes-or-no options of a query string, read as API servers do (apimachinery runtime/conversion.go):
 * whatever is there and is neither `0` nor `false` means yes, an empty value too.
 */

export type Query = Readonly<Record<string, string>>;

/** Undefined where the query does not say. */
export function readFlag(query: Query | undefined, name: string): boolean | undefined {
  const text = query?.[name];
  return text === undefined ? undefined : text !== '0' && text.toLowerCase() !== 'false';
}

export function hasFlag(query: Query | undefined, name: string): boolean {
  return readFlag(query, name) === true;
}
