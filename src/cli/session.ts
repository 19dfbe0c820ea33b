/** What every command gets: the machine, the screen, and a way to say how it ended. */

import type { Screen } from './console.ts';
import { type ExitCode, foremost } from './exit-code.ts';
import type { Host } from './host.ts';
import type { OpenTarget } from './setting.ts';

export interface Session {
  readonly host: Host;
  readonly screen: Screen;
  readonly openTarget: OpenTarget;
  /** May be called several times: the foremost code counts. */
  finish(...codes: readonly ExitCode[]): void;
}

export interface SessionEnd {
  readonly exitCode: ExitCode;
}

export function createSession(
  host: Host,
  screen: Screen,
  openTarget: OpenTarget,
): Session & SessionEnd {
  const codes: ExitCode[] = [];
  return {
    host,
    screen,
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
