/**
 * One study from folders of it, whoever made which of its runs: pods of a Job, machines that shared
 * it. The list of the runs comes from the index, not from what is there, so a run that nobody made
 * is missing in the answer and not merely absent.
 */

import { readFileSync } from 'node:fs';
import {
  loadPath,
  type StudySummary,
  summariseStudy,
  withSensitivities,
} from '../compare/study-summary.ts';
import { UsageError } from '../core/usage-error.ts';
import { type GroupedRun, readGroup, type RunGroup, type StudyFact } from '../record/group.ts';
import { getFilePath, type RunFolder } from '../record/layout.ts';
import { variedFields } from './points.ts';
import { type FoundRun, withFleet } from './pool-study.ts';
import { runFolder, hasFigures, readStudyRun } from './study-runs.ts';

export interface MergedStudy {
  readonly id: string;
  readonly scenario: string;
  readonly summary: StudySummary;
  readonly runs: readonly GroupedRun[];
  /** Runs without figures. */
  readonly missing: number;
}

/** Of the folders of one study, in any order. Throws UsageError. */
export function mergeStudy(paths: readonly string[]): MergedStudy {
  const { index, study } = commonIndex(paths);
  const { id, scenario, runs } = index;
  const vary = variedFields(runs.map(({ set }) => set));
  const path = loadPath(vary);
  const found = runs.map((run): FoundRun => {
    const folder = chosen(paths.map((each) => runFolder(each, scenario, run)));
    return { folder, read: readStudyRun(run, folder, path) };
  });
  const read = found.map((one) => one.read);
  const plain = summariseStudy({ id, scenario, seed: study.seed, vary }, read);
  const summary = study.isSensitivity === true ? withSensitivities(plain) : plain;
  const missing = read.filter(({ figures }) => figures === undefined).length;
  return { id, scenario, runs, summary: withFleet(summary, found), missing };
}

function commonIndex(paths: readonly string[]): {
  readonly index: RunGroup;
  readonly study: StudyFact;
} {
  const [first, ...others] = paths.map((path) => {
    const index = readGroup(path);
    if (index?.study !== undefined) return { path, index, study: index.study };
    throw new UsageError(`${path} is no folder of a study: name results/SCENARIO/STUDY`);
  });
  if (first === undefined) throw new UsageError('name the folder of a study');
  const other = others.find(({ index }) => index.question !== first.index.question);
  if (other !== undefined) {
    throw new UsageError(`${first.path} and ${other.path} are not of one study`);
  }
  if (first.study.until !== undefined) {
    throw new UsageError(
      'a search goes from one run to the next, by one bench study: there is nothing to merge',
    );
  }
  return first;
}

/** The one with figures; where several have some, they have to be the same. Throws UsageError. */
function chosen(folders: readonly RunFolder[]): RunFolder {
  const [only] = folders as readonly [RunFolder, ...RunFolder[]];
  if (folders.length === 1) return only;
  const [first, ...others] = folders.filter(hasFigures);
  if (first === undefined) return only;
  const text = (folder: RunFolder) => readFileSync(getFilePath(folder, 'summary'), 'utf8');
  const other = others.find((each) => text(each) !== text(first));
  if (other === undefined) return first;
  throw new UsageError(`${first.path} and ${other.path} are two runs of one place: keep one`);
}
