/**
 * The life of CDI's worker pods as a kubelet would write it: Pending until their claims are bound
 * and they have started, Running while bytes move, Succeeded; a container that fails is restarted
 * with the kubelet's back-off, and the pod stays Running.
 */

import type { Pod } from '../../../../api/compute.ts';
import { PODS } from '../../../../api/resources.ts';
import { SECOND } from '../../../../core/duration.ts';
import { ignoreNotFound } from '../../../../kube/api-error.ts';
import { backoffUs } from '../../../../kube/backoff.ts';
import type { KubeClient } from '../../../../kube/client.ts';
import { makeObjectKey, splitKey } from '../../../../kube/informer.ts';
import type { Program, Programs, Service } from '../../../hardware/node/programs.ts';
import { readyAfterUs } from '../../../hardware/node/readiness.ts';
import type { StorageLab } from '../lab.ts';
import { listClaims, findWorkerKind } from './worker-pod.ts';

export interface Transfers {
  /** How much of the pod's work is done, 0 to 1; undefined where it is not at work. */
  progressOf(pod: Pod): number | undefined;
}

interface Job {
  readonly does: Program | Service;
  startUs: number;
  restarts: number;
  /** Of a service. */
  hasEnded: boolean;
  stop: () => void;
}

/** kubelet's CrashLoopBackOff. */
const CRASH_BACKOFF = { firstUs: 10 * SECOND, maxUs: 300 * SECOND, factor: 2 };

interface Runner {
  readonly lab: StorageLab;
  readonly client: KubeClient;
  readonly programs: Programs;
  enqueue(pod: Pod): void;
  /** By pod UID: the work of running pods, and when pending ones will have started. */
  readonly jobs: Map<string, Job>;
  readonly starts: Map<string, number>;
}

export function startTransfers(lab: StorageLab, programs: Programs): Transfers {
  const { clock, copies } = lab;
  const runner: Runner = {
    lab,
    client: lab.clientAs('kubelet'),
    programs,
    enqueue: (pod) => controller.enqueue(makeObjectKey(pod)),
    jobs: new Map(),
    starts: new Map(),
  };
  const controller = lab.controller({
    name: 'worker pods',
    workers: 20,
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const pod = copies.pods.get(namespace, name);
      if (!pod || findWorkerKind(pod) === undefined) return undefined;
      const waitUs = await (pod.status?.phase === 'Running' ? work : start)(runner, pod);
      return waitUs === undefined ? undefined : { afterUs: waitUs };
    },
  });
  copies.pods.onChange((now, before) => {
    const pod = now ?? before;
    if (!pod || findWorkerKind(pod) === undefined) return;
    if (now) controller.enqueue(makeObjectKey(now));
    else forget(runner, pod);
  });
  copies.claims.onChange((now) => {
    if (now?.status?.phase !== 'Bound') return;
    for (const pod of copies.pods.indexed('claim', makeObjectKey(now))) {
      if (findWorkerKind(pod) !== undefined && pod.status?.phase === 'Pending') {
        controller.enqueue(makeObjectKey(pod));
      }
    }
  });
  return {
    progressOf(pod) {
      const job = runner.jobs.get(getUid(pod));
      if (!job || 'serve' in job.does) return undefined;
      const { finish, durationUs } = job.does;
      if (!finish || durationUs === 0) return undefined;
      return Math.min(1, Math.max(0, (clock.nowUs() - job.startUs) / durationUs));
    },
  };
}

/** Brings a pending pod to Running; how long until that is due, if it is not yet. */
async function start(runner: Runner, pod: Pod): Promise<number | undefined> {
  const { lab, client, starts } = runner;
  if (pod.status?.phase !== 'Pending' || !claimsAreBound(lab, pod)) return undefined;
  const nowUs = lab.clock.nowUs();
  const startUs = starts.get(getUid(pod)) ?? nowUs + lab.parameters.cdi.importerStartUs;
  starts.set(getUid(pod), startUs);
  if (startUs > nowUs) return startUs - nowUs;
  starts.delete(getUid(pod));
  await setStatus(client, pod, runningStatus(pod, lab.stamp(), 0));
  return undefined;
}

