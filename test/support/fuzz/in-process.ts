/**
 * Commands in this process, and what of their output no user should see. A command line is parsed
 * once: of what follows, yargs' page of help for each would be the larger part.
 */

import yargs, { type Argv, type CommandModule } from 'yargs';
import { bench } from '../../../src/cli/bench.ts';
import { listCommands } from '../../../src/cli/commands.ts';
import { createScreen } from '../../../src/cli/console.ts';
import { type CommandSession, createSession } from '../../../src/cli/session.ts';
import { studyMergeCommand } from '../../../src/cli/study-merge-command.ts';
import { openTarget } from '../../../src/cli/target.ts';
import { explainDisk } from '../../../src/core/disk-trouble.ts';
import { systemClock } from '../../../src/core/system-clock.ts';
import { UsageError } from '../../../src/core/usage-error.ts';
import type { Host } from '../../../src/run/host.ts';
import { createKernel } from '../../../src/sim/kernel/kernel.ts';

type Arguments = Record<string, unknown>;

type Command = CommandModule<object, Arguments>;

export interface Ended {
  /** What went wrong; undefined where all was well. */
  readonly fault: string | undefined;
  readonly code: number | undefined;
  readonly text: string;
}

/** As from a shell. */
export async function runWhole(argv: readonly string[]): Promise<Ended> {
  const { host, text } = makeHost(argv);
  let code: number | undefined;
  const thrown = await thrownBy(async () => {
    code = await bench(host, openTarget);
  });
  return { fault: thrown ?? textFault(argv, text()), code, text: text() };
}

/** Without the reading of its words. */
export async function commandFault(argv: readonly string[]): Promise<string | undefined> {
  const { host, text } = makeHost(argv);
  const session = createSession(host, createScreen(host), openTarget);
  const { command, words } = await commandOf(session);
  const args = await parsedOnce(command, words);
  const thrown = await thrownBy(async () => command.handler({ ...args, _: [], $0: '' }));
  session.release();
  return thrown ?? textFault(argv, text());
}

interface Named {
  readonly command: Command;
  /** From its own name on. */
  readonly words: readonly string[];
}

async function commandOf(session: CommandSession): Promise<Named> {
  const { argv } = session.host;
  const [name, ...words] = argv;
  if (name === 'study' && words[0] === 'merge') {
    return { command: studyMergeCommand(session) as unknown as Command, words };
  }
  const listed = await listCommands(session);
  const found = listed.find(({ command }) => String(command).split(' ')[0] === name);
  if (found === undefined) throw new Error(`no such command: ${argv.join(' ')}`);
  return { command: found as Command, words: argv };
}

const parsed = new Map<string, Promise<Arguments>>();

function parsedOnce(command: Command, argv: readonly string[]): Promise<Arguments> {
  const key = argv.join('\0');
  const known = parsed.get(key) ?? parse(command, argv);
  parsed.set(key, known);
  return known;
}

async function parse({ command, builder }: Command, argv: readonly string[]): Promise<Arguments> {
  const found: Arguments[] = [];
  const build = builder as (own: Argv) => Argv<Arguments>;
  await yargs([...argv])
    .command(command as string, '', build, (args) => void found.push(args))
    .parserConfiguration({ 'dot-notation': false })
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .parseAsync();
  return found[0] ?? {};
}

async function thrownBy(command: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await command();
    return undefined;
  } catch (error) {
    if (error instanceof UsageError || explainDisk(error) !== undefined) return undefined;
    return (error as Error).stack?.split('\n').slice(0, 4).join(' | ') ?? String(error);
  }
}

/** A cluster is told to end when it has served for so long. */
const SERVED_MS = 5;

function makeHost(argv: readonly string[]): { readonly host: Host; text(): string } {
  const texts: string[] = [];
  const isServed = argv[0] === 'cluster';
  const output = { isTty: false, columns: 100, write: (text: string) => void texts.push(text) };
  const host: Host = {
    argv,
    env: {},
    version: '0.0.0-fuzz',
    out: output,
    err: output,
    clock: isServed ? systemClock() : createKernel(),
    interrupt: isServed ? AbortSignal.timeout(SERVED_MS) : new AbortController().signal,
    ask: async () => undefined,
    launch: async (more) => {
      const { code, fault } = await runWhole(more);
      return { code: code ?? 1, lastWords: fault ?? '' };
    },
    facts: () => ({ bench: '0', node: '0', platform: 'test', cpus: 1, memoryBytes: 1 }),
    rssMaxBytes: () => 1,
  };
  return { host, text: () => texts.join('') };
}

function textFault([name]: readonly string[], text: string): string | undefined {
  const stack =
    /\n\s+at .*:\d+:\d+/.exec(text)?.[0] ??
    /defect in run|broken invariant|\bdefect: /.exec(text)?.[0];
  if (stack !== undefined) return `${stack.trim()} | ${text.slice(0, 300)}`;
  // Elsewhere it may be the damage that is quoted.
  if (name !== 'export') return undefined;
  const number = /[^\w"'.-](?:NaN|-?Infinity)\b/.exec(text);
  return number === null
    ? undefined
    : `a figure that is none: ${text.slice(number.index - 60, number.index + 20)}`;
}
