/** What every command gets: the machine, the screen, and a way to say how it ended. */

import type { RunFolder } from '../record/layout.ts';
import type { Screen } from './console.ts';
import { type ExitCode, foremost } from './exit-code.ts';
import type { Host } from './host.ts';
import { createRunHolds, heldText } from './run-holds.ts';
import type { OpenTarget } from './setting.ts';

export interface Session {
  readonly host: Host;
  readonly screen: Screen;
  readonly openTarget: OpenTarget;
  /** May be called several times: the foremost code counts. */
  finish(...codes: readonly ExitCode[]): void;
  /** Keeps all other commands off a run until this one is over; throws where one is at it. */
  hold(folder: RunFolder): void;
}

export interface SessionEnd {
  readonly exitCode: ExitCode;
  /** Lets go of the runs. */
  release(): void;
}

export function createSession(
  host: Host,
  screen: Screen,
  openTarget: OpenTarget,
): Session & SessionEnd {
  const codes: ExitCode[] = [];
  const holds = createRunHolds(host, screen);
  return {
    host,
    screen,
    openTarget,
    finish: (...more) => {
      codes.push(...more);
    },
    hold(folder) {
      const holder = holds.hold(folder);
      if (holder !== undefined) throw new UsageError(heldText(folder, holder));
    },
    release: holds.release,
    get exitCode() {
      return foremost(codes);
    },
  };
}

/** The user asked for something that cannot be; the message says what, and what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