/** Lets a running pod finish or fail when its time has come; how long until then. */
async function work(runner: Runner, pod: Pod): Promise<number | undefined> {
  const { lab, client, jobs } = runner;
  const job = jobs.get(getUid(pod)) ?? makeJob(runner, pod);
  if ('serve' in job.does) return serve(runner, pod, job);
  const { durationUs, finish } = job.does;
  const leftUs = job.startUs + durationUs - lab.clock.nowUs();
  if (leftUs > 0) return leftUs;
  if (finish) {
    finish();
    await succeed(runner, pod);
    return undefined;
  }
  const pauseUs = backoffUs(CRASH_BACKOFF, job.restarts);
  job.restarts += 1;
  job.startUs = lab.clock.nowUs() + pauseUs;
  // The write comes back through the watch, and with it the next look.
  await setStatus(client, pod, runningStatus(pod, lab.stamp(), job.restarts));
  return undefined;
}

/** Until others have done their part; ready from when its probe finds it so. */
async function serve(runner: Runner, pod: Pod, job: Job): Promise<number | undefined> {
  const { lab, client } = runner;
  if (job.hasEnded) {
    await succeed(runner, pod);
    return undefined;
  }
  const { containerStatuses = [] } = pod.status ?? {};
  if (containerStatuses.every(({ ready }) => ready)) return undefined;
  const { sandboxTimeUs, launcherTimeUs } = lab.parameters.kubelet;
  const probe = pod.spec.containers[0]?.readinessProbe;
  const leftUs =
    job.startUs + readyAfterUs(probe, sandboxTimeUs + launcherTimeUs) - lab.clock.nowUs();
  if (leftUs > 0) return leftUs;
  const ready = containerStatuses.map((status) => ({ ...status, ready: true }));
  await setStatus(client, pod, { ...pod.status, containerStatuses: ready });
  return undefined;
}

function succeed({ client, jobs }: Runner, pod: Pod): Promise<void> {
  jobs.delete(getUid(pod));
  return setStatus(client, pod, { phase: 'Succeeded' });
}

function forget({ jobs, starts }: Runner, pod: Pod): void {
  jobs.get(getUid(pod))?.stop();
  jobs.delete(getUid(pod));
  starts.delete(getUid(pod));
}

function getUid(pod: Pod): string {
  return pod.metadata.uid ?? '';
}

function claimsAreBound({ copies }: StorageLab, pod: Pod): boolean {
  const { namespace } = pod.metadata;
  return listClaims(pod).every(
    (name) => copies.claims.get(namespace, name)?.status?.phase === 'Bound',
  );
}

function makeJob({ lab, jobs, programs, enqueue }: Runner, pod: Pod): Job {
  const does = programs(pod);
  if (does === undefined) throw new Error(`${pod.metadata.name} is no worker pod`);
  const job: Job = {
    does,
    startUs: lab.clock.nowUs(),
    restarts: 0,
    hasEnded: false,
    stop: () => {},
  };
  jobs.set(getUid(pod), job);
  if ('serve' in does) {
    job.stop = does.serve(() => {
      job.hasEnded = true;
      enqueue(pod);
    });
  }
  return job;
}

function runningStatus(pod: Pod, stamp: string, restartCount: number): Pod['status'] {
  const [container] = pod.spec.containers;
  const isReady = restartCount === 0 && container?.readinessProbe === undefined;
  const state =
    restartCount === 0
      ? { running: { startedAt: stamp } }
      : { waiting: { reason: 'CrashLoopBackOff', message: 'Unable to process data' } };
  return {
    phase: 'Running',
    startTime: pod.status?.startTime ?? stamp,
    containerStatuses: [{ name: container?.name ?? '', ready: isReady, restartCount, state }],
  };
}

async function setStatus(client: KubeClient, pod: Pod, status: Pod['status']): Promise<void> {
  await ignoreNotFound(client.patch(PODS, pod.metadata, { status }, { subresource: 'status' }));
}
