/**
 * Many runs, one question: the runs of a grid, each by a process of its own, in one folder with an
 * index. What a reader would get wrong: a run that gives no figures is a finding about its point
 * and does not end the study; and whoever starts a study again that was stopped goes on with it.
 */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseSummary } from '../compare/history/read-summary.ts';
import type { StudyRun } from '../compare/study-point.ts';
import { formatDuration, SECOND } from '../core/duration.ts';
import { UsageError } from '../core/usage-error.ts';
import { makeFolders } from '../record/folders.ts';
import { GROUP_SCHEMA, type GroupedRun, readGroup, writeGroup } from '../record/group.ts';
import { getFilePath, type RunFolder, runFolder } from '../record/layout.ts';
import { type Manifest, readManifest } from '../record/manifest.ts';
import { readHolder } from '../record/run-lock.ts';
import { heldText } from './run-holds.ts';
import type { Session } from './session.ts';
import type { StudyCourse } from './study-course.ts';

export interface StudyOptions {
  readonly id: string;
  /** Digest of what is asked. */
  readonly question: string;
  readonly scenario: string;
  readonly results: string;
  readonly course: StudyCourse;
  readonly jobs: number;
  /** The command line that makes a run; its last line on stderr is the reason where it fails. */
  commandFor(run: GroupedRun): readonly string[];
}

export interface MadeStudy {
  readonly path: string;
  readonly runs: readonly StudyRun[];
  /** Of the first run that has one. */
  readonly manifest: Manifest | undefined;
  /** Interrupted before all runs were made. */
  readonly isPartial: boolean;
}

interface Listed {
  readonly run: GroupedRun;
  readonly folder: RunFolder;
  isDone: boolean;
  failure: string | undefined;
}

/** Makes what has not been made yet. Throws UsageError where another study has the folder. */
export async function makeStudy(session: Session, options: StudyOptions): Promise<MadeStudy> {
  const { id, question, scenario, results, course } = options;
  const path = join(results, scenario, id);
  refuseOther(path, question);
  makeFolders(path);
  session.hold({ path, scenario, runId: id });
  const listed: Listed[] = [];
  const index = () => {
    const runs = listed.map(({ run, isDone }) => ({ ...run, done: isDone }));
    writeGroup(path, { schema: GROUP_SCHEMA, id, scenario, question, runs });
  };
  const made = () => listed.map(readRun);
  const report = createCounter(session, course.expected);
  for (let next = course.next([]); next.length > 0; next = course.next(made())) {
    const batch = next.map((run) => list(run, runFolder(results, scenario, run.run, id)));
    listed.push(...batch);
    index();
    report.found(batch.filter(({ isDone }) => isDone).length);
    await makeRuns(session, options, batch, (one) => {
      index();
      report.made(one);
    });
    if (session.host.interrupt.aborted) break;
  }
  const manifests = listed.map(({ folder }) => readManifest(getFilePath(folder, 'manifest')));
  const manifest = manifests.find((each) => each !== undefined);
  return { path, runs: made(), manifest, isPartial: session.host.interrupt.aborted };
}

/** So many at a time; `onDone` is told each that is over. */
async function makeRuns(
  { host }: Session,
  { jobs, commandFor }: StudyOptions,
  batch: readonly Listed[],
  onDone: (one: Listed) => void,
): Promise<void> {
  const queue = batch.filter(({ isDone }) => !isDone);
  const work = async () => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      if (host.interrupt.aborted) return;
      refuseHeld(one.folder, host.clock.wallUs());
      rmSync(one.folder.path, { recursive: true, force: true });
      const { code, lastLine } = await host.launch(commandFor(one.run));
      one.isDone = hasFigures(one.folder);
      if (!one.isDone && !host.interrupt.aborted) {
        one.failure = `${one.run.run} ended with ${code}: ${lastLine}`;
      }
      onDone(one);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, work));
}

/** A study that was killed may have left a process behind that still makes its run. */
function refuseHeld(folder: RunFolder, wallUs: number): void {
  const holder = readHolder(folder, wallUs);
  if (holder !== undefined) throw new UsageError(heldText(folder, holder));
}

function list(run: GroupedRun, folder: RunFolder): Listed {
  return { run, folder, isDone: hasFigures(folder), failure: undefined };
}

/** A folder of the same name that asks something else is left alone. */
function refuseOther(path: string, question: string): void {
  if (!existsSync(path) || readGroup(path)?.question === question) return;
  throw new UsageError(`${path} is there and is another study: choose another --study-id`);
}

/** How a run ends that a signal stopped. */
const INTERRUPTED = 'interrupted';

/** It came to its end, whatever that was, and was evaluated. */
function hasFigures(folder: RunFolder): boolean {
  const manifest = readManifest(getFilePath(folder, 'manifest'));
  const outcome = manifest?.finished?.outcome;
  if (outcome === undefined || outcome === 'crashed') return false;
  const summary = readSummary(folder);
  // What a signal cut short says nothing of its point: it is made anew.
  return summary !== undefined && summary.run.reason !== INTERRUPTED;
}

function readSummary(folder: RunFolder) {
  const path = getFilePath(folder, 'summary');
  return existsSync(path) ? parseSummary(readFileSync(path, 'utf8')) : undefined;
}

function readRun({ run: { run, set, repeat }, folder, failure }: Listed): StudyRun {
  const summary = readSummary(folder);
  if (summary === undefined)
    return { set, repeat, summary, failure: failure ?? `${run} is missing` };
  const { outcome, reason } = summary.run;
  const ending = outcome === 'complete' ? undefined : `${run} is ${outcome}: ${reason ?? 'misses'}`;
  return { set, repeat, summary, failure: ending };
}

/** A line for each run that is over, with what is left by the mean of those made here. */
function createCounter({ host, screen }: Session, expected: number) {
  const startUs = host.clock.nowUs();
  let [before, own] = [0, 0];
  return {
    found(count: number): void {
      if (count === 0) return;
      before += count;
      screen.tell(`study: ${before} of ${expected} runs are there already`);
    },
    made({ run, isDone }: Listed): void {
      own += 1;
      const left = expected - before - own;
      const leftUs = ((host.clock.nowUs() - startUs) / own) * left;
      const guess = `about ${formatDuration(Math.ceil(leftUs / SECOND) * SECOND)} left`;
      const words = isDone ? 'is made' : 'gave no figures';
      const count = `${before + own} of ${expected}`;
      screen.tell(`study: ${run.run} ${words}, ${count}${left > 0 ? `, ${guess}` : ''}`);
    },
  };
}
