/**
 * Runs that this command works on, held so that no other command does: two that drive, clean up or
 * judge one run at the same time would each spoil what the other measures.
 */

import type { RunFolder } from '../record/layout.ts';
import {
  readHolder,
  type LockHolder,
  lockRun,
  RENEW_EVERY_US,
  type RunLock,
  SILENT_US,
} from '../record/run-lock.ts';
import { formatDuration } from '../core/duration.ts';
import { isRunning, thisProcess } from '../core/process-identity.ts';
import { rfc3339 } from '../core/time-text.ts';
import type { Screen } from './session.ts';
import type { Host } from './host.ts';

export interface RunHolds {
  /** Until the command is over; undefined, or who has the run already. */
  hold(folder: RunFolder): LockHolder | undefined;
  release(): void;
}

export function createRunHolds({ clock, argv }: Host, { tell }: Screen): RunHolds {
  const releases: (() => void)[] = [];
  return {
    hold(folder) {
      const wallUs = clock.wallUs();
      const doing = `bench ${argv[0] ?? ''}`.trim();
      const self = { ...thisProcess(), doing, since: rfc3339(wallUs) };
      const locked = lockRun(folder, self, wallUs);
      switch (locked.kind) {
        case 'held':
          return locked.holder;
        case 'locked':
          releases.push(kept(locked.lock, clock));
          return undefined;
        case 'unwritable':
          tell(`bench: run ${folder.runId} cannot be locked (${locked.message}): use it alone`);
          return readHolder(folder, wallUs);
      }
    },
    release() {
      for (const release of releases.splice(0)) release();
    },
  };
}

/** The sentence for whoever wanted the run. */
export function heldText({ runId }: RunFolder, holder: LockHolder): string {
  const { pid, host, doing, since } = holder;
  // Whether a process of another machine or container lives, only its silence can tell.
  const isElsewhere = isRunning(holder) === undefined;
  const silence = isElsewhere
    ? `; ${formatDuration(SILENT_US)} after its last sign it is free`
    : '';
  return (
    `run ${runId} is under way: ${doing}, process ${pid} on ${host}, since ${since}; ` +
    `wait for it, or stop it there${silence}`
  );
}

function kept(lock: RunLock, clock: Host['clock']): () => void {
  let cancel = () => {};
  const renewLater = () => {
    cancel = clock.schedule(RENEW_EVERY_US, renew, { kind: 'background' });
  };
  const renew = () => {
    lock.renew();
    renewLater();
  };
  renewLater();
  return () => {
    cancel();
    lock.release();
  };
}
