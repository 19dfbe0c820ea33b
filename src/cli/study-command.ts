/** `bench study SCENARIO --vary ...` or FILE: many runs, one question; goes on where it stopped. */

import type { CommandBody } from './command-body.ts';
import type { Argv, CommandModule } from 'yargs';
import { UsageError } from '../core/usage-error.ts';
import { checkRunId } from '../run/new-run.ts';
import { checkExternal } from '../run/run-external.ts';
import type { Session } from '../run/session.ts';
import { loadScenario } from '../scenario/load.ts';
import { readYaml } from '../scenario/read-yaml.ts';
import { interruptionCodes } from '../run/perform-run.ts';
import { studyCommands } from '../study/commands.ts';
import { parseLevel, parseRange } from '../study/level.ts';
import { makeStudy } from '../study/make-study.ts';
import { parseVary } from '../study/points.ts';
import { EMBEDDED, type StudyQuestion } from '../study/question.ts';
import type { OpenStudy } from '../study/open-study.ts';
import { isStudyFile } from '../study/study-file.ts';
import { openOrTell, openFileOrTell, told } from './opened-study.ts';
import { once, wholeNumber } from './options.ts';
import {
  ALLOW_EXEC,
  connectionChoice,
  connectionOptions,
  type ConnectionArguments,
} from './connection-options.ts';
import { REPORT, REPORTS, RESULTS, SET, STUDY_ID, YES } from './shared-options.ts';
import { findScenario } from './shipped-scenarios.ts';
import { studyManifestsCommand } from './study-manifests-command.ts';
import { studyMergeCommand } from './study-merge-command.ts';
import { studyPointCommand } from './study-point-command.ts';
import { tellStudy } from './told-study.ts';
import { overridesOnTwin, refuseTwin, TWIN } from './twin-option.ts';

interface StudyArguments extends ConnectionArguments {
  readonly scenario: string;
  readonly set: readonly string[];
  readonly twin: string | undefined;
  readonly vary: readonly string[];
  readonly until: string | undefined;
  readonly sensitivity: readonly string[] | undefined;
  readonly repeat: number | undefined;
  readonly jobs: number;
  readonly seed: number | undefined;
  readonly studyId: string | undefined;
  readonly results: string;
  readonly json: boolean;
  readonly report: boolean;
  readonly reports: string | undefined;
  readonly yes: boolean;
  readonly allowExec: boolean;
}

export function studyCommand(session: Session, describe: string): CommandBody {
  return {
    // Its own options are no options of the commands beside it.
    builder: (yargs) =>
      yargs
        .command(wholeStudyCommand(session, describe))
        .command(studyPointCommand(session))
        .command(studyMergeCommand(session))
        .command(studyManifestsCommand(session)),
    handler: () => {},
  };
}

function wholeStudyCommand(
  session: Session,
  describe: string,
): CommandModule<object, StudyArguments> {
  return {
    command: '$0 <scenario>',
    describe,
    builder: (yargs) => options(yargs) as Argv<StudyArguments>,
    handler: (args) => study(session, args),
  };
}

