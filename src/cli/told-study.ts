/** A study's answer: its files, what is printed, its page, and how the command ends. */

import { join } from 'node:path';
import type { StudyRun } from '../compare/study-point.ts';
import type { StudySummary } from '../compare/study-summary.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { readGroup } from '../record/group.ts';
import { studyText } from '../report/terminal/study-text.ts';
import { reportsBeside } from '../run/pages.ts';
import type { Session } from '../run/session.ts';
import type { OpenStudy } from '../study/open-study.ts';
import { firstManifest, writeStudy, writeStudyPage } from '../study/write-study.ts';

interface ShowArguments {
  readonly results: string;
  readonly json: boolean;
  readonly report: boolean;
  readonly reports: string | undefined;
}

export async function tellStudy(
  session: Session,
  { id, scenario: { name }, seeds, path, course }: OpenStudy,
  runs: readonly StudyRun[],
  { results, json, report, reports }: ShowArguments,
): Promise<void> {
  const { screen } = session;
  const summary = course.summarise({ id, scenario: name, seed: seeds[0] as number }, runs);
  const text = writeStudy(path, summary);
  const style = { width: screen.out.columns, color: screen.colorOn(screen.out) };
  screen.print(json ? text : `${studyText(summary, style)}\n`);
  screen.tell(`study: ${path}`);
  if (report) {
    const folder = join(reports ?? reportsBeside(results), name, id);
    const manifest = firstManifest(path, name, readGroup(path)?.runs ?? []);
    screen.tell(`report: ${await writeStudyPage(summary, manifest, folder)}`);
  }
  session.finish(endingOf(summary));
}

/** A point that fails is what a search looks for, and elsewhere a hole in the table. */
function endingOf({ answer, points }: StudySummary): ExitCode {
  if (answer !== undefined) return answer.keeps === 'none' ? EXIT.sloMissed : EXIT.ok;
  return points.some(({ failures }) => failures.length > 0) ? EXIT.incomplete : EXIT.ok;
}
