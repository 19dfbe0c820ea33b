/**
 * Many runs, one question: the runs of a study, each by a process of its own, in one folder with an
 * index. A run that gives no figures is a finding about its point and does not end the study; runs
 * on one real cluster never go side by side; and whoever starts a study again that was stopped goes
 * on with it.
 */

import { loadPath } from '../compare/study-summary.ts';
import { formatDuration, SECOND } from '../core/duration.ts';
import type { GroupedRun } from '../record/group.ts';
import type { RunFolder } from '../record/layout.ts';
import type { Session } from '../run/session.ts';
import { makeRun, type RunCommands } from './make-run.ts';
import { makeLanes } from './lanes.ts';
import type { OpenStudy } from './open-study.ts';
import { claimFolder, writeIndex } from './study-index.ts';
import type { FoundRun } from './pool-study.ts';
import { isWhole, runFolder, readStudyRun } from './study-runs.ts';

export interface MadeStudy {
  readonly runs: readonly FoundRun[];
  /** Interrupted before all runs were made. */
  readonly isPartial: boolean;
}

interface Listed {
  readonly run: GroupedRun;
  readonly folder: RunFolder;
  isDone: boolean;
}

/** Makes what has not been made yet. Throws UsageError where another study has the folder. */
export async function makeStudy(
  session: Session,
  study: OpenStudy,
  { commands, jobs }: { readonly commands: RunCommands; readonly jobs: number },
): Promise<MadeStudy> {
  const { id, scenario, path, course } = study;
  claimFolder(study);
  session.hold({ path, scenario: scenario.name, runId: id });
  const listed: Listed[] = [];
  const index = () =>
    writeIndex(
      study,
      listed.map(({ run, isDone }) => ({ ...run, done: isDone })),
    );
  const report = createCounter(session, course.expected);
  let runs: readonly FoundRun[] = [];
  const next = () => course.next(runs.map(({ read }) => read));
  for (let asked = next(); asked.length > 0; asked = next()) {
    const batch = asked.map((run) => list(run, runFolder(study.path, scenario.name, run)));
    listed.push(...batch);
    index();
    report.found(batch.filter(({ isDone }) => isDone).length);
    const todo = batch.filter(({ isDone }) => !isDone);
    const lanes = makeLanes(todo, ({ run }) => commands.laneOf(run));
    await inLanes(session, lanes, jobs, async (one) => {
      one.isDone = (await makeRun(session, commands, one.run, one.folder)).isDone;
      index();
      report.made(one);
    });
    const path = loadPath(course.vary);
    runs = listed.map(({ run, folder }) => ({ folder, read: readStudyRun(run, folder, path) }));
    if (session.host.interrupt.aborted) break;
  }
  return { runs, isPartial: session.host.interrupt.aborted };
}

/** So many lanes at a time, what is in one after the other. */
async function inLanes<T>(
  { host }: Session,
  lanes: readonly (readonly T[])[],
  jobs: number,
  make: (one: T) => Promise<void>,
): Promise<void> {
  const queue = [...lanes];
  const work = async () => {
    for (let lane = queue.shift(); lane !== undefined; lane = queue.shift()) {
      for (const one of lane) {
        if (host.interrupt.aborted) return;
        await make(one);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, work));
}

function list(run: GroupedRun, folder: RunFolder): Listed {
  return { run, folder, isDone: isWhole(folder) };
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
