/**
 * What one pod of a study makes: the lane of its index, by the same run-or-resume as the local
 * runner. A run that ended badly is a finding, which is in the folder and which making it again
 * would only find once more; so the pod is a success. What a pod should be started again for is a
 * run of which there is nothing to read.
 */

import { EXIT } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Bucket } from '../bucket/bucket.ts';
import { type GroupedRun, groupText } from '../record/group.ts';
import type { Session } from '../run/session.ts';
import { makeLanes } from './lanes.ts';
import { keptAt, readFailureNote, readMade, shareKeptIndex } from './kept-study.ts';
import { makeKeptRun } from './make-kept-run.ts';
import { makeRun, type RunCommands } from './make-run.ts';
import type { OpenStudy } from './open-study.ts';
import { claimFolder, indexOf, shareIndex } from './study-index.ts';
import { hasFigures, readFailure, runFolder } from './study-runs.ts';

export interface MadeLane {
  /** Of each run that was not there already. */
  readonly codes: readonly number[];
  /** Runs of which there is nothing to read, and of which there may be if it is tried again. */
  readonly toRepeat: number;
}

/** The lanes of a study, one for each index of a Job. Throws UsageError for a search. */
export function studyLanes(
  { asked, course }: OpenStudy,
  commands: RunCommands,
): readonly (readonly GroupedRun[])[] {
  if (asked.search !== undefined) {
    throw new UsageError('a search goes from one run to the next: bench study FILE makes it');
  }
  return makeLanes(course.next([]), commands.laneOf);
}

export interface LaneOptions {
  readonly commands: RunCommands;
  readonly index: number;
  /** Where the results are kept, if the disk here goes with the pod. */
  readonly bucket: Bucket | undefined;
}

/**
 * Throws UsageError where there is no such index, or another study has the folder, and BucketError.
 */
export async function makeLane(
  session: Session,
  study: OpenStudy,
  { commands, index, bucket }: LaneOptions,
): Promise<MadeLane> {
  const { screen, host } = session;
  const lanes = studyLanes(study, commands);
  const lane = lanes[index];
  if (lane === undefined) {
    throw new UsageError(`--index ${index}: the study has 0 to ${lanes.length - 1}`);
  }
  claimFolder(study);
  const runs = study.course.next([]);
  shareIndex(study, runs);
  const kept = bucket && keptAt(study, bucket);
  if (kept !== undefined) await shareKeptIndex(kept, study, groupText(indexOf(study, runs)));
  const codes: number[] = [];
  let toRepeat = 0;
  for (const run of lane) {
    const folder = runFolder(study.path, study.scenario.name, run);
    const { code, isDone } =
      kept === undefined
        ? await makeRun(session, commands, run, folder)
        : await makeKeptRun(session, commands, kept, run, folder);
    if (host.interrupt.aborted) break;
    codes.push(code);
    if (!isDone && code !== EXIT.usage) toRepeat += 1;
    screen.tell(`study: ${run.run} ${isDone ? 'is made' : `gave no figures (${code})`}`);
  }
  return { codes, toRepeat };
}

/**
 * Whether each run of the study has come to an end, so that whoever made the last one can merge.
 * What is not there yet is mostly the last of the index, so that is where to look first.
 */
export async function hasEnded(study: OpenStudy, bucket: Bucket | undefined): Promise<boolean> {
  const kept = bucket && keptAt(study, bucket);
  for (const run of study.course.next([]).toReversed()) {
    const folder = runFolder(study.path, study.scenario.name, run);
    const ending =
      kept === undefined
        ? hasFigures(folder) || readFailure(folder)
        : ((await readMade(kept, run.run)) ?? (await readFailureNote(kept, run.run)));
    if (!ending) return false;
  }
  return true;
}
