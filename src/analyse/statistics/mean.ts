/**
 * The mean by a plain sum. The one of simple-statistics carries the rounding along: it is another
 * in the last digits, and figures of a seed stay as they are.
 */

/** Not a number where there are no values. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}
