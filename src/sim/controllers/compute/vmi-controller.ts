/**
 * virt-controller's VMI controller: gives each VMI its launcher pod, follows the pod, and
 * takes the pod away again. It shares its request budget with the VM controller, as one process
 * does (kubevirt v1.1.1 pkg/virt-controller/watch/vmi.go).
 */

import type { Pod, VirtualMachineInstance } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { CLAIMS, DATA_VOLUMES, VMIS, PODS } from '../../../api/resources.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../api/storage.ts';
import { TransportError } from '../../../api/transport.ts';
import { SECOND } from '../../../core/duration.ts';
import { has } from '../../../parameters/release.ts';
import { ApiError, ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, objectKey, splitKey } from '../../../kube/informer.ts';
import { findCondition, isTrue, replacing } from './conditions.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import { createExpectations, type Expectations } from '../chassis/expectations.ts';
import { vmiStatus, isPodDown, isUnprocessed, type SyncFailure } from './vmi-status.ts';
import { firstConsumerPod, hasRun, waitsForConsumer } from './first-consumer.ts';
import { createHotplug, type Hotplug } from './hotplug.ts';
import type { ComputeLab } from './lab.ts';
import { GATE_CLOSED, GATE_OPEN, UNPAUSED_GATE } from './launcher-parts.ts';
import { launcherOptions } from './launcher-options.ts';
import { claimVolumes, launcherPod } from './launcher-pod.ts';
import type { LauncherPods } from './launcher-pods.ts';
import { NODE_LABEL, vmiFinalizer } from './vm-objects.ts';
import { createOwnWrites, type OwnWrites } from '../chassis/own-writes.ts';
import {
  findController,
  hasFinalizer,
  isDeleting,
  withoutFinalizer,
} from '../chassis/ownership.ts';
import { observedVersions, withObservedVersions } from './observed-version.ts';
import { disksAreReady } from './printable-status.ts';
import { isFinal } from './run-strategy.ts';

export function startVmiController(
  lab: ComputeLab,
  client: KubeClient,
  launchers: LauncherPods,
): Controller {
  const controller = lab.controller({
    name: 'virtualmachineinstance',
    workers: lab.parameters.virtController.instanceWorkers,
    reconcile: (key) => reconcile(room, key),
  });
  const room: VmiRoom = {
    lab,
    client,
    hotplug: createHotplug({
      lab,
      client,
      await: (vmi, name) => waitFor(room, makeObjectKey(vmi), vmi.metadata.namespace, name),
      onChange: (vmi) => controller.enqueue(vmi),
    }),
    vmis: lab.informer(VMIS),
    pods: lab.informer(PODS),
    dataVolumes: lab.informer(DATA_VOLUMES),
    claims: lab.informer(CLAIMS),
    launchers,
    waiting: new Map(),
    writes: createOwnWrites(),
    podWrites: createOwnWrites(),
    created: createExpectations(lab.clock),
    record: lab.recorder('virtualmachine-controller', client).record,
    jitter: lab.rng.fork('qemu timeout'),
  };
  listen(room, controller);
  return controller;
}

interface VmiRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  readonly vmis: Informer<VirtualMachineInstance>;
  readonly pods: Informer<Pod>;
  readonly dataVolumes: Informer<DataVolume>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly launchers: LauncherPods;
  readonly hotplug: Hotplug;
  /** Keys of VMIs that wait for a claim or DataVolume, by its key. */
  readonly waiting: Map<string, Set<string>>;
  readonly writes: OwnWrites;
  readonly podWrites: OwnWrites;
  readonly created: Expectations;
  readonly record: EventRecorder['record'];
  readonly jitter: { integer(below: number): number };
}

function listen(room: VmiRoom, controller: Controller): void {
  room.vmis.onChange((now, before) => {
    if (!now) {
      if (before) room.writes.forget(before);
    } else if (!room.writes.isEcho(now)) controller.enqueue(makeObjectKey(now));
  });
  room.pods.onChange((now, before) => {
    const pod = now ?? before;
    const owner = pod && findController(pod, VMIS.kind);
    if (!owner) return;
    if (!before) room.created.seen(pod.metadata.uid ?? '');
    if (now) room.podWrites.isEcho(now);
    else room.podWrites.forget(pod);
    controller.enqueue(objectKey(pod.metadata.namespace, owner.name));
  });
  const wake = (now: KubeObject | undefined) => {
    if (!now || room.waiting.size === 0) return;
    const key = makeObjectKey(now);
    const waiters = room.waiting.get(key);
    if (!waiters) return;
    room.waiting.delete(key);
    for (const waiter of waiters) controller.enqueue(waiter);
  };
  room.dataVolumes.onChange(wake);
  room.claims.onChange(wake);
}

