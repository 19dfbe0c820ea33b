/**
 * The pod of a study's Job: restricted, with the study, the results and a Secret for each cluster
 * mounted. All pods of a Job are alike, so each has all Secrets, and one that is missing must not
 * keep the others from starting.
 */

import type { StudyJob } from './study-job.ts';
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
        resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '4Gi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'tmp', mountPath: '/tmp' },
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
      { name: 'data', persistentVolumeClaim: { claimName: name } },
      { name: 'tmp', emptyDir: {} },
      ...(withStudy ? [{ name: 'study', configMap: { name, items } }] : []),
      ...remote.map((cluster) => ({
        name: `cluster-${cluster.name}`,
        secret: { secretName: secretName(cluster), optional: true },
      })),
    ],
  };
}

function isRemote({ connection }: StudyCluster): boolean {
  return connection !== undefined && connection.inCluster !== true;
}

/** The Secret with the kubeconfig of a cluster, under the key `kubeconfig`. */
export function secretName({ name, secret }: StudyCluster): string {
  return secret ?? `kubeconfig-${name}`;
}
