/** What every command gets: the machine, the console, and a way to say how it ended. */

import type { Console } from './console.ts';
import { type ExitCode, foremost } from './exit-code.ts';
import type { Host } from './host.ts';
import type { OpenTarget } from './setting.ts';

export interface Session {
  readonly host: Host;
  readonly console: Console;
  readonly openTarget: OpenTarget;
  /** May be called several times: the foremost code counts. */
  finish(...codes: readonly ExitCode[]): void;
}

export interface SessionEnd {
  readonly exitCode: ExitCode;
}

export function createSession(
  host: Host,
  console: Console,
  openTarget: OpenTarget,
): Session & SessionEnd {
  const codes: ExitCode[] = [];
  return {
    host,
    console,
    openTarget,
    finish: (...more) => {
      codes.push(...more);
    },
    get exitCode() {
      return foremost(codes);
    },
  };
}

/** The user asked for something that cannot be; the message says what, and what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
