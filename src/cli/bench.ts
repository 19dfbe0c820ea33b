/** The command line: which commands there are, and what becomes of wrong usage. */

import yargs, { type Argv, type CommandModule } from 'yargs';
import { listCommands } from './commands.ts';
import { createScreen } from './console.ts';
import { explainDisk, isDiskFull } from '../core/disk-trouble.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import type { Host } from '../run/host.ts';
import { nearest } from '../scenario/suggest.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Screen } from '../run/session.ts';
import type { OpenTarget } from '../run/setting.ts';
import { type CommandSession, createSession } from './session.ts';

const EXIT_CODES = `Exit codes: 0 ok; 1 error; 2 regression; 3 insufficient or invalid data;
4 SLO missed; 5 run incomplete; 64 bad usage or bad scenario; 130, 143 interrupted`;

/** Runs one command line; resolves with the exit code, and rejects with defects of bench only. */
export async function bench(host: Host, openTarget: OpenTarget): Promise<ExitCode> {
  const screen = createScreen(host);
  const session = createSession(host, screen, openTarget);
  try {
    const commands = await listCommands(session);
    await createParser(session, commands).parseAsync(
      [...host.argv],
      {},
      (_error, _args, output) => {
        if (output !== '') screen.print(`${output}\n`);
      },
    );
  } catch (error) {
    const disk = explainDisk(error);
    if (disk !== undefined) {
      screen.tell(`bench: ${disk}: choose another folder, or make room there`);
      return isDiskFull(error) ? EXIT.error : EXIT.usage;
    }
    if (!(error instanceof UsageError)) throw error;
    screen.tell(`bench: ${error.message}`);
    screen.tell("Try 'bench --help'.");
    return EXIT.usage;
  } finally {
    session.release();
  }
  return session.exitCode;
}

function createParser({ host, screen }: CommandSession, commands: readonly CommandModule[]): Argv {
  const parser = yargs();
  // The page of help is laid out before each command; to measure its words takes longest.
  const isShown = ['--help', 'help'].some((word) => host.argv.includes(word));
  const width = isShown ? getWidth(screen) : null;
  return parser
    .scriptName('bench')
    .usage('$0 <command>\n\nHow long do clones and boots of virtual machines take, at scale?')
    .command([...commands])
    .parserConfiguration({ 'dot-notation': false })
    .strict()
    .recommendCommands()
    .demandCommand(1, 'which command?')
    .help()
    .version(host.version)
    .wrap(width)
    .epilogue(EXIT_CODES)
    .exitProcess(false)
    .fail((message, error) => {
      // What yargs or a coercion refuses comes as YError; anything else is not about usage.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new UsageError(helpfulMessage(message, listOptions(parser), host.argv));
    });
}

/** Options that are known where parsing stopped. */
function listOptions(parser: Argv): readonly string[] {
  const { key } = (
    parser as unknown as { getOptions(): { key: Record<string, unknown> } }
  ).getOptions();
  return Object.keys(key);
}

/** What yargs says, with what was probably meant; a slip of the pen before what it leaves out. */
function helpfulMessage(
  message: string,
  known: readonly string[],
  argv: readonly string[],
): string {
  const missing = /^Missing required arguments?: (.*)/.exec(message)?.[1]?.split(', ');
  for (const word of missing === undefined ? [] : argv) {
    const name = /^--([^=]+)/.exec(word)?.[1];
    const near = name === undefined || known.includes(name) ? undefined : nearest(name, known);
    if (near && missing?.includes(near)) {
      return `Unknown argument: ${name}. Did you mean --${near}?`;
    }
  }
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/.exec(message)?.[1];
  if (unknown !== undefined) {
    const hints = unknown.split(', ').flatMap((word) => {
      const near = nearest(word, known);
      return near === undefined ? [] : [`--${near}`];
    });
    return hints.length === 0 ? message : `${message}. Did you mean ${hints.join(', ')}?`;
  }
  if (!message.startsWith('Not enough non-option arguments')) return message;
  return 'the command needs something to work on, a SCENARIO or a RUN; its --help says which';
}

function getWidth({ out }: Screen): number {
  return Math.min(100, Math.max(60, out.columns));
}
