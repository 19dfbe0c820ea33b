/**
 * The pod of a study's Job: restricted, with the study, the results and a Secret for each cluster
 * mounted; of a bucket it has the address and, by name, who may use it. All pods of a Job are
 * alike, so each has all Secrets, and one that is missing must not keep the others from starting.
 */

import type { JobBucket, StudyJob } from './study-job.ts';
import type { StudyCluster } from './question.ts';

interface PodArguments {
  readonly args: readonly string[];
  /** Whether it makes runs: then it needs the study and its clusters. */
  readonly withStudy: boolean;
}

/** `name`: of the objects of the study. */
export function podSpec(job: StudyJob, name: string, { args, withStudy }: PodArguments) {
  const { study, files, options } = job;
  const remote = withStudy ? study.asked.clusters.filter(isRemote) : [];
  const isIn = withStudy && study.asked.clusters.some(({ connection }) => connection?.inCluster);
  const isReal = remote.length > 0 || isIn;
  const authority = options.bucket?.authority;
  const items = files.map(({ key, path }) => ({ key, path }));
  return {
    serviceAccountName: name,
    automountServiceAccountToken: isIn,
    restartPolicy: 'Never',
    // Told to end, a run on a real cluster reports what it has and then removes what it made.
    terminationGracePeriodSeconds: isReal ? 1800 : 60,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'bench',
        image: options.image,
        args,
        ...(options.bucket === undefined ? {} : { env: bucketVariables(options.bucket) }),
        resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '4Gi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'tmp', mountPath: '/tmp' },
          ...(authority === undefined
            ? []
            : [{ name: 'bucket-ca', mountPath: AUTHORITY_FOLDER, readOnly: true }]),
          ...(withStudy ? [{ name: 'study', mountPath: '/study', readOnly: true }] : []),
          ...remote.map((cluster) => ({
            name: `cluster-${cluster.name}`,
            mountPath: `/clusters/${cluster.name}`,
            readOnly: true,
          })),
        ],
      },
    ],
    volumes: [
      options.bucket === undefined
        ? { name: 'data', persistentVolumeClaim: { claimName: name } }
        : { name: 'data', emptyDir: {} },
      { name: 'tmp', emptyDir: {} },
      ...(authority === undefined
        ? []
        : [
            {
              name: 'bucket-ca',
              configMap: {
                name: authority.configMap,
                items: [{ key: authority.key, path: AUTHORITY_FILE }],
              },
            },
          ]),
      ...(withStudy ? [{ name: 'study', configMap: { name, items } }] : []),
      ...remote.map((cluster) => ({
        name: `cluster-${cluster.name}`,
        secret: { secretName: secretName(cluster), optional: true },
      })),
    ],
  };
}

const AUTHORITY_FOLDER = '/bucket-ca';
const AUTHORITY_FILE = 'ca.crt';

/** What a pod's command line says of the bucket, once to a command. */
export function bucketArguments({ authority }: JobBucket): readonly string[] {
  return authority === undefined ? [] : [`--bucket-ca=${AUTHORITY_FOLDER}/${AUTHORITY_FILE}`];
}

/** By the names that AWS's own programs and ObjectBucketClaims give them. */
function bucketVariables({ secret, configMap, endpoint, region }: JobBucket): readonly object[] {
  const secretKey = (name: string, more = {}) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key: name, ...more } },
  });
  const configKey = (name: string, more = {}) => ({
    name,
    valueFrom: { configMapKeyRef: { name: configMap, key: name, ...more } },
  });
  const claimed = ['BUCKET_NAME', 'BUCKET_HOST', 'BUCKET_PORT'].map((name) => configKey(name));
  return [
    secretKey('AWS_ACCESS_KEY_ID'),
    secretKey('AWS_SECRET_ACCESS_KEY'),
    secretKey('AWS_SESSION_TOKEN', { optional: true }),
    ...(configMap === undefined
      ? []
      : [...claimed, configKey('BUCKET_REGION', { optional: true })]),
    ...(endpoint === undefined ? [] : [{ name: 'AWS_ENDPOINT_URL', value: endpoint }]),
    ...(region === undefined ? [] : [{ name: 'AWS_REGION', value: region }]),
  ];
}

function isRemote({ connection }: StudyCluster): boolean {
  return connection !== undefined && connection.inCluster !== true;
}

/** The Secret with the kubeconfig of a cluster, under the key `kubeconfig`. */
export function secretName({ name, secret }: StudyCluster): string {
  return secret ?? `kubeconfig-${name}`;
}
