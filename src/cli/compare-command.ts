/** `bench compare BASE HEAD`: what got faster or slower between two runs, and how sure that is. */

import type { Argv, CommandModule } from 'yargs';
import { type RunComparison, compareRuns } from '../compare/compare-runs.ts';
import { type ComparedRun, fingerprintDifferences } from '../compare/fingerprint.ts';
import { getFilePath, findRun } from '../record/layout.ts';
import { readManifest } from '../record/manifest.ts';
import { openRun } from '../analyse/open-run.ts';
import { HistoryError } from '../record/reader.ts';
import { differenceTexts, renderComparison } from '../report/comparison-table.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { once } from './options.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from '../run/session.ts';

interface CompareArguments {
  readonly base: string;
  readonly head: string;
  readonly results: string;
  readonly allowDifferent: boolean;
  readonly json: boolean;
}

export function compareCommand(session: Session): CommandModule<object, CompareArguments> {
  return {
    command: 'compare <base> <head>',
    describe: 'What got faster or slower from one run to another',
    builder: (yargs) => options(yargs) as Argv<CompareArguments>,
    handler: (args) => compare(session, args),
  };
}

function options(yargs: Argv): Argv {
  return yargs
    .positional('base', { type: 'string', describe: 'run folder, run id, or latest' })
    .positional('head', { type: 'string', describe: 'run folder, run id, or latest' })
    .option('results', {
      type: 'string',
      default: 'results',
      describe: 'folder of all results',
      coerce: once('results'),
    })
    .option('allow-different', {
      type: 'boolean',
      default: false,
      describe: 'compare runs of different scenarios or environments',
    })
    .option('json', { type: 'boolean', default: false, describe: 'print the comparison as JSON' })
    .epilogue('Exit codes: 0 nothing worse; 2 something is worse; 3 the runs do not compare.');
}

function compare(session: Session, args: CompareArguments): void {
  const { screen } = session;
  const base = load(args.base, args.results);
  const head = load(args.head, args.results);
  const differences = fingerprintDifferences(base, head);
  if (differences.length > 0 && !args.allowDifferent) {
    screen.tell('bench: these runs do not measure the same thing:');
    for (const text of differenceTexts(differences)) screen.tell(`  ${text}`);
    screen.tell('Compare them all the same with --allow-different.');
    return session.finish(EXIT.invalid);
  }
  const comparison = compareRuns(base, head);
  const { out } = screen;
  const style = { width: out.columns, color: screen.colorOn(out) };
  screen.print(
    args.json
      ? `${JSON.stringify(comparison, undefined, 2)}\n`
      : renderComparison(comparison, style),
  );
  session.finish(...listExitCodes(comparison));
}

function load(name: string, results: string): ComparedRun {
  const found = findRun(results, name);
  if (found.kind !== 'found') throw new UsageError(found.message);
  const { folder } = found;
  try {
    return {
      run: openRun(getFilePath(folder, 'history')),
      manifest: readManifest(getFilePath(folder, 'manifest')),
    };
  } catch (error) {
    if (error instanceof HistoryError) throw new UsageError(error.message);
    throw error;
  }
}

/** A metric that vanished is no proof that nothing got worse. */
function listExitCodes({ rows, unmatched, base, head }: RunComparison): readonly ExitCode[] {
  const isInvalid = [...base.invalid, ...head.invalid].length > 0;
  const isIncomplete = rows.length === 0 || unmatched.some(({ onlyIn }) => onlyIn === 'base');
  return [
    ...(isInvalid || isIncomplete ? [EXIT.invalid] : []),
    ...(rows.some(({ verdict }) => verdict === 'worse') ? [EXIT.regression] : []),
  ];
}
