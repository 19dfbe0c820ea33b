/**
 * Names that a YAML mapping gives twice. The parser compares each name with all before it, which
 * takes minutes where there are a hundred thousand; so it is told not to, and this looks instead.
 */

import { type Document, isScalar, visit, YAMLParseError } from 'yaml';

/** For `parseDocument`: whoever parses with it asks `repeatedKeys` afterwards. */
export const KEYS_UNCHECKED = { uniqueKeys: false } as const;

/** An error for each name after the first, as the parser itself would make it. */
export function repeatedKeys(document: Document.Parsed): readonly YAMLParseError[] {
  const errors: YAMLParseError[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === '<<') continue;
        const [start = 0, end = 0] = key.range ?? [];
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
