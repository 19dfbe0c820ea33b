/** What a person asked for and cannot have: told in a sentence, without a stack. */

/** The message says what was wrong, and what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
