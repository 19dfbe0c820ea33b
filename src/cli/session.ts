/** One command line at work: which runs it holds, and which of its exit codes counts. */

import { type ExitCode, foremost } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Host } from '../run/host.ts';
import { createRunHolds, heldText } from '../run/run-holds.ts';
import type { Screen, Session } from '../run/session.ts';
import type { OpenTarget } from '../run/setting.ts';

export interface CommandSession extends Session {
  readonly exitCode: ExitCode;
  /** Lets go of the runs. */
  release(): void;
}

export function createSession(host: Host, screen: Screen, openTarget: OpenTarget): CommandSession {
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