function options(yargs: Argv): Argv {
  const own = connectionOptions(yargs)
    .positional('scenario', {
      type: 'string',
      describe: 'Scenario file or name; or a study file, which says all of it',
    })
    .option('set', SET)
    .option('twin', TWIN)
    .option('vary', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [],
      defaultDescription: 'none',
      describe: 'A field of the scenario and its values, path=a,b,c; several make a grid',
    })
    .option('until', {
      type: 'string',
      describe: 'Search --vary path=LEAST..GREATEST for where this level is kept',
      coerce: once('until'),
    })
    .option('sensitivity', {
      type: 'string',
      describe: 'Each calibrated constant by itself at +-50 %: which matters? Of these groups only',
      coerce: constants,
    })
    .option('repeat', {
      type: 'number',
      describe: 'So many runs of each point, each with a seed of its own [default: 1]',
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
    .option('study-id', STUDY_ID)
    .option('yes', YES)
    .option('allow-exec', ALLOW_EXEC);
  return showing(own)
    .example('$0 study S --vary steps.1.boot.wave.size=25,50,100,200', 'where is the knee?')
    .example('$0 study S --vary simulation.attacher.qps=5,10 --repeat 5', 'what if?')
    .example(
      "$0 study S --vary steps.1.boot.wave.size=10..100 --until 'guestReady.p95<=60s'",
      'how large may a wave be?',
    )
    .example('$0 study S --sensitivity=kubelet,virtHandler', 'which constants matter?')
    .example('$0 study study.yaml --jobs 2', 'the same from a file, on many clusters');
}

function showing(yargs: Argv): Argv {
  return yargs
    .option('results', RESULTS)
    .option('json', { type: 'boolean', default: false, describe: 'The answer as JSON' })
    .option('report', REPORT)
    .option('reports', REPORTS);
}

async function study(session: Session, args: StudyArguments): Promise<void> {
  if (args.jobs < 1) throw new UsageError('--jobs takes a number of processes, at least 1');
  checkRunId(args.studyId);
  refuseTwin(args.twin, connectionChoice(args));
  const file = findScenario(args.scenario);
  // Before anything is asked of it: a slip in the name is no missing question.
  const read = readYaml(file);
  if ('problems' in read) return told(session, read.problems);
  const opened = isStudyFile(file)
    ? openFileOrTell(session, file, withoutQuestion(args))
    : openOnTwin(session, args, file);
  if (opened === undefined) return;
  const { results, jobs, yes, allowExec } = args;
  const { id, course, asked } = opened;
  const isEmbedded = asked.clusters.some(({ connection }) => connection === undefined);
  checkExternal(opened.scenario, { allowExec, isEmbedded });
  const most = asked.search === undefined ? '' : 'at most ';
  session.screen.tell(`study ${id}: ${most}${course.expected} runs, ${jobs} at a time`);
  const commands = studyCommands(opened, results, { yes, allowExec });
  const { runs, isPartial } = await makeStudy(session, opened, { commands, jobs });
  await tellStudy(session, opened, runs, args);
  if (isPartial) session.finish(...interruptionCodes(session));
}

/** Undefined once its problems have been told. */
function openOnTwin(session: Session, args: StudyArguments, file: string): OpenStudy | undefined {
  const { set, twin } = args;
  if (twin === undefined) return openOrTell(session, questionOf(args, file), args);
  const on = overridesOnTwin((overrides) => loadScenario(file, overrides), set, twin);
  if ('problems' in on) return told(session, on.problems);
  return openOrTell(session, questionOf({ ...args, set: on.overrides }, file), args);
}

/** What the command line asks. Throws UsageError. */
function questionOf(args: StudyArguments, scenario: string): StudyQuestion {
  const { set, vary, until: text, sensitivity, repeat = 1, seed } = args;
  const connection = connectionChoice(args);
  if (repeat < 1) throw new UsageError('--repeat takes a number of runs, at least 1');
  if (sensitivity !== undefined && vary.length > 0) {
    throw new UsageError('--sensitivity varies by itself: give no --vary');
  }
  if (sensitivity !== undefined && connection !== undefined) {
    throw new UsageError('--sensitivity is of the simulated cluster: leave out the one named');
  }
  if (sensitivity === undefined && vary.length === 0) {
    throw new UsageError('what is to differ? give --vary, --sensitivity or a study file');
  }
  const search =
    text === undefined ? undefined : { text, level: parseLevel(text), range: parseRange(vary) };
  const grid = search === undefined ? parseVary(vary) : {};
  const asked = { set, vary: grid, search, sensitivity, repeat, seed };
  return { name: undefined, scenario, ...asked, clusters: [{ ...EMBEDDED, connection }] };
}

/** A study file says it all: what the command line said as well would be in two places. */
function withoutQuestion(args: StudyArguments): StudyArguments {
  const { set, twin, vary, until, sensitivity, repeat, seed } = args;
  const said = [
    connectionChoice(args) === undefined ? undefined : 'the cluster (targets)',
    twin === undefined ? undefined : '--twin',
    set.length > 0 ? '--set' : undefined,
    vary.length > 0 ? '--vary' : undefined,
    until === undefined ? undefined : '--until',
    sensitivity === undefined ? undefined : '--sensitivity',
    repeat === undefined ? undefined : '--repeat',
    seed === undefined ? undefined : '--seed',
  ].filter((each) => each !== undefined);
  if (said.length === 0) return args;
  throw new UsageError(`${args.scenario} is a study: say ${said.join(', ')} in the file`);
}

/** `--sensitivity` alone means all of them. */
function constants(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const text = value === '' ? '' : String(once('sensitivity')(value));
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
