/** `bench study point FILE --index I`: what one pod of a study makes. */

import { join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import type { Bucket } from '../bucket/bucket.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import { checkRunId } from '../run/new-run.ts';
import { interruptionCodes } from '../run/perform-run.ts';
import type { Session } from '../run/session.ts';
import { studyCommands } from '../study/commands.ts';
import { hasEnded, makeLane } from '../study/make-lane.ts';
import type { OpenStudy } from '../study/open-study.ts';
import { openFileOrTell } from './opened-study.ts';
import { once, wholeNumber } from './options.ts';
import { BUCKET_CA, BUCKET_ENVIRONMENT, withBucket } from './bucket-access.ts';
import { mergeBucket, mergeFolders } from './merged-study.ts';
import { REPORT, REPORTS, RESULTS, STUDY_ID, YES } from './shared-options.ts';

interface PointArguments {
  readonly file: string;
  readonly index: number | undefined;
  readonly clusters: string | undefined;
  readonly results: string;
  readonly studyId: string | undefined;
  readonly yes: boolean;
  readonly findings: boolean;
  readonly bucket: string | undefined;
  readonly bucketCa: string | undefined;
  readonly merge: boolean;
  readonly report: boolean;
  readonly reports: string | undefined;
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
    .option('bucket', {
      type: 'string',
      describe:
        'Keep what is made in this bucket, s3://BUCKET/PREFIX, and go on with what is there',
      coerce: once('bucket'),
    })
    .option('bucket-ca', BUCKET_CA)
    .option('merge', {
      type: 'boolean',
      default: false,
      describe: 'Give the answer too, where this was the last index to end',
    })
    .option('report', REPORT)
    .option('reports', REPORTS)
    .example('$0 study point study.yaml --index 0', 'the first run of the study')
    .epilogue(BUCKET_ENVIRONMENT);
}

async function point(session: Session, args: PointArguments): Promise<void> {
  checkRunId(args.studyId);
  const opened = openFileOrTell(session, args.file, args);
  if (opened === undefined) return;
  const { clusters, bucket: address, bucketCa: ca } = args;
  const study = clusters === undefined ? opened : mountedAt(opened, clusters);
  if (address === undefined) return make(session, args, study, undefined);
  // What a pod has when it is told to end is still put there, as long as the kubelet lets it.
  const { signal } = new AbortController();
  await withBucket(session, { address, ca, signal }, (bucket) =>
    make(session, args, study, bucket),
  );
}

async function make(
  session: Session,
  args: PointArguments,
  study: OpenStudy,
  bucket: Bucket | undefined,
): Promise<void> {
  const { results, yes, findings, merge } = args;
  const commands = studyCommands(study, results, { yes });
  const index = args.index ?? indexOfPod(session);
  const { codes, toRepeat } = await makeLane(session, study, { commands, index, bucket });
  if (session.host.interrupt.aborted) return session.finish(...interruptionCodes(session));
  if (toRepeat > 0) session.finish(EXIT.error);
  if (findings) session.finish(...codes.map(toExitCode));
  if (merge && (await hasEnded(study, bucket))) await mergeAll(session, args, study, bucket);
}

/** What the answer says, or that there is none, is no reason to make this index again. */
async function mergeAll(
  session: Session,
  { results, report, reports }: PointArguments,
  study: OpenStudy,
  bucket: Bucket | undefined,
): Promise<void> {
  const how = { json: false, report, reports, results, upload: true };
  try {
    if (bucket === undefined) await mergeFolders(session, [study.path], how);
    else await mergeBucket(session, bucket, how);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    session.screen.tell(`study: not merged: ${error.message}`);
  }
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
