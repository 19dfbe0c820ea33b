/** Values of constants as texts that lose nothing: they can be compared, and read back. */

import { formatQuantity, parseBytes } from '../core/bytes.ts';
import { formatDuration, parseDuration } from '../core/duration.ts';
import type { Parameter } from './definition.ts';

/** `value` in the parameter's inner unit; the text has no unit but for durations and bytes. */
export function exactText({ type }: Pick<Parameter, 'type'>, value: number): string {
  if (type === 'duration') return exactDuration(value);
  return type === 'bytes' ? exactBytes(value) : String(value);
}

export function exactBytes(bytes: number): string {
  const text = formatQuantity(bytes);
  return parseBytes(text) === bytes ? text : String(bytes);
}

/** Texts for people round; a text that is compared may not, or a small change would not show. */
function exactDuration(valueUs: number): string {
  const text = formatDuration(valueUs);
  return parseDuration(text) === valueUs ? text : `${valueUs}us`;
}
