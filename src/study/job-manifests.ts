/**
 * A study as Kubernetes makes it: an Indexed Job whose pods make an index each, the last one the
 * answer too, and a Job that merges what there is where an index was lost, which rests until it is
 * told to. For batch/v1 of Kubernetes 1.28 and later. A pod whose
 * run ended badly succeeds, since what it found is in its folder; where the server fails indexes by
 * themselves, and that is asked for, it ends as its run ended.
 */

import { stringify } from 'yaml';
import { EXIT } from '../core/exit-code.ts';
import { UsageError } from '../core/usage-error.ts';
import { INDEXES_MAX, type JobOptions, type StudyJob } from './study-job.ts';
import { bucketArguments, podSpec, secretName } from './job-pod.ts';
import type { OpenStudy } from './open-study.ts';

/** Exit codes that tell of a finding: making the run again would only find it once more. */
const FINDINGS = [EXIT.regression, EXIT.invalid, EXIT.sloMissed, EXIT.incomplete, EXIT.usage];

/** Files as they are, line by line. */
const PLAIN = { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false } as const;

/** YAML, with what to do as its first comment. Throws UsageError for what no Job can be. */
export function jobManifests(job: StudyJob): string {
  const { study, indexes, options } = job;
  if (indexes > INDEXES_MAX) {
    throw new UsageError(`an Indexed Job has at most ${INDEXES_MAX} indexes, not ${indexes}`);
  }
  const name = jobName(study);
  const base = { namespace: options.namespace, labels: labelsOf(study) };
  const named = (suffix = '') => ({ name: `${name}${suffix}`, ...base });
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: named() },
    ...job.roles,
    configMap(job, named()),
    ...places(options, named()),
    indexedJob(job, named()),
    mergeJob(job, named('-merge')),
  ];
  return `${header(job, name)}${objects.map((each) => stringify(each, PLAIN)).join('---\n')}`;
}

/** So that `NAME-INDEX` is a host name. */
const NAME_MAX = 50;

/** Names all objects of the study. Throws UsageError where its id cannot. */
export function jobName({ id }: OpenStudy): string {
  const name = `bench-${id}`;
  if (/^[a-z0-9-]+$/.test(name) && name.length <= NAME_MAX) return name;
  const most = NAME_MAX - 'bench-'.length;
  throw new UsageError(
    `study ${id} cannot name a Job: use lower-case letters, digits and -, at most ${most}`,
  );
}

function labelsOf({ id }: OpenStudy) {
  return { 'app.kubernetes.io/name': 'bench', 'app.kubernetes.io/instance': id };
}

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

function configMap({ files }: StudyJob, metadata: Metadata) {
  const data = Object.fromEntries(files.map(({ key, text }) => [key, text]));
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

/** Where the results go: a claim, a bucket that is claimed, or one that is there. */
function places(options: JobOptions, metadata: Metadata): readonly object[] {
  const { bucket } = options;
  if (bucket === undefined) return [claim(options, metadata)];
  if (bucket.claimClass === undefined) return [];
  return [
    {
      apiVersion: 'objectbucket.io/v1alpha1',
      kind: 'ObjectBucketClaim',
      metadata,
      spec: { generateBucketName: metadata.name, storageClassName: bucket.claimClass },
    },
  ];
}

/** Pods on several nodes write into it at the same time. */
function claim({ storageClass, size }: JobOptions, metadata: Metadata) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: {
      accessModes: ['ReadWriteMany'],
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: size } },
    },
  };
}

function indexedJob(job: StudyJob, metadata: Metadata) {
  const { study, files, indexes, options } = job;
  const { parallelism, backoffPerIndex, queue, bucket } = options;
  const isPerIndex = backoffPerIndex !== undefined;
  const args = [
    'study',
    'point',
    `/study/${files[0].path}`,
    '--clusters=/clusters',
    '--results=/data/results',
    `--study-id=${study.id}`,
    '--yes',
    '--merge',
    ...(isPerIndex ? ['--findings'] : []),
    ...(bucket === undefined ? [] : [`--bucket=${bucket.address}`, ...bucketArguments(bucket)]),
  ];
  const labels = { ...metadata.labels, ...(queue && { 'kueue.x-k8s.io/queue-name': queue }) };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, labels },
    spec: {
      completionMode: 'Indexed',
      completions: indexes,
      parallelism: Math.min(indexes, parallelism),
      // Of all indexes together: a pod that was lost or found no memory, but no finding, counts.
      ...(isPerIndex
        ? { backoffLimitPerIndex: backoffPerIndex }
        : { backoffLimit: Math.max(LEAST_BACKOFF, Math.ceil(indexes / 10)) }),
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          ...(isPerIndex ? [FINDINGS_FAIL] : []),
        ],
      },
      template: {
        metadata: { labels: metadata.labels },
        spec: podSpec(job, metadata.name, { args, withStudy: true }),
      },
    },
  };
}

const LEAST_BACKOFF = 6;

const FINDINGS_FAIL = {
  action: 'FailIndex',
  onExitCodes: { containerName: 'bench', operator: 'In', values: FINDINGS },
};

function mergeJob(job: StudyJob, metadata: Metadata) {
  const { study, options } = job;
  const { bucket } = options;
  const folder = `${study.scenario.name}/${study.id}`;
  const from =
    bucket === undefined
      ? [`/data/results/${folder}`]
      : [`${bucket.address}/${folder}`, '--upload', '--results=/data/results'];
  const more = bucket === undefined ? [] : bucketArguments(bucket);
  const args = ['study', 'merge', ...from, '--reports=/data/reports', ...more];
  const claimName = jobName(study);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      // For a Job that failed: else the pod that ends last has merged.
      suspend: true,
      backoffLimit: 0,
      template: {
        metadata: { labels: metadata.labels },
        spec: podSpec(job, claimName, { args, withStudy: false }),
      },
    },
  };
}

function header({ study, options }: StudyJob, name: string): string {
  const { namespace, bucket } = options;
  const kubectl = `kubectl -n ${namespace}`;
  const clusters = study.asked.clusters.flatMap((cluster) => {
    const { connection } = cluster;
    if (connection === undefined || connection.inCluster) return [];
    return `${kubectl} create secret generic ${secretName(cluster)} --from-file=kubeconfig=FILE`;
  });
  const keys =
    bucket === undefined || bucket.configMap !== undefined
      ? []
      : [`${kubectl} create secret generic ${bucket.secret} --from-env-file=FILE`];
  const folder = `${study.scenario.name}/${study.id}`;
  const place =
    bucket === undefined ? `results/${folder} of the claim` : `${bucket.address}/${folder}`;
  const lines = [
    `Study ${study.id} of ${study.scenario.name} as an Indexed Job. No secrets are in here.`,
    ...(clusters.length === 0 ? [] : ['Before it, the kubeconfig of each cluster:']),
    ...clusters.map((each) => `  ${each}`),
    ...(keys.length === 0
      ? []
      : ['Before it, AWS_ACCESS_KEY_ID=... and AWS_SECRET_ACCESS_KEY=...:']),
    ...keys.map((each) => `  ${each}`),
    `The pod that ends last merges: its log has the answer, and study.json in ${place}.`,
    'Where the Job has failed, what there is is merged, and what is missing is named, by:',
    `  ${kubectl} patch job ${name}-merge -p '{"spec":{"suspend":false}}'`,
    `  ${kubectl} logs -f job/${name}-merge`,
  ];
  return lines.map((line) => `# ${line}\n`).join('');
}
