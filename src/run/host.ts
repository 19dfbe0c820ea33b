/** The machine as the commands see it: main.ts passes it in, tests pass one of their own. */

import type { Clock } from '../core/clock.ts';
import type { HostFact } from '../record/manifest.ts';

export interface Host {
  /** Without the interpreter and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly out: Output;
  readonly err: Output;
  /** Wall-clock time; never the time of a measurement. */
  readonly clock: Clock;
  /** Aborted by the first SIGINT or SIGTERM, with the signal's name as the reason. */
  readonly interrupt: AbortSignal;
  /** A line of answer from a person; undefined where nobody can be asked. */
  ask(question: string): Promise<string | undefined>;
  facts(): HostFact;
  /**
   * Runs another command line of bench in a process of its own; signals end both, and `cut` that
   * one alone, as if it had been killed.
   */
  launch(argv: readonly string[], cut?: AbortSignal): Promise<Launched>;
  /** The most memory that the process ever held. */
  rssMaxBytes(): number;
}

export interface Launched {
  readonly code: number;
  /** The last that it said on stderr, with its remedy. */
  readonly lastWords: string;
}

/** What Node ends a crash with, below the error and its stack. */
const CRASH = /^Node\.js v\d/;

/** The last line of a text; a remedy with the line that it is for; of a crash, the error. */
export function lastWords(text: string): string {
  const lines = text.trim().split('\n');
  const last = lines.at(-1) ?? '';
  if (CRASH.test(last)) return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? last;
  const isRemedy = lines.at(-1)?.trimStart().startsWith('-> ') ?? false;
  return lines
    .slice(isRemedy ? -2 : -1)
    .map((each) => each.trim())
    .join(' ');
}

export interface Output {
  readonly isTty: boolean;
  readonly columns: number;
  write(text: string): void;
}
