/** `bench study merge DIR...` or `s3://...`: one answer from all runs, whoever made them. */

import type { Argv, CommandModule } from 'yargs';
import { isBucketAddress } from '../bucket/place.ts';
import { UsageError } from '../core/usage-error.ts';
import { interruptionCodes } from '../run/perform-run.ts';
import type { Session } from '../run/session.ts';
import { BUCKET_CA, BUCKET_ENVIRONMENT, withBucket } from './bucket-access.ts';
import { mergeBucket, mergeFolders, type MergeOptions } from './merged-study.ts';
import { REPORT, REPORTS, RESULTS } from './shared-options.ts';

interface MergeArguments extends MergeOptions {
  readonly folders: readonly string[];
  readonly results: string;
  readonly bucketCa: string | undefined;
  readonly upload: boolean;
}

export function studyMergeCommand(session: Session): CommandModule<object, MergeArguments> {
  return {
    command: 'merge <folders..>',
    describe: 'The answer of a study from its folder, its bucket, or folders that hold parts of it',
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
    .option('results', { ...RESULTS, describe: 'Folder that a study in a bucket is brought to' })
    .option('upload', {
      type: 'boolean',
      default: false,
      describe: 'Put the answer and its page into the bucket too',
    })
    .option('bucket-ca', BUCKET_CA)
    .option('report', REPORT)
    .option('reports', REPORTS)
    .example('$0 study merge results/tiny/nightly', 'once the pods of a study have ended')
    .example('$0 study merge s3://my-bucket/studies', 'the same, of a bucket')
    .epilogue(BUCKET_ENVIRONMENT);
}

async function merge(session: Session, args: MergeArguments): Promise<void> {
  const { folders, bucketCa: ca } = args;
  const address = folders.find(isBucketAddress);
  if (address === undefined) {
    session.finish((await mergeFolders(session, folders, args)).code);
    return;
  }
  if (folders.length > 1) throw new UsageError('a bucket is merged by itself: name one address');
  const { interrupt: signal } = session.host;
  const told = await withBucket(session, { address, ca, signal }, (bucket) =>
    mergeBucket(session, bucket, args),
  );
  session.finish(...(told === undefined ? [] : [told.code]), ...interruptionCodes(session));
}
