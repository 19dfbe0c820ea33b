/** `bench run SCENARIO`: measure, write the run's folder, print the tables. */

import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { TransportError } from '../api/transport.ts';
import { type Evaluation, evaluate, measure, type Measurement } from '../benchmark.ts';
import { ApiError } from '../kube/api-error.ts';
import { createRunFolder, freeRunId, fileOf, type RunFolder } from '../record/layout.ts';
import { renderTables } from '../report/terminal.ts';
import { loadScenario } from '../scenario/load.ts';
import { formatProblem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { gate, type GateArguments, gateOptions } from './gate.ts';
import { openManifest } from './open-manifest.ts';
import { once, wholeNumber } from './options.ts';
import { createProgress, PROGRESS_MODES, type ProgressMode } from './progress.ts';
import { reportsBeside, writtenPages } from './report-command.ts';
import { type Session, UsageError } from './session.ts';
import type { OpenedTarget } from './setting.ts';

interface RunArguments extends Partial<GateArguments> {
  readonly scenario: string;
  readonly results: string;
  readonly runId: string | undefined;
  readonly seed: number | undefined;
  readonly set: readonly string[];
  readonly progress: ProgressMode;
  readonly json: boolean;
  readonly report: boolean;
  readonly reports: string | undefined;
  readonly gate: boolean;
}

/** A label value that is also a folder's name and nothing that a shell expands. */
const RUN_ID = /^(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const DEFAULT_SEED = 1;

export function runCommand(session: Session): CommandModule<object, RunArguments> {
  return {
    command: 'run <scenario>',
    describe: 'Measure; write results/...; print the tables',
    builder: (yargs) => options(yargs) as Argv<RunArguments>,
    handler: (args) => run(session, args),
  };
}

function options(yargs: Argv): Argv {
  const own = yargs
    .positional('scenario', { type: 'string', describe: 'Scenario file (YAML)' })
    .option('results', {
      type: 'string',
      default: 'results',
      describe: 'Folder of all results',
      coerce: once('results'),
    })
    .option('run-id', {
      type: 'string',
      describe: 'Name of the run [default: from the seed]',
      coerce: once('run-id'),
    })
    .option('seed', {
      type: 'number',
      describe: 'Seed of the simulated cluster [default: from the scenario, else 1]',
      coerce: wholeNumber('seed'),
    })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      defaultDescription: 'none',
      describe: 'Override a field of the scenario: path=value',
    })
    .option('progress', {
      choices: PROGRESS_MODES,
      default: 'auto' as const,
      describe: 'How progress is shown on stderr',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print summary.json on stdout' })
    .option('report', {
      type: 'boolean',
      default: true,
      describe: 'Write the page and the pictures; --no-report leaves it at tables',
    })
    .option('reports', {
      type: 'string',
      describe: 'Folder of all reports [default: reports, beside the results]',
      coerce: once('reports'),
    })
    .option('gate', {
      type: 'boolean',
      default: false,
      describe: 'Then judge it against --history, as bench gate does',
    });
  return gateOptions(own)
    .example('$0 run scenarios/smoke.yaml', 'a small run on the embedded simulated cluster')
    .example('$0 run scenarios/10k-mixed.yaml --json > summary.json', 'figures for a program')
    .example('$0 run S --set steps.0.clone.count=200', 'the same scenario, with 200 clones');
}

async function run(session: Session, args: ArgumentsCamelCase<RunArguments>): Promise<void> {
  if (args.gate && args.history === undefined) {
    throw new UsageError('--gate needs the folder of the nights before: --history DIR');
  }
  const scenario = load(session, args);
  if (scenario === undefined) return session.finish(EXIT.usage);
  const seed = args.seed ?? scenario.simulation.seed ?? DEFAULT_SEED;
  const target = await session.openTarget(scenario, { seed });
  const folder = makeFolder(args, scenario, seed);
  session.screen.tell(`run ${folder.runId}: ${target.description}`);
  const measurement = await perform(session, args, scenario, folder, target);
  if (measurement === undefined) return;
  session.finish(...codesOf(session, measurement));
  if (measurement.reason !== undefined) {
    session.screen.tell(`${measurement.outcome}: ${measurement.reason}`);
  }
  await report(session, args, folder, seed);
  if (args.gate) judge(session, args, folder);
  session.screen.tell(`results: ${folder.path}`);
}

function judge(session: Session, args: RunArguments, folder: RunFolder): void {
  gate(session, folder, args as GateArguments, args.json ? 'aside' : 'words');
}

/** The scenario; undefined once its problems have been told. */
function load(session: Session, args: RunArguments): Scenario | undefined {
  const parsed = loadScenario(args.scenario, args.set);
  if ('scenario' in parsed) return parsed.scenario;
  for (const problem of parsed.problems) session.screen.tell(formatProblem(problem));
  return undefined;
}

function makeFolder(args: RunArguments, scenario: Scenario, seed: number): RunFolder {
  const { results, runId: asked } = args;
  if (asked !== undefined && !RUN_ID.test(asked)) {
    const rule = 'use letters, digits, - _ . and at most 63 of them';
    throw new UsageError(`run id '${asked}' is no label value: ${rule}`);
  }
  const runId = asked ?? freeRunId(results, scenario.name, `seed-${seed}`);
  const created = createRunFolder(results, scenario.name, runId);
  switch (created.kind) {
    case 'created':
      return created.folder;
    case 'exists':
      throw new UsageError(`${created.path} exists: choose another --run-id, or remove it`);
    case 'unwritable':
      throw new UsageError(
        `cannot make ${created.path} (${created.message}): choose another --results folder`,
      );
  }
}

/** The measurement; undefined where it failed in a way that has been told. */
async function perform(
  session: Session,
  args: RunArguments,
  scenario: Scenario,
  folder: RunFolder,
  { setting, environment }: OpenedTarget,
): Promise<Measurement | undefined> {
  const { host, screen } = session;
  const { target, seed } = setting;
  const manifest = openManifest(host, scenario, folder, { target, seed, environment });
  const progress = createProgress(args.progress, screen, () => host.clock.nowUs());
  const listened = { ...setting, onProgress: progress.listen, signal: host.interrupt };
  try {
    const measurement = await measure(scenario, folder, listened);
    progress.finish();
    manifest.finish(measurement);
    return measurement;
  } catch (error) {
    progress.finish();
    const reason = error instanceof Error ? error.message : String(error);
    manifest.finish({ outcome: 'crashed', reason });
    tellFailure(session, folder, seed, error);
    return undefined;
  }
}

/** A cluster that says no at the start is the user's to mend; anything else is a defect of ours. */
function tellFailure(session: Session, folder: RunFolder, seed: number, error: unknown): void {
  const { screen } = session;
  if (error instanceof ApiError || error instanceof TransportError) {
    screen.tell(`bench: the run could not be prepared: ${error.message}`);
    return session.finish(error instanceof ApiError ? EXIT.usage : EXIT.error);
  }
  screen.tell(`bench: defect in run ${folder.runId}, seed ${seed}:`);
  screen.tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  screen.tell(`the history up to here: ${fileOf(folder, 'history')}`);
  return session.finish(EXIT.error);
}

async function report(
  session: Session,
  args: RunArguments,
  folder: RunFolder,
  seed: number,
): Promise<void> {
  const { screen } = session;
  try {
    const evaluation = evaluate(folder);
    if (args.json) screen.print(evaluation.text);
    else screen.print(tables(session, evaluation));
    if (!evaluation.summary.validity.valid) session.finish(EXIT.invalid);
    if (!args.report) return;
    const reports = args.reports ?? reportsBeside(args.results);
    const pages = await writtenPages([{ folder, ...evaluation }], reports);
    for (const page of pages) screen.tell(`report: ${page}`);
  } catch (error) {
    tellFailure(session, folder, seed, error);
  }
}

function tables({ screen }: Session, { run, summary }: Evaluation): string {
  const { out } = screen;
  return renderTables(summary, run, { width: out.columns, color: screen.colorOn(out) });
}

function codesOf({ host }: Session, { outcome }: Measurement): readonly ExitCode[] {
  const codes: ExitCode[] = outcome === 'complete' ? [] : [EXIT.incomplete];
  if (host.interrupt.aborted) {
    codes.push(host.interrupt.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted);
  }
  return codes;
}
