/** `bench study SCENARIO --vary path=a,b`: many runs, one question; goes on where it stopped. */

import { join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import type { PointSet } from '../compare/study-point.ts';
import type { StudySummary } from '../compare/study-summary.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import { writeAtomic } from '../core/write-atomic.ts';
import { studyCsv } from '../report/csv/study-csv.ts';
import { studyText } from '../report/terminal/study-text.ts';
import { checkRunId } from '../run/new-run.ts';
import { reportsBeside, writtenStudyPage } from '../run/pages.ts';
import { interruptionCodes } from '../run/perform-run.ts';
import type { Session } from '../run/session.ts';
import { makeStudy } from '../run/study.ts';
import { gridCourse, searchCourse, type StudyCourse } from '../run/study-course.ts';
import { parseLevel, parseRange } from '../run/study-level.ts';
import { digest, parseVary } from '../run/study-points.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { once, wholeNumber } from './options.ts';
import { loadOrTell } from './scenario-argument.ts';
import { REPORT, REPORTS, RESULTS, SCENARIO, SET } from './shared-options.ts';

interface StudyArguments {
  readonly scenario: string;
  readonly set: readonly string[];
  readonly vary: readonly string[];
  readonly until: string | undefined;
  readonly repeat: number;
  readonly jobs: number;
  readonly seed: number | undefined;
  readonly studyId: string | undefined;
  readonly results: string;
  readonly json: boolean;
  readonly report: boolean;
  readonly reports: string | undefined;
}

export function studyCommand(session: Session): CommandModule<object, StudyArguments> {
  return {
    command: 'study <scenario>',
    describe: 'Many runs on the simulated cluster: where is the knee, what if?',
    builder: (yargs) => options(yargs) as Argv<StudyArguments>,
    handler: (args) => study(session, args),
  };
}

function options(yargs: Argv): Argv {
  return yargs
    .positional('scenario', SCENARIO)
    .option('set', SET)
    .option('vary', {
      type: 'string',
      array: true,
      nargs: 1,
      demandOption: true,
      describe: 'A field of the scenario and its values, path=a,b,c; several make a grid',
    })
    .option('until', {
      type: 'string',
      describe: 'Search --vary path=LEAST..GREATEST for where this level is kept',
      coerce: once('until'),
    })
    .option('repeat', {
      type: 'number',
      default: 1,
      describe: 'So many runs of each point, each with a seed of its own',
      coerce: wholeNumber('repeat'),
    })
    .option('jobs', {
      type: 'number',
      default: 1,
      describe: 'So many runs at a time, each in a process of its own',
      coerce: wholeNumber('jobs'),
    })
    .option('seed', {
      type: 'number',
      describe: 'Of the first repeat [default: from the scenario, else 1]',
      coerce: wholeNumber('seed'),
    })
    .option('study-id', {
      type: 'string',
      describe: 'Name of the study [default: from what it asks, so the same question goes on]',
      coerce: once('study-id'),
    })
    .option('results', RESULTS)
    .option('json', { type: 'boolean', default: false, describe: 'The answer as JSON' })
    .option('report', REPORT)
    .option('reports', REPORTS)
    .example('$0 study S --vary steps.1.boot.wave.size=25,50,100,200', 'where is the knee?')
    .example('$0 study S --vary simulation.attacher.qps=5,10 --repeat 5', 'what if?')
    .example(
      "$0 study S --vary steps.1.boot.wave.size=10..100 --until 'guestReady.p95<=60s'",
      'how large may a wave be?',
    );
}

async function study(session: Session, args: StudyArguments): Promise<void> {
  if (args.repeat < 1) throw new UsageError('--repeat takes a number of runs, at least 1');
  if (args.jobs < 1) throw new UsageError('--jobs takes a number of processes, at least 1');
  checkRunId(args.studyId);
  const course = courseOf(args);
  const scenario = soundPoints(session, args, course.first);
  if (scenario === undefined) return session.finish(EXIT.usage);
  const { name } = scenario;
  const seed = args.seed ?? scenario.simulation.seed ?? 1;
  const { repeat, results, jobs } = args;
  const { until, vary } = args;
  const asked = until === undefined ? parseVary(vary) : [until, parseRange(vary)];
  const question = digest([name, args.set, scenario.origin.text, asked, repeat, seed]);
  const id = args.studyId ?? `study-${question.slice(0, 8)}`;
  const most = until === undefined ? '' : 'at most ';
  session.screen.tell(
    `study ${id}: ${most}${course.expected} runs on the simulated cluster, ${jobs} at a time`,
  );
  const made = await makeStudy(session, {
    id,
    question,
    scenario: name,
    results,
    course,
    jobs,
    commandFor: ({ run, set, repeat: n }) => {
      const sets = [...args.set, ...Object.entries(set).map(([path, value]) => `${path}=${value}`)];
      const where = ['--results', results, '--group', id, '--run-id', run];
      const how = ['--seed', String(seed + n - 1), '--no-report', '--progress', 'none'];
      return ['run', args.scenario, ...where, ...how, ...sets.flatMap((it) => ['--set', it])];
    },
  });
  const summary = course.summarise({ id, scenario: name, seed }, made.runs);
  const text = `${JSON.stringify(summary, undefined, 2)}\n`;
  writeAtomic(join(made.path, 'study.json'), text);
  writeAtomic(join(made.path, 'study.csv'), studyCsv(summary));
  const { screen } = session;
  const style = { width: screen.out.columns, color: screen.colorOn(screen.out) };
  screen.print(args.json ? text : `${studyText(summary, style)}\n`);
  screen.tell(`study: ${made.path}`);
  if (args.report) {
    const folder = join(args.reports ?? reportsBeside(results), name, id);
    screen.tell(`report: ${await writtenStudyPage(summary, made.manifest, folder)}`);
  }
  session.finish(endingOf(summary));
  if (made.isPartial) session.finish(...interruptionCodes(session));
}

/** A point that fails is what a search looks for, and elsewhere a hole in the table. */
function endingOf({ answer, points }: StudySummary): ExitCode {
  if (answer !== undefined) return answer.keeps === 'none' ? EXIT.sloMissed : EXIT.ok;
  return points.some(({ failures }) => failures.length > 0) ? EXIT.incomplete : EXIT.ok;
}

/** What the command line asks for. Throws UsageError. */
function courseOf({ until, vary, repeat }: StudyArguments): StudyCourse {
  return until === undefined
    ? gridCourse(parseVary(vary), repeat)
    : searchCourse(parseLevel(until), parseRange(vary), repeat);
}

/**
 * The scenario of the first point; undefined once the problems of any have been told: a field that
 * is not there is found before the first run.
 */
function soundPoints(
  session: Session,
  args: StudyArguments,
  points: readonly PointSet[],
): Scenario | undefined {
  const scenarios = points.map((point) => {
    const sets = Object.entries(point).map(([path, value]) => `${path}=${value}`);
    return loadOrTell(session, { scenario: args.scenario, set: [...args.set, ...sets] });
  });
  return scenarios.includes(undefined) ? undefined : scenarios[0];
}
