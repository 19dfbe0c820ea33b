/** `bench validate FILE...`: all that is wrong with scenarios and studies, with line and column. */

import type { CommandBody } from './command-body.ts';
import { loadScenario } from '../scenario/load.ts';
import { formatProblem, type Problem } from '../scenario/problem.ts';
import type { Screen } from '../run/session.ts';
import { externalPrograms } from '../run/run-external.ts';
import { isStudyFile } from '../study/study-file.ts';
import { openFile } from './opened-study.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import type { Session } from '../run/session.ts';
import { SET } from './shared-options.ts';
import { findScenario } from './shipped-scenarios.ts';

export interface ValidateArguments {
  readonly files: readonly string[];
  readonly set: readonly string[];
  readonly json: boolean;
}

export function validateCommand(session: Session): CommandBody<ValidateArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional('files', { type: 'string', array: true, demandOption: true })
        .option('set', SET)
        .option('json', { type: 'boolean', default: false, describe: 'Problems as JSON' })
        .example('$0 validate scenarios/*.yaml', 'each problem with its line and the remedy'),
    handler: (args) => session.finish(runValidate(args, session.screen)),
  };
}

/** Prints the problems of each file, or that there are none. */
function runValidate(args: ValidateArguments, screen: Pick<Screen, 'print'>): ExitCode {
  const checked = args.files.map((file) => ({ file, ...check(file, args.set) }));
  if (args.json) {
    const problems = checked.flatMap((each) => each.problems);
    const valid = problems.length === 0;
    screen.print(
      `${JSON.stringify({ schema: 'bench/problems/v1', valid, problems }, undefined, 2)}\n`,
    );
  } else {
    for (const { file, problems, programs = [] } of checked) {
      for (const problem of problems) screen.print(`${formatProblem(problem)}\n`);
      if (problems.length === 0) screen.print(`${file}: ok${programsText(programs)}\n`);
    }
  }
  return checked.some((each) => each.problems.length > 0) ? EXIT.usage : EXIT.ok;
}

/** What whoever runs it has to allow. */
function programsText(programs: readonly string[]): string {
  return programs.length === 0 ? '' : ` (runs ${programs.join(', ')}: needs --allow-exec)`;
}

interface Checked {
  readonly problems: readonly Problem[];
  /** That it runs on this machine, of a scenario. */
  readonly programs?: readonly string[];
}

function check(name: string, overrides: readonly string[]): Checked {
  const file = findScenario(name);
  if (isStudyFile(file)) {
    const opened = openFile(file, { results: '', studyId: undefined });
    return { problems: 'problems' in opened ? opened.problems : [] };
  }
  const loaded = loadScenario(file, overrides);
  if ('problems' in loaded) return loaded;
  return { problems: [], programs: externalPrograms(loaded.scenario) };
}
