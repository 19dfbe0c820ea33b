/** `bench study point FILE --index I`: what one pod of a study makes. */

import { join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import { checkRunId } from '../run/new-run.ts';
import { interruptionCodes } from '../run/perform-run.ts';
import type { Session } from '../run/session.ts';
import { studyCommands } from '../study/commands.ts';
import { makeLane } from '../study/make-lane.ts';
import type { OpenStudy } from '../study/open-study.ts';
import { openFileOrTell } from './opened-study.ts';
import { once, wholeNumber } from './options.ts';
import { RESULTS, STUDY_ID, YES } from './shared-options.ts';

interface PointArguments {
  readonly file: string;
  readonly index: number | undefined;
  readonly clusters: string | undefined;
  readonly results: string;
  readonly studyId: string | undefined;
  readonly yes: boolean;
  readonly findings: boolean;
}

export function studyPointCommand(session: Session): CommandModule<object, PointArguments> {
  return {
    command: 'point <file>',
    describe: 'Make what one index of a study is: run it, go on with it, or find it made',
    builder: (yargs) => options(yargs) as Argv<PointArguments>,
    handler: (args) => point(session, args),
  };
}

function options(yargs: Argv): Argv {
  return yargs
    .positional('file', { type: 'string', describe: 'Study file' })
    .option('index', {
      type: 'number',
      describe: 'Which of the study, from 0 [default: JOB_COMPLETION_INDEX of a pod]',
      coerce: wholeNumber('index'),
    })
    .option('clusters', {
      type: 'string',
      describe: 'Folder with NAME/kubeconfig of each cluster, in place of what the file says',
      coerce: once('clusters'),
    })
    .option('results', RESULTS)
    .option('study-id', STUDY_ID)
    .option('yes', YES)
    .option('findings', {
      type: 'boolean',
      default: false,
      describe: 'End as the run ended (2, 3, 4, 5, 64); without it what is found is success',
    })
    .example('$0 study point study.yaml --index 0', 'the first run of the study');
}

async function point(session: Session, args: PointArguments): Promise<void> {
  checkRunId(args.studyId);
  const opened = openFileOrTell(session, args.file, args);
  if (opened === undefined) return;
  const { results, yes, findings } = args;
  const study = args.clusters === undefined ? opened : mountedAt(opened, args.clusters);
  const commands = studyCommands(study, results, { yes });
  const index = args.index ?? indexOfPod(session);
  const { codes, toRepeat } = await makeLane(session, study, { commands, index });
  if (session.host.interrupt.aborted) return session.finish(...interruptionCodes(session));
  if (toRepeat > 0) session.finish(EXIT.error);
  if (findings) session.finish(...codes.map(toExitCode));
}

function indexOfPod({ host }: Session): number {
  const text = host.env['JOB_COMPLETION_INDEX'] ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError('which of the study? give --index, or start it in a pod of an Indexed Job');
}

/** Whose Secret is not there has a file that is not there, which its run will tell. */
function mountedAt(study: OpenStudy, folder: string): OpenStudy {
  const clusters = study.asked.clusters.map((cluster) => {
    const { name, connection } = cluster;
    if (connection === undefined || connection.inCluster || name === undefined) return cluster;
    const kubeconfig = join(folder, name, 'kubeconfig');
    return { ...cluster, connection: { ...connection, kubeconfig } };
  });
  return { ...study, asked: { ...study.asked, clusters } };
}

function toExitCode(code: number): ExitCode {
  return Object.values(EXIT).find((each) => each === code) ?? EXIT.error;
}