async function reconcile(room: VmiRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const vmi = room.vmis.get(namespace, name);
  if (!vmi || room.writes.isBehind(vmi)) return undefined;
  if (!observedVersions(vmi)) {
    const seen = await room.client.update(VMIS, withObservedVersions(vmi));
    room.writes.wrote(vmi, seen, 'asks');
    return undefined;
  }
  if (room.created.isPending(key)) return undefined;
  const pod = room.launchers.of(vmi.metadata.uid ?? '');
  const standIn = room.launchers.firstConsumerOf(vmi.metadata.uid ?? '');
  if (isDeleting(vmi)) await removePod(room, vmi, pod);
  if (isDeleting(vmi)) await removePod(room, vmi, standIn);
  if (!pod && !standIn && isFinal(vmi) && isDeleting(vmi)) {
    await release(room, vmi);
    return undefined;
  }
  let step: Step = {};
  if (!pod && isUnprocessed(vmi) && !isDeleting(vmi)) {
    step = await giveItsPod(room, vmi, key, standIn);
  }
  // First, because scheduler and kubelet will write to the pod in a moment.
  if (pod) await syncToPod(room, vmi, pod);
  if (pod) await room.hotplug.sync(vmi, pod);
  await writeStatus(room, vmi, pod ?? step.made, step.failure);
  if (step.retry) throw step.retry;
  return step.result;
}

/** How far a step came: what it failed of, and whether it is to be tried again. */
interface Step {
  readonly result?: ReconcileResult;
  /** The pod that was made, where the release knows it at once. */
  readonly made?: Pod;
  readonly failure?: SyncFailure;
  readonly retry?: ApiError;
}

async function giveItsPod(
  room: VmiRoom,
  vmi: VirtualMachineInstance,
  key: string,
  standIn: Pod | undefined,
): Promise<Step> {
  const disks = waitForDisks(room, vmi, key);
  if (disks.missingClaim !== undefined) {
    const claim = objectKey(vmi.metadata.namespace, disks.missingClaim);
    const message = `PVC ${claim} does not exist, waiting for it to appear`;
    room.record(vmi, 'Normal', 'FailedPvcNotFound', message);
    return { failure: { reason: 'FailedPvcNotFound', message } };
  }
  if (!disks.ready) return {};
  if (disks.unused) return standIn ? {} : createPod(room, vmi, key, firstConsumerPod);
  if (!standIn) return createPod(room, vmi, key, launcherPod);
  if (hasRun(standIn)) await removePod(room, vmi, standIn);
  return {};
}

/** Whether the disks can be started from; what is not there yet will wake this VMI. */
function waitForDisks(
  room: VmiRoom,
  vmi: VirtualMachineInstance,
  key: string,
): { ready: boolean; unused: boolean; missingClaim: string | undefined } {
  const { namespace } = vmi.metadata;
  let unused = false;
  for (const { persistentVolumeClaim } of claimVolumes(vmi.spec)) {
    const name = persistentVolumeClaim?.claimName ?? '';
    const disk = room.dataVolumes.get(namespace, name);
    const isMissing = room.claims.get(namespace, name) === undefined;
    const isReady = !isMissing && (disk === undefined || disksAreReady([disk]));
    const isUnused = disk !== undefined && waitsForConsumer(disk);
    if (isReady && !isUnused) continue;
    waitFor(room, key, namespace, name);
    if (!isReady) return { ready: false, unused, missingClaim: isMissing ? name : undefined };
    unused = true;
  }
  return { ready: true, unused, missingClaim: undefined };
}

/** The claim or DataVolume wakes the VMI once something becomes of it. */
function waitFor(
  { waiting }: VmiRoom,
  key: string,
  namespace: string | undefined,
  name: string,
): void {
  const waiters = waiting.get(objectKey(namespace, name)) ?? new Set();
  waiting.set(objectKey(namespace, name), waiters.add(key));
}

async function createPod(
  room: VmiRoom,
  vmi: VirtualMachineInstance,
  key: string,
  make: typeof launcherPod,
): Promise<Step> {
  const wanted = make(vmi, launcherOptions(room.lab, room.claims, vmi, room.jitter));
  try {
    const pod = await room.client.create(PODS, wanted);
    const { namespace, name, uid } = pod.metadata;
    if (!room.pods.get(namespace, name)) room.created.expect(key, uid ?? '');
    room.record(vmi, 'Normal', 'SuccessfulCreate', `Created virtual machine pod ${name}`);
    const isKnown = make === launcherPod && has(room.lab.parameters, 'podKnownAtOnce');
    return isKnown ? { made: pod } : {};
  } catch (error) {
    if (error instanceof ApiError) return refusedPod(room, vmi, error);
    if (!(error instanceof TransportError) || !error.maybeSent) throw error;
    // Its name is the server's choice, so a second one would be a second pod.
    room.created.expectPerhaps(key, LOST_ANSWER_US);
    return { result: { afterUs: LOST_ANSWER_US } };
  }
}

