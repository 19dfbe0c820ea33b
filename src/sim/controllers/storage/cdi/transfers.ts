/**
 * What CDI's worker pods do once they run, and their life as a kubelet would write it: Pending
 * until their claims are bound and they have started, Running while bytes move, Succeeded; a
 * container that fails is restarted with the kubelet's back-off, and the pod stays Running.
 */

import type { Pod } from '../../../../api/compute.ts';
import { PODS } from '../../../../api/resources.ts';
import { SECOND } from '../../../../core/duration.ts';
import { isNotFound } from '../../../../kube/api-error.ts';
import { backoffUs } from '../../../../kube/backoff.ts';
import type { KubeClient } from '../../../../kube/client.ts';
import { makeObjectKey, splitKey } from '../../../../kube/informer.ts';
import type { Program } from '../../../hardware/node/programs.ts';
import type { StorageLab } from '../lab.ts';
import { listClaims, findWorkerKind } from './worker-pod.ts';
import { findProgram } from './worker-programs.ts';

export interface Transfers {
  /** How much of the pod's work is done, 0 to 1; undefined where it is not at work. */
  progressOf(pod: Pod): number | undefined;
}

interface Job extends Program {
  startUs: number;
  restarts: number;
}

/** kubelet's CrashLoopBackOff. */
const CRASH_BACKOFF = { firstUs: 10 * SECOND, maxUs: 300 * SECOND, factor: 2 };

interface Runner {
  readonly lab: StorageLab;
  readonly client: KubeClient;
  /** By pod UID: the work of running pods, and when pending ones will have started. */
  readonly jobs: Map<string, Job>;
  readonly starts: Map<string, number>;
}

export function startTransfers(lab: StorageLab): Transfers {
  const { clock, copies } = lab;
  const runner: Runner = {
    lab,
    client: lab.clientAs('kubelet'),
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
      if (!job?.finish || job.durationUs === 0) return undefined;
      return Math.min(1, Math.max(0, (clock.nowUs() - job.startUs) / job.durationUs));
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
async function work({ lab, client, jobs }: Runner, pod: Pod): Promise<number | undefined> {
  const job = jobs.get(getUid(pod)) ?? makeJob(lab, pod);
  jobs.set(getUid(pod), job);
  const leftUs = job.startUs + job.durationUs - lab.clock.nowUs();
  if (leftUs > 0) return leftUs;
  if (job.finish) {
    job.finish();
    jobs.delete(getUid(pod));
    await setStatus(client, pod, { phase: 'Succeeded' });
    return undefined;
  }
  const pauseUs = backoffUs(CRASH_BACKOFF, job.restarts);
  job.restarts += 1;
  job.startUs = lab.clock.nowUs() + pauseUs;
  // The write comes back through the watch, and with it the next look.
  await setStatus(client, pod, runningStatus(pod, lab.stamp(), job.restarts));
  return undefined;
}

function forget({ jobs, starts }: Runner, pod: Pod): void {
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

function makeJob(lab: StorageLab, pod: Pod): Job {
  const kind = findWorkerKind(pod);
  if (kind === undefined) throw new Error(`${pod.metadata.name} is no worker pod`);
  return { ...findProgram(lab, pod, kind), startUs: lab.clock.nowUs(), restarts: 0 };
}

function runningStatus(pod: Pod, stamp: string, restartCount: number): Pod['status'] {
  const [container] = pod.spec.containers;
  const state =
    restartCount === 0
      ? { running: { startedAt: stamp } }
      : { waiting: { reason: 'CrashLoopBackOff', message: 'Unable to process data' } };
  return {
    phase: 'Running',
    startTime: pod.status?.startTime ?? stamp,
    containerStatuses: [
      { name: container?.name ?? '', ready: restartCount === 0, restartCount, state },
    ],
  };
}

async function setStatus(client: KubeClient, pod: Pod, status: Pod['status']): Promise<void> {
  try {
    await client.patch(PODS, pod.metadata, { status }, { subresource: 'status' });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
