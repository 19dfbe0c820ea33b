/**
 * The runs of a study as its folder holds them: what was made, what gave no figures, what is
 * missing. A run that failed before it had a folder leaves a note beside where its folder would be,
 * so that a merge can name the reason; being missing is another.
 */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Summary } from '../analyse/summary.ts';
import { parseSummary } from '../compare/history/read-summary.ts';
import { runFigures, type StudyRun } from '../compare/study-point.ts';
import { writeAtomic } from '../core/write-atomic.ts';
import type { GroupedRun } from '../record/group.ts';
import { getFilePath, type RunFolder } from '../record/layout.ts';
import { readManifest } from '../record/manifest.ts';

/** The folder of a run in that of its study. */
export function runFolder(study: string, scenario: string, { run }: GroupedRun): RunFolder {
  return { path: join(study, run), scenario, runId: run };
}

/** How a run ends that a signal stopped. */
const INTERRUPTED = 'interrupted';

/** It came to its end, whatever that was, and was evaluated. */
export function hasFigures(folder: RunFolder): boolean {
  return finishedSummary(folder) !== undefined;
}

/**
 * Nothing is left to do of it. With figures alone it may have been killed while it removed what it
 * had made on a cluster.
 */
export function isWhole(folder: RunFolder): boolean {
  return hasFigures(folder) && !isLeftBehind(folder);
}

/** What it made on a cluster is still to be removed. */
export function isLeftBehind(folder: RunFolder): boolean {
  const manifest = readManifest(getFilePath(folder, 'manifest'));
  return manifest?.removes === true && manifest.removed === undefined;
}

function finishedSummary(folder: RunFolder): Summary | undefined {
  const manifest = readManifest(getFilePath(folder, 'manifest'));
  const outcome = manifest?.finished?.outcome;
  if (outcome === undefined || outcome === 'crashed') return undefined;
  const path = getFilePath(folder, 'summary');
  const summary = existsSync(path) ? parseSummary(readFileSync(path, 'utf8')) : undefined;
  // What a signal cut short says nothing of its point: it is made anew.
  return summary?.run.reason === INTERRUPTED ? undefined : summary;
}

/** `path`: the field that says how many operations are under way together. */
export function readStudyRun(
  { run, set, cluster, repeat }: GroupedRun,
  folder: RunFolder,
  path: string | undefined,
): StudyRun {
  const of = { set, repeat, ...(cluster === undefined ? {} : { cluster }) };
  const summary = finishedSummary(folder);
  if (summary === undefined) {
    return { ...of, figures: undefined, failure: readFailure(folder) ?? `${run} is missing` };
  }
  const { outcome, reason } = summary.run;
  const ending = outcome === 'complete' ? undefined : `${run} is ${outcome}: ${reason ?? 'misses'}`;
  return { ...of, figures: runFigures(summary, path), failure: ending };
}

/** Why a run gave no figures; of one that has some there is none. */
export function writeFailure(folder: RunFolder, failure: string | undefined): void {
  const path = failurePath(folder);
  if (failure === undefined) rmSync(path, { force: true });
  else writeAtomic(path, `${failure}\n`);
}

export function readFailure(folder: RunFolder): string | undefined {
  const path = failurePath(folder);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

function failurePath({ path }: RunFolder): string {
  return `${path}.failed`;
}
