/** `bench study merge DIR...`: one answer from all runs of a study, whoever made them. */

import { dirname, join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { reportsBeside } from '../run/pages.ts';
import type { Session } from '../run/session.ts';
import { mergeStudy } from '../study/merge-study.ts';
import { REPORT, REPORTS } from './shared-options.ts';
import { showStudy } from './told-study.ts';

interface MergeArguments {
  readonly folders: readonly string[];
  readonly json: boolean;
  readonly report: boolean;
  readonly reports: string | undefined;
}

export function studyMergeCommand(session: Session): CommandModule<object, MergeArguments> {
  return {
    command: 'merge <folders..>',
    describe: 'The answer of a study from its folder, or from several that hold parts of it',
    builder: (yargs) => options(yargs) as Argv<MergeArguments>,
    handler: (args) => merge(session, args),
  };
}

function options(yargs: Argv): Argv {
  return yargs
    .positional('folders', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Folders of one study, results/SCENARIO/STUDY; the first gets the answer',
    })
    .option('json', { type: 'boolean', default: false, describe: 'The answer as JSON' })
    .option('report', REPORT)
    .option('reports', REPORTS)
    .example('$0 study merge results/tiny/nightly', 'once the pods of a study have ended');
}

async function merge(session: Session, args: MergeArguments): Promise<void> {
  const { id, scenario, summary, runs, missing } = mergeStudy(args.folders);
  if (missing > 0) session.screen.tell(`study: ${missing} of ${runs.length} runs are missing`);
  const path = args.folders[0] as string;
  const reports = args.reports ?? reportsBeside(dirname(dirname(path)));
  const page = args.report ? join(reports, scenario, id) : undefined;
  await showStudy(session, summary, { path, runs, page, json: args.json });
}
