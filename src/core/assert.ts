/**
 * Broken invariants: conditions that only a defect in bench itself can cause.
 * They crash with a stack; bad input and bad clusters never come this way.
 */

export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

/** Throws BrokenInvariant with `message` unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BrokenInvariant(message);
}

/** Closes a switch over a discriminated union: the compiler proves it is never reached. */
export function unreachable(value: never): never {
  throw new BrokenInvariant(`unreachable value: ${JSON.stringify(value)}`);
}

/** The value, which a defect alone could have left undefined. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new BrokenInvariant(`${what} is absent`);
  return value;
}
