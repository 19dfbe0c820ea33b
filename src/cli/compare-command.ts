/**
 * `bench compare BASE HEAD`: what got faster or slower between two runs, or two groups of runs, and
 * how sure that is.
 */

import type { CommandBody } from './command-body.ts';
import type { Argv } from 'yargs';
import type { Verdict } from '../analyse/statistics/verdict.ts';
import { compareGroups, type GroupComparison } from '../compare/compare-groups.ts';
import { type RunComparison, compareRuns } from '../compare/compare-runs.ts';
import { type ComparedRun, fingerprintDifferences } from '../compare/fingerprint.ts';
import { getFilePath, findRuns } from '../record/layout.ts';
import { readManifest } from '../record/manifest.ts';
import { openRun } from '../analyse/open-run.ts';
import { HistoryError } from '../record/reader.ts';
import type { Night } from '../compare/history/night.ts';
import { carryOn } from '../compare/history/carry-on.ts';
import { readHistory } from '../compare/history/store.ts';
import { differenceTexts, renderComparison } from '../report/comparison-table.ts';
import { renderGroupComparison } from '../report/group-table.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { once } from './options.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from '../run/session.ts';

interface CompareArguments {
  readonly runs: readonly string[] | undefined;
  readonly base: readonly string[] | undefined;
  readonly head: readonly string[] | undefined;
  readonly history: string | undefined;
  readonly results: string;
  readonly allowDifferent: boolean;
  readonly json: boolean;
}

export function compareCommand(session: Session): CommandBody<CompareArguments> {
  return {
    builder: options,
    handler: (args) => compare(session, args),
  };
}

function options(yargs: Argv): Argv {
  return yargs
    .positional('runs', {
      type: 'string',
      array: true,
      describe: 'BASE HEAD: each a run folder, run id, group of repeats, or latest',
    })
    .option('base', { type: 'string', array: true, describe: 'several runs or groups: the base' })
    .option('head', { type: 'string', array: true, describe: 'several runs or groups: the head' })
    .option('history', {
      type: 'string',
      describe: 'folder of nights, for how much single runs differ',
      coerce: once('history'),
    })
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
    .example('$0 compare seed-1 seed-2', 'two runs: what moved, by how much, how sure that is')
    .example(
      '$0 compare --base a1 a2 a3 --head b1 b2 b3',
      'repeats of each: what differs between runs counts',
    )
    .epilogue('Exit codes: 0 nothing worse; 2 something is worse; 3 the runs do not compare.');
}

function compare(session: Session, args: CompareArguments): void {
  const [base, head] = chosenSides(args).map((names) =>
    names.flatMap((name) => load(name, args.results)),
  ) as [ComparedRun[], ComparedRun[]];
  const [first] = base as [ComparedRun, ...ComparedRun[]];
  const others = [...base.slice(1), ...head];
  const differing = others.find((run) => fingerprintDifferences(first, run).length > 0);
  if (differing !== undefined && !args.allowDifferent) {
    const { screen } = session;
    screen.tell('bench: these runs do not measure the same thing:');
    for (const text of differenceTexts(fingerprintDifferences(first, differing))) {
      screen.tell(`  ${text}`);
    }
    screen.tell('Compare them all the same with --allow-different.');
    return session.finish(EXIT.invalid);
  }
  const [only] = head;
  if (base.length > 1 || head.length > 1 || only === undefined) {
    return showGroups(session, compareGroups(base, head), args.json);
  }
  const comparison = compareRuns(first, only, readNights(session, args.history));
  show(session, args.json ? comparison : renderComparison(comparison, styleOf(session)));
  session.finish(...listExitCodes(comparison));
}

function showGroups(session: Session, comparison: GroupComparison, json: boolean): void {
  show(session, json ? comparison : renderGroupComparison(comparison, styleOf(session)));
  const { rows, unmatched, invalid } = comparison;
  session.finish(...listExitCodes({ rows, unmatched, base: { invalid }, head: { invalid: [] } }));
}

function show({ screen }: Session, what: string | object): void {
  screen.print(typeof what === 'string' ? what : `${JSON.stringify(what, undefined, 2)}\n`);
}

function styleOf({ screen }: Session) {
  const { out } = screen;
  return { width: out.columns, color: screen.colorOn(out) };
}

/** Two positional runs, or `--base` and `--head` with any number each. */
function chosenSides({ runs = [], base = [], head = [] }: CompareArguments) {
  const hasSides = base.length > 0 && head.length > 0;
  if (runs.length === 0 && hasSides) return [base, head];
  const [left, right, ...more] = runs;
  if (left !== undefined && right !== undefined && more.length === 0 && base.length === 0) {
    return [[left], [right]];
  }
  throw new UsageError('which runs? BASE HEAD, or --base A1 A2 A3 --head B1 B2 B3');
}

function readNights(session: Session, history: string | undefined): readonly Night[] {
  if (history === undefined) return [];
  const { nights, exists } = readHistory(history);
  if (nights.length === 0) {
    const what = exists ? 'holds no night' : 'does not exist';
    session.screen.tell(`bench: --history ${history} ${what}: intervals are of single runs`);
  }
  return carryOn({ nights, exists, problems: [] }).nights.map(({ night }) => night);
}

function load(name: string, results: string): readonly ComparedRun[] {
  const found = findRuns(results, name);
  if (found.kind !== 'runs') throw new UsageError(found.message);
  try {
    return found.folders.map((folder) => ({
      run: openRun(getFilePath(folder, 'history')),
      manifest: readManifest(getFilePath(folder, 'manifest')),
    }));
  } catch (error) {
    if (error instanceof HistoryError) throw new UsageError(error.message);
    throw error;
  }
}

interface Judged {
  readonly rows: readonly { readonly verdict: Verdict }[];
  readonly unmatched: RunComparison['unmatched'];
  readonly base: { readonly invalid: readonly string[] };
  readonly head: { readonly invalid: readonly string[] };
}

/** A metric that vanished is no proof that nothing got worse. */
function listExitCodes({ rows, unmatched, base, head }: Judged): readonly ExitCode[] {
  const isInvalid = [...base.invalid, ...head.invalid].length > 0;
  const isIncomplete = rows.length === 0 || unmatched.some(({ onlyIn }) => onlyIn === 'base');
  return [
    ...(isInvalid || isIncomplete ? [EXIT.invalid] : []),
    ...(rows.some(({ verdict }) => verdict === 'worse') ? [EXIT.regression] : []),
  ];
}
