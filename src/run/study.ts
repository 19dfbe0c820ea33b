/**
 * Many runs, one question: the runs of a grid, each by a process of its own, in one folder with an
 * index. What a reader would get wrong: a run that gives no figures is a finding about its point
 * and does not end the study; and whoever starts a study again that was stopped goes on with it.
 */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseSummary } from '../compare/history/read-summary.ts';
import type { StudyRun } from '../compare/study-summary.ts';
import { formatDuration, SECOND } from '../core/duration.ts';
import { UsageError } from '../core/usage-error.ts';
import { makeFolders } from '../record/folders.ts';
import { GROUP_SCHEMA, type GroupedRun, readGroup, writeGroup } from '../record/group.ts';
import { getFilePath, type RunFolder, runFolder } from '../record/layout.ts';
import { readManifest } from '../record/manifest.ts';
import type { Session } from './session.ts';

export interface StudyOptions {
  readonly id: string;
  readonly scenario: string;
  readonly results: string;
  readonly runs: readonly GroupedRun[];
  readonly jobs: number;
  /** The command line that makes a run; its last line on stderr is the reason where it fails. */
  commandFor(run: GroupedRun): readonly string[];
}

export interface MadeStudy {
  readonly path: string;
  readonly runs: readonly StudyRun[];
  /** Interrupted before all runs were made. */
  readonly isPartial: boolean;
}

/** Makes what has not been made yet. Throws UsageError where another study has the folder. */
export async function makeStudy(session: Session, options: StudyOptions): Promise<MadeStudy> {
  const { id, scenario, results, runs, jobs } = options;
  const path = join(results, scenario, id);
  refuseOther(path, runs);
  makeFolders(path);
  session.hold({ path, scenario, runId: id });
  const folders = runs.map(({ run }) => runFolder(results, scenario, run, id));
  const done = folders.map(hasFigures);
  const failures = new Map<number, string>();
  const index = () => {
    const made = runs.map((run, i) => ({ ...run, done: done[i] ?? false }));
    writeGroup(path, { schema: GROUP_SCHEMA, id, scenario, runs: made });
  };
  index();
  const report = createCounter(session, runs.length, done.filter(Boolean).length);
  const queue = runs.flatMap((run, i) => (done[i] ? [] : [{ run, i }]));
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (session.host.interrupt.aborted) return;
      const { run, i } = next;
      const folder = folders[i] as RunFolder;
      rmSync(folder.path, { recursive: true, force: true });
      const { code, lastLine } = await session.host.launch(options.commandFor(run));
      done[i] = hasFigures(folder);
      if (!done[i] && !session.host.interrupt.aborted) {
        failures.set(i, `${run.run} ended with ${code}: ${lastLine}`);
      }
      index();
      report(run.run, done[i] ?? false);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, work));
  return {
    path,
    runs: runs.map((run, i) => readRun(run, folders[i] as RunFolder, failures.get(i))),
    isPartial: session.host.interrupt.aborted,
  };
}

/** A folder of the same name that asks something else is left alone. */
function refuseOther(path: string, runs: readonly GroupedRun[]): void {
  if (!existsSync(path)) return;
  const group = readGroup(path);
  const list = (all: readonly GroupedRun[]) =>
    JSON.stringify(all.map(({ run, set, repeat }) => [run, set, repeat]));
  if (group !== undefined && list(group.runs) === list(runs)) return;
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

function readRun(
  { run, set, repeat }: GroupedRun,
  folder: RunFolder,
  failure: string | undefined,
): StudyRun {
  const summary = readSummary(folder);
  if (summary === undefined)
    return { set, repeat, summary, failure: failure ?? `${run} is missing` };
  const { outcome, reason } = summary.run;
  const ending = outcome === 'complete' ? undefined : `${run} is ${outcome}: ${reason ?? 'misses'}`;
  return { set, repeat, summary, failure: ending };
}

/** A line for each run that is over, with what is left by the mean of those made here. */
function createCounter({ host, screen }: Session, total: number, before: number) {
  const startUs = host.clock.nowUs();
  let made = 0;
  if (before > 0) screen.tell(`study: ${before} of ${total} runs are there already`);
  return (run: string, isDone: boolean) => {
    made += 1;
    const left = total - before - made;
    const leftUs = ((host.clock.nowUs() - startUs) / made) * left;
    const guess = `about ${formatDuration(Math.ceil(leftUs / SECOND) * SECOND)} left`;
    const words = isDone ? 'is made' : 'gave no figures';
    screen.tell(
      `study: ${run} ${words}, ${before + made} of ${total}${left > 0 ? `, ${guess}` : ''}`,
    );
  };
}
