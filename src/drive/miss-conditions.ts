/**
 * How what a missed object waits for stood at its deadline: its claims, its pods and their nodes.
 * They are asked for where no event tells, since events go after an hour, and may never be sent.
 */

import type { Node, Pod, VirtualMachine } from '../api/compute.ts';
import type { Condition, KubeObject } from '../api/object.ts';
import { claimNames } from '../api/pod-claims.ts';
import { CLAIMS, NODES, PODS } from '../api/resources.ts';
import type { PersistentVolumeClaim } from '../api/storage.ts';
import type { KubeClient } from '../kube/client.ts';
import { listAll } from '../kube/list-all.ts';
import type { PlannedOperation } from '../plan/plan.ts';
import { classOfEvent } from '../record/event-class.ts';
import type { MissClass } from '../record/miss-class.ts';

export interface Cause {
  readonly class?: MissClass;
  readonly message: string;
}

/** The first that is wrong, from the claim to the node; undefined where all is well. */
export async function findStanding(
  client: KubeClient,
  { namespace, name, manifest }: PlannedOperation,
): Promise<Cause | undefined> {
  const labelSelector = `vm.kubevirt.io/name=${name}`;
  const pods = await listAll<Pod>(client, PODS, { namespace, labelSelector });
  const names = new Set([name, ...disksOf(manifest?.()), ...pods.flatMap(claimNames)]);
  // Those of CDI's helpers are found on the way.
  for (const claim of names) {
    const fieldSelector = `metadata.name=${claim}`;
    const [found] = await listAll(client, CLAIMS, { namespace, fieldSelector });
    const cause = found && claimTrouble(found);
    if (cause) return cause;
    if (found && !HELPER.test(claim)) for (const helper of helpersOf(found)) names.add(helper);
  }
  for (const pod of pods) {
    const cause = podTrouble(pod) ?? (await nodeTrouble(client, pod.spec.nodeName));
    if (cause) return cause;
  }
  return undefined;
}

/** Claims that CDI fills before it gives their volume to the claim itself, named by its UID. */
const HELPER = /^(prime|tmp-pvc)-/;

function helpersOf({ metadata: { uid } }: PersistentVolumeClaim): readonly string[] {
  return [`prime-${uid}`, `tmp-pvc-${uid}`];
}

/** Claims have the names of the DataVolumes that they are for. */
function disksOf(object: KubeObject | undefined): readonly string[] {
  const { spec } = (object ?? {}) as Partial<VirtualMachine>;
  return (spec?.dataVolumeTemplates ?? []).map(({ metadata }) => metadata.name);
}

function claimTrouble({ metadata: { name }, status }: PersistentVolumeClaim): Cause | undefined {
  if (status?.phase !== 'Lost') return undefined;
  const message = `PersistentVolumeClaim ${name} is Lost: its volume is gone`;
  return { class: 'ClaimUnbound', message };
}

function podTrouble({ metadata: { name }, status }: Pod): Cause | undefined {
  const unscheduled = (status?.conditions ?? []).find(isRefusal('PodScheduled'));
  if (unscheduled) return told(`Pod ${name}`, 'FailedScheduling', unscheduled.message);
  for (const { state } of status?.containerStatuses ?? []) {
    const { reason, message } = (state?.['waiting'] ?? {}) as Partial<Condition>;
    const cause = reason && told(`Pod ${name}`, reason, message);
    if (cause) return cause;
  }
  return undefined;
}

function isRefusal(asked: string) {
  return ({ type, status }: Condition) => type === asked && status === 'False';
}

/** Undefined where the reason has no class: a pod that is being made waits as well. */
function told(about: string, reason: string, message: string | undefined): Cause | undefined {
  const found = classOfEvent({ reason, ...(message === undefined ? {} : { message }) });
  const words = [about, reason, message].filter(Boolean).join(': ');
  return found && { class: found, message: words };
}

async function nodeTrouble(
  client: KubeClient,
  name: string | undefined,
): Promise<Cause | undefined> {
  if (name === undefined) return undefined;
  const fieldSelector = `metadata.name=${name}`;
  const [node] = await listAll<Node>(client, NODES, { fieldSelector });
  const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined || ready.status === 'True') return undefined;
  const { status, message } = ready;
  const words = [`Node ${name}: Ready is ${status}`, message].filter(Boolean).join(': ');
  return { class: 'NodeLost', message: words };
}
