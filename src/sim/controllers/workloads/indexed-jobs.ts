/**
 * The part of the Job controller that a set of numbered pods takes: completionMode Indexed, nothing
 * else. Pods are replaced at once, without the back-off of the real one, and a Job that is no
 * Indexed one rests for ever.
 */

import type { Pod } from '../../../api/compute.ts';
import { PODS, type Resource } from '../../../api/resources.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { type Informer, makeObjectKey, objectKey, splitKey } from '../../../kube/informer.ts';
import type { Chassis } from '../chassis/chassis.ts';
import { createExpectations, type Expectations } from '../chassis/expectations.ts';
import { controllerReference, findController, isDeleting } from '../chassis/ownership.ts';
import {
  formatIndexes,
  INDEX_KEY,
  isOver,
  type Job,
  type JobState,
  type JobStatus,
  judgeJob,
} from './job-state.ts';

const JOBS: Resource<Job> = {
  group: 'batch',
  version: 'v1',
  plural: 'jobs',
  kind: 'Job',
  namespaced: true,
};

const WORKERS = 5;

/** The kubelet reads it off the pod (addCompletionIndexEnvVariable, since PodIndexLabel). */
const INDEX_VARIABLE = {
  name: 'JOB_COMPLETION_INDEX',
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX_KEY}']` } },
};

export function startIndexedJobs(chassis: Chassis): void {
  const room: JobRoom = {
    chassis,
    client: chassis.client({ component: 'job-controller' }),
    jobs: chassis.informer(JOBS),
    pods: chassis.informer(PODS),
    owned: new Map(),
    created: createExpectations(chassis.clock),
  };
  const controller = chassis.controller({
    name: 'indexed jobs',
    workers: WORKERS,
    reconcile: (key) => reconcile(room, key),
  });
  room.jobs.onChange((now, before) => {
    const job = now ?? before;
    if (job) controller.enqueue(makeObjectKey(job));
  });
  room.pods.onChange((now, before) => {
    const pod = now ?? before;
    const owner = pod && findController(pod, JOBS.kind);
    if (!pod || !owner) return;
    const uid = pod.metadata.uid ?? '';
    const own = room.owned.get(owner.uid) ?? new Map<string, Pod>();
    room.owned.set(owner.uid, own);
    if (now) own.set(uid, now);
    else own.delete(uid);
    room.created.seen(uid);
    controller.enqueue(objectKey(pod.metadata.namespace, owner.name));
  });
}

interface JobRoom {
  readonly chassis: Chassis;
  readonly client: KubeClient;
  readonly jobs: Informer<Job>;
  readonly pods: Informer<Pod>;
  /** Pods by UID, by the UID of their Job. */
  readonly owned: Map<string, Map<string, Pod>>;
  readonly created: Expectations;
}

async function reconcile(room: JobRoom, key: string): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const job = room.jobs.get(namespace, name);
  if (!job || isDeleting(job) || isOver(job) || job.spec.completionMode !== 'Indexed') return;
  const pods = [...(room.owned.get(job.metadata.uid ?? '')?.values() ?? [])];
  const state = judgeJob(job, pods);
  await writeStatus(room, job, state);
  const isResting = state.end !== undefined || job.spec.suspend === true;
  if (isResting) for (const pod of state.active) await remove(room, pod);
  for (const index of state.toStart) {
    // Made before, and not seen yet.
    if (!room.created.isPending(`${key}/${index}`)) await start(room, job, index);
  }
}

async function writeStatus({ client, chassis }: JobRoom, job: Job, state: JobState) {
  const { succeeded, failedIndexes, failures, active, end } = state;
  const stamp = chassis.stamp();
  const { conditions: before = [], startTime = stamp } = job.status ?? {};
  const condition = end && {
    type: end.type,
    status: 'True' as const,
    lastProbeTime: stamp,
    lastTransitionTime: stamp,
    ...(end.reason === undefined ? {} : { reason: end.reason }),
  };
  const status: JobStatus = {
    active: active.length,
    succeeded: succeeded.length,
    failed: failures,
    completedIndexes: formatIndexes(succeeded),
    ...(job.spec.backoffLimitPerIndex === undefined
      ? {}
      : { failedIndexes: formatIndexes(failedIndexes) }),
    ...(job.spec.suspend === true ? {} : { startTime }),
    ...(end?.type === 'Complete' ? { completionTime: stamp } : {}),
    conditions: condition === undefined ? before : [...before, condition],
  };
  if (JSON.stringify(status) === JSON.stringify(job.status)) return;
  const { resourceVersion } = job.metadata;
  const patch = { metadata: { resourceVersion }, status };
  await client.patch(JOBS, job.metadata, patch, { subresource: 'status' });
}

async function start({ client, created, pods }: JobRoom, job: Job, index: number): Promise<void> {
  const { name, namespace } = job.metadata;
  const { metadata = {}, spec } = job.spec.template;
  const pod = await client.create(PODS, {
    apiVersion: 'v1',
    kind: PODS.kind,
    metadata: {
      name: '',
      generateName: `${name}-${index}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        ...metadata.labels,
        'batch.kubernetes.io/job-name': name,
        [INDEX_KEY]: String(index),
      },
      annotations: { ...metadata.annotations, [INDEX_KEY]: String(index) },
      ownerReferences: [controllerReference(job)],
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: spec.containers.map((container) => ({
        ...container,
        env: [...(container.env ?? []), INDEX_VARIABLE],
      })),
    },
  });
  const uid = pod.metadata.uid ?? '';
  if (!pods.get(namespace, pod.metadata.name)) {
    created.expect(`${objectKey(namespace, name)}/${index}`, uid);
  }
}

async function remove({ client }: JobRoom, pod: Pod): Promise<void> {
  if (isDeleting(pod)) return;
  await ignoreNotFound(client.remove(PODS, pod.metadata));
}
