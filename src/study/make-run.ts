/**
 * Run or resume: one run of a study, by a process of its own. The one primitive of the local runner
 * and of a pod: what is there and whole is left, what was cut off goes on, all else is made.
 * Simulated runs are made anew, since they come out the same.
 */

import { existsSync, rmSync } from 'node:fs';
import { SECOND } from '../core/duration.ts';
import { EXIT } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import type { GroupedRun } from '../record/group.ts';
import { getFilePath, type RunFolder } from '../record/layout.ts';
import { isRunning } from '../core/process-identity.ts';
import { readManifest } from '../record/manifest.ts';
import { readHolder, SILENT_US } from '../record/run-lock.ts';
import { heldText } from '../run/run-holds.ts';
import type { Launched } from '../run/host.ts';
import type { Session } from '../run/session.ts';
import { hasFigures, isLeftBehind, isWhole, writeFailure } from './study-runs.ts';

export interface RunCommands {
  /** Runs of one lane disturb each other; undefined where the run has a cluster of its own. */
  laneOf(run: GroupedRun): string | undefined;
  /** The command lines; the last line on stderr is the reason where one fails. */
  run(run: GroupedRun): readonly string[];
  resume(run: GroupedRun, folder: RunFolder): readonly string[];
}

export interface MadeRun {
  readonly isDone: boolean;
  /** Of the process; 0 where the run was there already. */
  readonly code: number;
}

/** Throws UsageError where another process works on the run. */
export async function makeRun(
  session: Session,
  commands: RunCommands,
  run: GroupedRun,
  folder: RunFolder,
): Promise<MadeRun> {
  const { host, screen } = session;
  if (isWhole(folder)) return { isDone: true, code: EXIT.ok };
  await refuseHeld(session, folder);
  let last: Launched = { code: EXIT.error, lastWords: '' };
  // What was cut off may come to no figures, and is begun anew.
  for (const command of [resuming, beginning]) {
    const argv = command(commands, run, folder);
    if (argv === undefined) continue;
    if (host.interrupt.aborted) return { isDone: false, code: EXIT.error };
    last = await host.launch(argv);
  }
  const { code, lastWords } = last;
  const isDone = hasFigures(folder);
  const isCutOff = host.interrupt.aborted;
  const failure = isDone || isCutOff ? undefined : `${run.run} ended with ${code}: ${lastWords}`;
  writeFailure(folder, failure);
  if (isDone && !isCutOff && isLeftBehind(folder)) {
    screen.tell(`study: ${run.run}: what it made is not all removed: ${lastWords}`);
  }
  return { isDone, code };
}

type Command = (
  commands: RunCommands,
  run: GroupedRun,
  folder: RunFolder,
) => readonly string[] | undefined;

/** A cluster that runs have to share outlives the process, and holds what a run had made. */
const resuming: Command = (commands, run, folder) =>
  isOpen(commands, run, folder) ? commands.resume(run, folder) : undefined;

const beginning: Command = (commands, run, folder) => {
  if (hasFigures(folder) || isOpen(commands, run, folder)) return undefined;
  rmSync(folder.path, { recursive: true, force: true });
  return commands.run(run);
};

/** Cut off as it measured, or before what it had made was removed. */
function isOpen({ laneOf }: RunCommands, run: GroupedRun, folder: RunFolder): boolean {
  if (laneOf(run) === undefined || !existsSync(getFilePath(folder, 'history'))) return false;
  return (
    readManifest(getFilePath(folder, 'manifest'))?.cleaned === undefined || isLeftBehind(folder)
  );
}

/** A run ends with the study that makes it, as soon as it hears of that. */
const ORPHAN_US = 20 * SECOND;
const LOOK_US = SECOND / 2;

/** Waits for a process that a killed study or pod left behind; refuses where one goes on. */
async function refuseHeld({ host, screen }: Session, folder: RunFolder): Promise<void> {
  for (let look = 0; ; look++) {
    const holder = readHolder(folder, host.clock.wallUs());
    if (holder === undefined || host.interrupt.aborted) return;
    if (look === 0) screen.tell(`study: waiting for process ${holder.pid}, at ${folder.runId}`);
    // Of a pod on another node only its silence can be told.
    const patienceUs = isRunning(holder) === undefined ? SILENT_US + ORPHAN_US : ORPHAN_US;
    if (look * LOOK_US > patienceUs) throw new UsageError(heldText(folder, holder));
    await host.clock.sleep(LOOK_US, { signal: host.interrupt });
  }
}
