/** The study that a command line or a file asks, or all that is wrong with it. */

import { EXIT } from '../core/exit-code.ts';
import type { Session } from '../run/session.ts';
import { formatProblem, type Problem } from '../scenario/problem.ts';
import { type OpenStudy, openStudy } from '../study/open-study.ts';
import type { StudyQuestion } from '../study/question.ts';
import { atPlaces, type LoadedStudy, loadStudy } from '../study/study-file.ts';
import { findScenario } from './shipped-scenarios.ts';

interface Where {
  readonly results: string;
  readonly studyId: string | undefined;
}

/** Undefined once its problems have been told. */
export function openOrTell(
  session: Session,
  question: StudyQuestion,
  { results, studyId }: Where,
): OpenStudy | undefined {
  const opened = openStudy(question, results, studyId);
  return 'problems' in opened ? told(session, opened.problems) : opened;
}

/** The same of a file. */
export function openFileOrTell(
  session: Session,
  file: string,
  where: Where,
): OpenStudy | undefined {
  const opened = openFile(file, where);
  return 'problems' in opened ? told(session, opened.problems) : opened.study;
}

export type OpenedFile =
  | (LoadedStudy & { readonly study: OpenStudy })
  | { readonly problems: readonly Problem[] };

/** A study file read and made ready. */
export function openFile(file: string, { results, studyId }: Where): OpenedFile {
  const loaded = loadStudy(file, findScenario);
  if ('problems' in loaded) return loaded;
  const study = openStudy(loaded.question, results, studyId);
  return 'problems' in study
    ? { problems: atPlaces(study.problems, loaded) }
    : { ...loaded, study };
}

/** Says what is wrong. */
export function told({ screen, finish }: Session, problems: readonly Problem[]): undefined {
  for (const problem of problems) screen.tell(formatProblem(problem));
  finish(EXIT.usage);
}
