/** A command but for its name and what it says of itself (commands.ts). */

import type { ArgumentsCamelCase, Argv } from 'yargs';

export interface CommandBody<Args = object> {
  readonly builder: (yargs: Argv) => unknown;
  // A method, since only its own builder knows what it is given.
  handler(args: ArgumentsCamelCase<Args>): void | Promise<void>;
}
