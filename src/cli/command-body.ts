/** A command but for its name and what it says of itself (commands.ts). */

import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { CommandSession } from './session.ts';

export interface CommandBody<Args = object> {
  readonly builder: (yargs: Argv) => unknown;
  // A method, since only its own builder knows what it is given.
  handler(args: ArgumentsCamelCase<Args>): void | Promise<void>;
}

/**
 * The command, awaited by its session: for one that answers with a promise yargs lays out the whole
 * page of help beforehand, which takes longer than some commands do.
 */
export function begun<Args>(
  session: CommandSession,
  command: CommandModule<object, Args>,
): CommandModule<object, Args> {
  return { ...command, handler: (args) => session.begin(command.handler(args)) };
}
