/** A study's answer: its files, what is printed, its page, and how the command ends. */

import { join } from 'node:path';
import type { StudySummary } from '../compare/study-summary.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { type GroupedRun, readGroup } from '../record/group.ts';
import { studyText } from '../report/terminal/study-text.ts';
import { reportsBeside } from '../run/pages.ts';
import type { Session } from '../run/session.ts';
import type { OpenStudy } from '../study/open-study.ts';
import { type FoundRun, withFleet } from '../study/pool-study.ts';
import { firstManifest, writeStudy, writeStudyPage } from '../study/write-study.ts';

interface ShowArguments {
  readonly results: string;
  readonly json: boolean;
  readonly report: boolean;
  readonly reports: string | undefined;
}

/** Of a study that was made here. */
export async function tellStudy(
  session: Session,
  { id, scenario: { name }, seeds, path, course }: OpenStudy,
  found: readonly FoundRun[],
  { results, json, report, reports }: ShowArguments,
): Promise<void> {
  const head = { id, scenario: name, seed: seeds[0] as number };
  const own = found.map(({ read }) => read);
  const summary = withFleet(course.summarise(head, own), found);
  const page = report ? join(reports ?? reportsBeside(results), name, id) : undefined;
  const runs = readGroup(path)?.runs ?? [];
  const { code } = await showStudy(session, summary, { path, runs, page, json });
  session.finish(code);
}

interface Shown {
  /** Of the study. */
  readonly path: string;
  readonly runs: readonly GroupedRun[];
  /** The folder of its page; undefined for none. */
  readonly page: string | undefined;
  readonly json: boolean;
}

export interface ToldStudy {
  /** What the shell is to be told of the answer. */
  readonly code: ExitCode;
  /** The page, where there is one. */
  readonly page: string | undefined;
}

/** Writes the answer and prints it. */
export async function showStudy(
  session: Session,
  summary: StudySummary,
  { path, runs, page, json }: Shown,
): Promise<ToldStudy> {
  const { screen } = session;
  const text = writeStudy(path, summary);
  const style = { width: screen.out.columns, color: screen.colorOn(screen.out) };
  screen.print(json ? text : `${studyText(summary, style)}\n`);
  screen.tell(`study: ${path}`);
  const code = endingOf(summary);
  if (page === undefined) return { code, page: undefined };
  const manifest = firstManifest(path, summary.scenario, runs);
  const written = await writeStudyPage(summary, manifest, page);
  screen.tell(`report: ${written}`);
  return { code, page: written };
}

/** A point that fails is what a search looks for, and elsewhere a hole in the table. */
function endingOf({ answer, points }: StudySummary): ExitCode {
  if (answer !== undefined) return answer.keeps === 'none' ? EXIT.sloMissed : EXIT.ok;
  return points.some(({ failures }) => failures.length > 0) ? EXIT.incomplete : EXIT.ok;
}
