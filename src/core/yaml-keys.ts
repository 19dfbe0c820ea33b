/**
 * Names that a YAML mapping gives twice, or that are mappings or lists: as text each is written
 * out with all that it holds, and again by each name around it. The parser compares each name
 * with all before it, which takes minutes where there are a hundred thousand; so it is told not
 * to, and this looks instead.
 */

import {
  type Document,
  isCollection,
  isNode,
  isScalar,
  type Node,
  visit,
  YAMLParseError,
} from 'yaml';

/** For `parseDocument`: whoever parses with it asks `keyErrors` afterwards. */
export const KEYS_UNCHECKED = { uniqueKeys: false } as const;

const COLLECTION = 'Map keys must not be mappings or lists';

/**
 * An error for each name after the first, and each that is no text, as of the parser itself; none
 * for names that somebody else has better words for.
 */
export function keyErrors(
  document: Document.Parsed,
  isKnown: (key: Node) => boolean = () => false,
): readonly YAMLParseError[] {
  const errors: YAMLParseError[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const [start = 0, end = 0] = (isNode(key) && key.range) || [];
        if (isCollection(key) && !isKnown(key)) {
          errors.push(new YAMLParseError([start, end], 'UNEXPECTED_TOKEN', COLLECTION));
        }
        if (!isScalar(key) || key.value === '<<') continue;
        const message = 'Map keys must be unique';
        if (seen.has(key.value)) {
          errors.push(new YAMLParseError([start, end], 'DUPLICATE_KEY', message));
        }
        seen.add(key.value);
      }
    },
  });
  return errors;
}
