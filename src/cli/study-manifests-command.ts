/** `bench study manifests FILE`: the same study as an Indexed Job of Kubernetes. */

import type { Argv, CommandModule } from 'yargs';
import { rolesFor } from '../cluster/role-text.ts';
import { EXIT } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import { makePlan } from '../plan/make-plan.ts';
import { computeDemand } from '../run/demand.ts';
import type { Session } from '../run/session.ts';
import { formatProblem } from '../scenario/problem.ts';
import { studyCommands } from '../study/commands.ts';
import { jobManifests, jobName } from '../study/job-manifests.ts';
import { studyLanes } from '../study/make-lane.ts';
import type { OpenStudy } from '../study/open-study.ts';
import { bundleStudy } from '../study/study-bundle.ts';
import type { JobOptions } from '../study/study-job.ts';
import { type BucketArguments, bucketOptions, jobBucket } from './job-bucket.ts';
import { openFile } from './opened-study.ts';
import { once, wholeNumber } from './options.ts';
import { STUDY_ID } from './shared-options.ts';

interface ManifestArguments extends Omit<JobOptions, 'bucket'>, BucketArguments {
  readonly file: string;
  readonly studyId: string | undefined;
}

export function studyManifestsCommand(session: Session): CommandModule<object, ManifestArguments> {
  return {
    command: 'manifests <file>',
    describe: 'Print the study as an Indexed Job, with all it needs but secrets, for kubectl apply',
    builder: (yargs) => options(yargs) as Argv<ManifestArguments>,
    handler: (args) => manifests(session, args),
  };
}

function options(yargs: Argv): Argv {
  return bucketOptions(yargs)
    .positional('file', { type: 'string', describe: 'Study file' })
    .option('image', {
      type: 'string',
      demandOption: true,
      describe: 'Of bench, see deploy/',
      coerce: once('image'),
    })
    .option('namespace', {
      type: 'string',
      default: 'bench',
      describe: 'Of the Job; it has to be there',
      coerce: once('namespace'),
    })
    .option('parallelism', {
      type: 'number',
      default: 5,
      describe: 'Pods at a time',
      coerce: wholeNumber('parallelism'),
    })
    .option('storage-class', {
      type: 'string',
      describe: 'Of the claim for the results, ReadWriteMany [default: the default class]',
      coerce: once('storage-class'),
    })
    .option('size', {
      type: 'string',
      default: '10Gi',
      describe: 'Of that claim',
      coerce: once('size'),
    })
    .option('backoff-per-index', {
      type: 'number',
      describe: 'Fail indexes by themselves after so many tries (Kubernetes 1.33, or its gate)',
      coerce: wholeNumber('backoff-per-index'),
    })
    .option('queue', {
      type: 'string',
      describe: 'LocalQueue of Kueue that admits the Job',
      coerce: once('queue'),
    })
    .option('study-id', STUDY_ID)
    .example(
      '$0 study manifests study.yaml --image registry.example/bench:0.2.0 > job.yaml',
      'then kubectl apply -f job.yaml',
    )
    .example(
      '$0 study manifests study.yaml --image I --bucket-class ocs-storagecluster-ceph-rgw',
      'results in a bucket of Ceph, claimed with the study',
    );
}

function manifests({ screen, finish }: Session, args: ManifestArguments): void {
  const opened = openFile(args.file, { results: '', studyId: args.studyId });
  if ('problems' in opened) {
    for (const problem of opened.problems) screen.tell(formatProblem(problem));
    return finish(EXIT.usage);
  }
  const bucket = jobBucket(args, opened.study);
  if (bucket !== undefined && args.storageClass !== undefined) {
    throw new UsageError('--storage-class is of a claim, and a bucket takes its place: leave one');
  }
  if (args.parallelism < 1) throw new UsageError('--parallelism takes a number of pods from 1 on');
  const { study } = opened;
  const commands = studyCommands(study, '', { yes: true });
  screen.print(
    jobManifests({
      study,
      files: bundleStudy(args.file, opened, study),
      indexes: studyLanes(study, commands).length,
      roles: inClusterRoles(study, args.namespace),
      options: { ...args, bucket },
    }),
  );
}

/** What a run on the cluster around the pods has to be allowed; nothing where none is. */
function inClusterRoles(study: OpenStudy, namespace: string): readonly object[] {
  if (!study.asked.clusters.some(({ connection }) => connection?.inCluster)) return [];
  const { scenario } = study;
  const demand = computeDemand(scenario, makePlan(scenario, { runId: study.id }));
  return rolesFor({ ...demand, name: scenario.name }, { name: jobName(study), namespace });
}
