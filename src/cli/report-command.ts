/** `bench report RUN...`: the page, pictures and tables of runs, from their folders alone. */

import type { CommandBody } from './command-body.ts';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { evaluate, writeRows } from '../benchmark.ts';
import { findRuns, type RunFolder } from '../record/layout.ts';
import { HistoryError } from '../record/reader.ts';
import type { EvaluatedRun } from '../report/write-report.ts';
import { reportsBeside, writtenPages } from '../run/pages.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from '../run/session.ts';
import { REPORTS, RESULTS } from './shared-options.ts';

interface ReportArguments {
  readonly runs: readonly string[];
  readonly results: string;
  readonly reports: string | undefined;
}

export function reportCommand(session: Session): CommandBody<ReportArguments> {
  return {
    builder: options,
    handler: (args) => report(session, args),
  };
}

function options(yargs: Argv): Argv {
  return yargs
    .positional('runs', {
      type: 'string',
      array: true,
      describe: 'Run folders, run ids, groups of repeats, or `latest`',
    })
    .option('results', RESULTS)
    .option('reports', REPORTS)
    .example('$0 report latest', 'the report of the last run')
    .example('$0 report seed-1 seed-2', 'two runs, and both side by side; of more a row each');
}

async function report(session: Session, args: ArgumentsCamelCase<ReportArguments>): Promise<void> {
  const folders = args.runs.flatMap((name) => findFolders(name, args.results));
  const evaluated = folders.map(evaluateFolder);
  const reports = args.reports ?? reportsBeside(args.results);
  for (const page of await writtenPages(evaluated, reports)) session.screen.print(`${page}\n`);
}

function evaluateFolder(folder: RunFolder): EvaluatedRun {
  try {
    const evaluation = evaluate(folder);
    writeRows(folder, evaluation);
    return { folder, ...evaluation };
  } catch (error) {
    if (error instanceof HistoryError) throw new UsageError(error.message);
    throw error;
  }
}

function findFolders(name: string, results: string): readonly RunFolder[] {
  const found = findRuns(results, name);
  if (found.kind !== 'runs') throw new UsageError(found.message);
  return found.folders;
}