function refusedPod(room: VmiRoom, vmi: VirtualMachineInstance, error: ApiError): Step {
  const cause = error.status?.message ?? error.message;
  room.record(vmi, 'Warning', 'FailedCreate', `Error creating pod: ${cause}`);
  const message = `failed to create virtual machine pod: ${cause}`;
  return { failure: { reason: 'FailedCreate', message }, retry: error };
}

const LOST_ANSWER_US = 2 * SECOND;

async function removePod(
  room: VmiRoom,
  vmi: VirtualMachineInstance,
  pod: Pod | undefined,
): Promise<void> {
  if (!pod || isDeleting(pod) || room.podWrites.isBehind(pod)) return;
  const { uid, name } = pod.metadata;
  const options = uid === undefined ? {} : { uid };
  const left = await ignoreNotFound(room.client.remove(PODS, pod.metadata, options));
  if (left === undefined) return;
  if ((left as KubeObject).kind === PODS.kind) room.podWrites.wrote(pod, left as KubeObject);
  room.record(vmi, 'Normal', 'SuccessfulDelete', `Deleted virtual machine pod ${name}`);
}

async function release(room: VmiRoom, vmi: VirtualMachineInstance): Promise<void> {
  const finalizer = vmiFinalizer(room.lab.parameters);
  if (!hasFinalizer(vmi, finalizer)) return;
  const patch = withoutFinalizer(vmi, finalizer);
  const released = await ignoreNotFound(room.client.patch(VMIS, vmi.metadata, patch));
  if (released) room.writes.wrote(vmi, released);
}

async function writeStatus(
  room: VmiRoom,
  vmi: VirtualMachineInstance,
  pod: Pod | undefined,
  failure: SyncFailure | undefined,
): Promise<void> {
  const { metadata } = vmi;
  const stamp = room.lab.stamp();
  const claim = (name: string) => room.claims.get(metadata.namespace, name);
  const plugged = pod && room.hotplug.plugged(vmi, pod);
  const dataVolumes = tellsOf(room, vmi);
  const { release } = room.lab.parameters;
  const status = vmiStatus({ vmi, pod, failure, claim, dataVolumes, plugged, stamp, release });
  if (status === vmi.status) return;
  const onNode = status.nodeName !== undefined && metadata.labels?.[NODE_LABEL] === undefined;
  const written = await room.client.update(VMIS, {
    ...vmi,
    metadata: onNode
      ? { ...metadata, labels: { ...metadata.labels, [NODE_LABEL]: status.nodeName } }
      : metadata,
    status,
  });
  // The pod follows the label, once the label has come back.
  room.writes.wrote(vmi, written, onNode ? 'asks' : undefined);
}

/** The DataVolumes that its status tells of. */
function tellsOf(room: VmiRoom, { metadata, spec }: VirtualMachineInstance) {
  if (!has(room.lab.parameters, 'dataVolumesReady')) return undefined;
  return claimVolumes(spec).flatMap(
    ({ persistentVolumeClaim }) =>
      room.dataVolumes.get(metadata.namespace, persistentVolumeClaim?.claimName ?? '') ?? [],
  );
}

/** Brings the pod's gate and the label that says its node to what the VMI says. */
async function syncToPod(room: VmiRoom, vmi: VirtualMachineInstance, pod: Pod): Promise<void> {
  await openGate(room, vmi, pod);
  const node = vmi.metadata.labels?.[NODE_LABEL];
  const { labels } = pod.metadata;
  if (labels?.[NODE_LABEL] === node || node === undefined || room.podWrites.isBehind(pod)) return;
  const patch = { metadata: { labels: { [NODE_LABEL]: node } } };
  const labelled = await ignoreNotFound(room.client.patch(PODS, pod.metadata, patch));
  if (labelled) room.podWrites.wrote(pod, labelled);
}

/** The readiness gate of the pod: open from its first sight on, but for a paused guest. */
async function openGate(room: VmiRoom, vmi: VirtualMachineInstance, pod: Pod): Promise<void> {
  if (isFinal(vmi) || isDeleting(pod) || isPodDown(pod)) return;
  const paused = isTrue(vmi.status?.conditions, 'Paused');
  const gate = findCondition(pod.status?.conditions, UNPAUSED_GATE);
  if (paused ? gate?.status !== 'True' : gate?.status === 'True') return;
  if (room.podWrites.isBehind(pod)) return;
  const stamp = room.lab.stamp();
  const conditions = replacing(pod.status?.conditions, {
    type: UNPAUSED_GATE,
    lastProbeTime: stamp,
    lastTransitionTime: stamp,
    ...(paused ? GATE_CLOSED : GATE_OPEN),
  });
  const written = await room.client.update(
    PODS,
    { ...pod, status: { ...pod.status, conditions } },
    'status',
  );
  room.podWrites.wrote(pod, written);
}
