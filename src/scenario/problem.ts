/** What is wrong with an input file, where, and what the user can do about it. */

import { formatPath, type Path } from './path.ts';

export interface Problem {
  /** As the user named it; for a field given on the command line `--set path=value`. */
  readonly file: string;
  /** From 1; undefined for a field given on the command line. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** `steps.0.clone.count`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

export interface Position {
  readonly file: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/** Whether a problem is shown at a field's name or at its value. */
export type Spot = 'key' | 'value';

/** Where a path is in the text; a path that leads nowhere is shown at its nearest ancestor. */
export type Locate = (path: Path, spot: Spot) => Position;

/** Reports a problem at a path. */
export type Report = (path: Path, message: string, remedy: string, spot?: Spot) => void;

/** A report that appends to `problems`. */
export function reporter(problems: Problem[], locate: Locate): Report {
  return (path, message, remedy, spot = 'value') => {
    problems.push({ ...locate(path, spot), path: formatPath(path), message, remedy });
  };
}

/** A problem of a file as a whole: it is missing, too large, not text. */
export function fileProblem(file: string, message: string, remedy: string): Problem {
  return { file, line: 1, column: 1, path: '', message, remedy };
}

/** A problem of an argument of the command line. */
export function argumentProblem(argument: string, message: string, remedy: string): Problem {
  return { file: argument, line: undefined, column: undefined, path: '', message, remedy };
}

/** `scenario.yaml:4:10 steps.0.clone.count: must be at least 1 (a whole number above zero)`. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, message, remedy } = problem;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return `${place}${path === '' ? '' : ` ${path}`}: ${message}\n  ${remedy}`;
}

/** Problems in reading order, each once. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const unique = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  const order = [...unique.values()];
  const rank = new Map([...new Set(order.map((problem) => problem.file))].map((f, i) => [f, i]));
  return order.sort(
    (a, b) =>
      (rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
