/**
 * `bench calibrate RUN... --out twin.yaml`: the constants of the simulated cluster, fitted to what
 * was recorded, so that it can be asked what nobody can try.
 */

import type { CommandBody } from './command-body.ts';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Argv } from 'yargs';
import { type Calibration, calibrate } from '../calibrate/calibrate.ts';
import { findConstantDrifts } from '../calibrate/drift.ts';
import { twinText } from '../calibrate/twin-document.ts';
import { EXIT } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import { writeOutput } from '../core/write-atomic.ts';
import { type MeasuredCluster, openCases } from '../run/calibration-cases.ts';
import { reportsBeside } from '../run/pages.ts';
import { interruptionCodes } from '../run/perform-run.ts';
import type { Session } from '../run/session.ts';
import { simulateRun } from '../run/simulate-run.ts';
import { calibrationJson, calibrationText } from '../report/calibration/calibration-text.ts';
import type { CalibrationPage } from '../report/calibration/calibration-words.ts';
import { formatProblem } from '../scenario/problem.ts';
import { loadTwin, type Twin } from '../scenario/twin.ts';
import { once, wholeNumber } from './options.ts';
import { REPORT, REPORTS, RESULTS } from './shared-options.ts';

interface CalibrateArguments {
  readonly runs: readonly string[];
  readonly out: string | undefined;
  readonly against: string | undefined;
  readonly holdout: boolean;
  readonly seed: number;
  readonly results: string;
  readonly report: boolean;
  readonly reports: string | undefined;
  readonly verbose: boolean;
  readonly json: boolean;
}

export function calibrateCommand(session: Session): CommandBody<CalibrateArguments> {
  return {
    builder: options,
    handler: (args) => run(session, args),
  };
}

function options(yargs: Argv): Argv {
  return yargs
    .positional('runs', {
      type: 'string',
      array: true,
      describe: 'Recorded runs of one cluster: folders, run ids, groups of repeats, or latest',
    })
    .option('out', {
      type: 'string',
      describe: 'The file to write, for --twin of other commands',
      coerce: once('out'),
    })
    .option('against', {
      type: 'string',
      describe: 'A twin of before: which constants have moved since?',
      coerce: once('against'),
    })
    .option('holdout', {
      type: 'boolean',
      default: true,
      describe: 'Predict the last quarter of the waves; --no-holdout fits all of them',
    })
    .option('seed', {
      type: 'number',
      default: 1,
      describe: 'Of the simulations',
      coerce: wholeNumber('seed'),
    })
    .option('results', RESULTS)
    .option('report', REPORT)
    .option('reports', REPORTS)
    .option('verbose', {
      type: 'boolean',
      default: false,
      describe: 'Print each stage, and why constants are not identified',
    })
    .option('json', { type: 'boolean', default: false, describe: 'The calibration as JSON' })
    .example('$0 calibrate latest --out twin.yaml', 'constants of the cluster of the newest run')
    .example('$0 calibrate latest --against twin.yaml', 'what has got slower since?')
    .epilogue('Exit codes: 2 a constant got slower than --against; 3 the runs hold too little.');
}

async function run(session: Session, args: CalibrateArguments): Promise<void> {
  checkOutput(args);
  const twin = args.against === undefined ? undefined : readTwin(session, args.against);
  if (twin === null) return session.finish(EXIT.usage);
  const { results, runs: names, holdout } = args;
  const measured = openCases({ results, names, holdout, twin });
  const tooLittle = findTooLittle(measured);
  if (tooLittle !== undefined) {
    session.screen.tell(`bench: ${tooLittle}`);
    return session.finish(EXIT.invalid);
  }
  const found = await calibrated(session, args, measured, twin);
  if (found === undefined) return session.finish(...interruptionCodes(session));
  await show(session, args, { measured, found, twin });
}

/** Says so before minutes are spent. */
function checkOutput({ out, against }: CalibrateArguments): void {
  if (out === undefined && against === undefined) {
    throw new UsageError('where to? Give --out twin.yaml, or --against a twin of before');
  }
  if (out !== undefined && !existsSync(dirname(out))) {
    throw new UsageError(`there is no folder ${dirname(out)} for --out`);
  }
}

/** Null once its problems have been told. */
function readTwin({ screen }: Session, file: string): Twin | null {
  const loaded = loadTwin(file);
  if (!('problems' in loaded)) return loaded;
  for (const problem of loaded.problems) screen.tell(formatProblem(problem));
  return null;
}

function findTooLittle({ cases, runs }: MeasuredCluster): string | undefined {
  if (cases.some(({ figures }) => figures.length > 0)) return undefined;
  return (
    `${runs.join(', ')}: no stage has the 10 values that a constant is told by; ` +
    'measure at least one wave of 10 clones, or of 10 boots'
  );
}

/** Undefined where it was interrupted. */
async function calibrated(
  session: Session,
  { seed }: CalibrateArguments,
  { cases, runs, name }: MeasuredCluster,
  twin: Twin | undefined,
): Promise<Calibration | undefined> {
  const { screen, host } = session;
  const { interrupt: signal } = host;
  screen.tell(`calibrating on ${runs.join(', ')} of cluster ${name}: some minutes`);
  try {
    return await calibrate(cases, {
      seed,
      unknowns: twin && unknownsOf(twin),
      simulate: async (scenario, simSeed) => {
        const played = await simulateRun(session.openTarget, scenario, { seed: simSeed, signal });
        signal.throwIfAborted();
        return played;
      },
      onProgress: (text) => (screen.err.isTty ? screen.draw([text]) : screen.tell(text)),
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** What was told apart then is what is asked about now. */
function unknownsOf({ fitted }: Twin): readonly (readonly string[])[] {
  const groups = fitted.constants.map(({ constant, tiedTo }) => [constant, ...tiedTo].toSorted());
  return [...new Map(groups.map((group) => [group.join(), group])).values()];
}

interface Found {
  readonly measured: MeasuredCluster;
  readonly found: Calibration;
  readonly twin: Twin | undefined;
}

async function show(
  session: Session,
  args: CalibrateArguments,
  { measured, found, twin }: Found,
): Promise<void> {
  const { screen } = session;
  const { out } = screen;
  const { runs, name: cluster, invalid } = measured;
  const drift = twin && findConstantDrifts(found, twin);
  const page = { runs, cluster, invalid, calibration: found, drift, against: args.against };
  const style = { width: out.columns, color: screen.colorOn(out), verbose: args.verbose };
  screen.print(args.json ? calibrationJson(page) : `${calibrationText(page, style)}\n`);
  if (args.out !== undefined) {
    writeOutput(args.out, twinText(found, { runs, cluster }));
    screen.tell(`twin: ${args.out}`);
  }
  if (args.report) screen.tell(`report: ${await writtenPage(args, page)}`);
  if (drift?.some(({ verdict }) => verdict === 'slower')) session.finish(EXIT.regression);
}

/** The page to open. */
async function writtenPage(args: CalibrateArguments, page: CalibrationPage): Promise<string> {
  const reports = args.reports ?? reportsBeside(args.results);
  const folder = join(reports, 'calibration', page.runs.join('+'));
  // Loaded late: the canvas costs more than all other commands together.
  const { writeCalibrationReport } = await import('../report/calibration/calibration-report.ts');
  return (await writeCalibrationReport(page, folder)).page;
}
