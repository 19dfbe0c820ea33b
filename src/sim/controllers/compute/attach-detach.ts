/**
 * kube-controller-manager's attach/detach controller: a VolumeAttachment for each volume on each
 * node that a pod needs, and the node's list of attached volumes that its kubelet goes by.
 * Attaching happens at the next turn of a 100 ms loop; a volume is detached only once the kubelet
 * reports it as no longer in use, its node is out of service, or it has waited for six minutes for
 * a node that is not ready. Easily missed: what became of a VolumeAttachment is polled, ever more
 * slowly, although a watch of it is at hand.
 */

import { createHash } from 'node:crypto';
import type { Node, Pod } from '../../../api/compute.ts';
import { NODES, PODS, VOLUME_ATTACHMENTS } from '../../../api/resources.ts';
import { OUT_OF_SERVICE } from '../../../api/taints.ts';
import type { VolumeAttachment } from '../../../api/storage.ts';
import { isAlreadyExists, isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller, ReconcileResult } from '../../../kube/controller.ts';
import type { Informer } from '../../../kube/informer.ts';
import { createAttachmentPolls, type AttachmentPolls } from './attachment-polls.ts';
import { isTrue } from './conditions.ts';
import { isPodDown } from './vmi-status.ts';
import type { ComputeLab } from './lab.ts';
import { createOwnWrites, type OwnWrites } from '../chassis/own-writes.ts';
import { isDeleting } from '../chassis/ownership.ts';
import type { PodVolume, PodVolumes } from './pod-volumes.ts';

export function startAttachDetach(lab: ComputeLab, volumes: PodVolumes): void {
  const attachments = lab.controller({
    name: 'attachdetach',
    workers: WORKERS,
    reconcile: (name) => reconcileAttachment(room, name),
  });
  const reports = lab.controller({
    name: 'attachdetach node status',
    workers: WORKERS,
    reconcile: (node) => reportAttached(room, node),
  });
  const room: AttachRoom = {
    lab,
    client: lab.client({ component: 'kube-controller-manager' }),
    volumes,
    nodes: lab.informer(NODES),
    copies: lab.informer(VOLUME_ATTACHMENTS),
    attachments,
    reports,
    claims: new Map(),
    byPod: new Map(),
    attached: new Map(),
    holders: new Map(),
    blocked: new Map(),
    leaving: new Map(),
    leavingSinceUs: new Map(),
    writes: createOwnWrites(),
    created: new Set(),
    polls: createAttachmentPolls(lab),
    loopPhaseUs: lab.rng.fork('attach loop').integer(loopUs(lab)),
  };
  lab.informer(PODS).onChange((now, before) => {
    if (now) podSeen(room, now);
    else if (before) podGone(room, before);
  });
  room.copies.onChange((now, before) => attachmentChanged(room, now, before));
  room.nodes.onChange((now, before) => nodeChanged(room, now, before));
}

/** Operations run side by side, one a volume; the loop never waits for them. */
const WORKERS = Number.POSITIVE_INFINITY;

interface AttachRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  readonly volumes: PodVolumes;
  readonly nodes: Informer<Node>;
  readonly copies: Informer<VolumeAttachment>;
  readonly attachments: Controller;
  readonly reports: Controller;
  /** What pods need, by the name of the attachment. */
  readonly claims: Map<string, AttachmentClaim>;
  /** Names of attachments that a pod needs, by its UID. */
  readonly byPod: Map<string, readonly string[]>;
  /** Entries of volumesAttached by the name of the attachment, by node. */
  readonly attached: Map<string, Map<string, AttachedVolume>>;
  /** Where a volume that only one node may have is. */
  readonly holders: Map<string, string>;
  /** Names of attachments that wait for another node to let go, by volume. */
  readonly blocked: Map<string, Set<string>>;
  /** Names of attachments that wait for the node to let go, by node. */
  readonly leaving: Map<string, Set<string>>;
  /** Since when each of these waits. */
  readonly leavingSinceUs: Map<string, number>;
  readonly writes: OwnWrites;
  /** Attachments created and not seen yet. */
  readonly created: Set<string>;
  readonly polls: AttachmentPolls;
  readonly loopPhaseUs: number;
}

interface AttachedVolume {
  readonly name: string;
  readonly devicePath: string;
}

interface AttachmentClaim {
  readonly node: string;
  readonly volume: PodVolume;
  /** Pods that need it. */
  pods: number;
}

function loopUs(lab: ComputeLab): number {
  return Math.max(1, lab.parameters.attachDetach.loopUs);
}

/** external naming rule of pkg/volume/csi: csi- and the SHA-256 of volume, driver and node. */
function attachmentName(volume: PodVolume, node: string): string {
  const text = `${volume.handle}${volume.driver}${node}`;
  return `csi-${createHash('sha256').update(text).digest('hex')}`;
}

function podSeen(room: AttachRoom, pod: Pod): void {
  const { nodeName } = pod.spec;
  if (nodeName === undefined) return;
  if (isPodDown(pod)) {
    podGone(room, pod);
    return;
  }
  const uid = pod.metadata.uid ?? '';
  if (room.byPod.has(uid)) return;
  room.byPod.set(uid, []);
  const want = () => {
    if (!room.byPod.has(uid)) return;
    const volumes = room.volumes.of(pod);
    if (volumes)
      room.byPod.set(
        uid,
        volumes.map((volume) => need(room, volume, nodeName)),
      );
    else room.volumes.whenBound(pod, want);
  };
  room.lab.whenSynced(want);
}

/** One more pod needs this volume on this node; attached at the loop's next turn. */
function need(room: AttachRoom, volume: PodVolume, node: string): string {
  const name = attachmentName(volume, node);
  const claim = room.claims.get(name);
  if (claim) {
    claim.pods += 1;
    return name;
  }
  room.claims.set(name, { node, volume, pods: 1 });
  room.attachments.enqueueAfter(name, untilAttachUs(room));
  return name;
}

/** To the loop's next turn, and what of the creation time the request itself does not take. */
function untilAttachUs(room: AttachRoom): number {
  const { attachDetach, api } = room.lab.parameters;
  return untilTurnUs(room) + Math.max(0, attachDetach.createTimeUs - api.roundTripUs / 2);
}

function untilTurnUs({ lab, loopPhaseUs }: AttachRoom): number {
  const periodUs = loopUs(lab);
  return (((loopPhaseUs - lab.clock.nowUs()) % periodUs) + periodUs) % periodUs;
}

function podGone(room: AttachRoom, pod: Pod): void {
  const uid = pod.metadata.uid ?? '';
  const names = room.byPod.get(uid);
  if (!names) return;
  room.byPod.delete(uid);
  for (const name of names) {
    const claim = room.claims.get(name);
    if (!claim) continue;
    claim.pods -= 1;
    if (claim.pods > 0) continue;
    room.claims.delete(name);
    room.attachments.enqueue(name);
  }
}

function attachmentChanged(
  room: AttachRoom,
  now: VolumeAttachment | undefined,
  before: VolumeAttachment | undefined,
): void {
  const attachment = now ?? before;
  if (!attachment) return;
  const { name } = attachment.metadata;
  if (!before) room.created.delete(name);
  const isAttached = now?.status?.attached === true && !isDeleting(now);
  const wasAttached = before?.status?.attached === true && !isDeleting(before);
  if (isAttached !== wasAttached) {
    room.lab.whenSynced(() => noticeAttached(room, attachment, isAttached));
  }
  if (!now) room.polls.atNext(name, () => noticeGone(room, attachment));
  room.attachments.enqueue(name);
}

/** That it is attached shows at a poll; that it is leaving was decided here. */
function noticeAttached(room: AttachRoom, attachment: VolumeAttachment, isAttached: boolean): void {
  if (!isAttached) setAttached(room, attachment, false);
  else room.polls.atNext(attachment.metadata.name, () => setAttached(room, attachment, true));
}

function noticeGone(room: AttachRoom, { spec }: VolumeAttachment): void {
  const volumeName = spec.source.persistentVolumeName ?? '';
  room.holders.delete(volumeName);
  wakeBlocked(room, volumeName);
}

function wakeBlocked(room: AttachRoom, volumeName: string): void {
  const blocked = room.blocked.get(volumeName);
  if (!blocked) return;
  room.blocked.delete(volumeName);
  for (const name of blocked) room.attachments.enqueue(name);
}

/** Keeps the list of a node's attached volumes, and has it reported. */
function setAttached(room: AttachRoom, attachment: VolumeAttachment, attached: boolean): void {
  const { nodeName, source } = attachment.spec;
  const { name } = attachment.metadata;
  let list = room.attached.get(nodeName);
  if (!list) room.attached.set(nodeName, (list = new Map()));
  if (!attached) list.delete(name);
  else {
    const volume = room.volumes.named(source.persistentVolumeName ?? '');
    if (!volume) return;
    list.set(name, { name: volume.uniqueName, devicePath: '' });
    if (!volume.sharable) room.holders.set(volume.volumeName, nodeName);
  }
  room.reports.enqueueAfter(nodeName, untilTurnUs(room));
}

async function reportAttached(room: AttachRoom, nodeName: string): Promise<ReconcileResult> {
  const attached = room.attached.get(nodeName);
  if (!attached || !room.nodes.get(undefined, nodeName)) return undefined;
  const patch = { status: { volumesAttached: [...attached.values()] } };
  await room.client.patch(NODES, { name: nodeName }, patch, { subresource: 'status' });
  return undefined;
}

function nodeChanged(room: AttachRoom, now: Node | undefined, before: Node | undefined): void {
  const name = (now ?? before)?.metadata.name ?? '';
  const isSame =
    now?.status?.volumesInUse === before?.status?.volumesInUse &&
    now?.spec.taints === before?.spec.taints &&
    isReady(now) === isReady(before);
  if (isSame) return;
  const leaving = room.leaving.get(name);
  if (!leaving) return;
  room.leaving.delete(name);
  for (const attachment of leaving) room.attachments.enqueue(attachment);
}

function isReady(node: Node | undefined): boolean {
  return isTrue(node?.status?.conditions, 'Ready');
}

async function reconcileAttachment(room: AttachRoom, name: string): Promise<ReconcileResult> {
  const claim = room.claims.get(name);
  const copy = room.copies.get(undefined, name);
  if (copy && room.writes.isBehind(copy)) return undefined;
  if (claim && !copy) await attach(room, name, claim);
  else if (!claim && copy && !isDeleting(copy)) await detach(room, copy);
  return undefined;
}

async function attach(room: AttachRoom, name: string, claim: AttachmentClaim): Promise<void> {
  if (room.created.has(name)) return;
  const { volume, node } = claim;
  const holder = volume.sharable ? undefined : room.holders.get(volume.volumeName);
  if (holder !== undefined && holder !== node) {
    const blocked = room.blocked.get(volume.volumeName) ?? new Set();
    room.blocked.set(volume.volumeName, blocked.add(name));
    return;
  }
  try {
    room.created.add(name);
    await room.client.create(VOLUME_ATTACHMENTS, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name },
      spec: {
        attacher: volume.driver,
        nodeName: node,
        source: { persistentVolumeName: volume.volumeName },
      },
      status: { attached: false },
    });
    room.polls.begin(name);
  } catch (error) {
    if (isAlreadyExists(error)) return;
    room.created.delete(name);
    throw error;
  }
}

/** Until a volume that its node still reports is taken from it; for ever where the node lives. */
function untilForcedUs(room: AttachRoom, name: string, node: Node): number {
  const nowUs = room.lab.clock.nowUs();
  const sinceUs = room.leavingSinceUs.get(name) ?? nowUs;
  room.leavingSinceUs.set(name, sinceUs);
  if (node.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE)) return 0;
  if (isReady(node)) return Number.POSITIVE_INFINITY;
  return Math.max(0, sinceUs + room.lab.parameters.attachDetach.forceDetachAfterUs - nowUs);
}

async function detach(room: AttachRoom, copy: VolumeAttachment): Promise<void> {
  const { name } = copy.metadata;
  const { nodeName, source } = copy.spec;
  const volume = room.volumes.named(source.persistentVolumeName ?? '');
  const node = room.nodes.get(undefined, nodeName);
  const isInUse = volume && node?.status?.volumesInUse?.includes(volume.uniqueName);
  const waitUs = node && isInUse ? untilForcedUs(room, name, node) : 0;
  if (waitUs > 0) {
    const leaving = room.leaving.get(nodeName) ?? new Set();
    room.leaving.set(nodeName, leaving.add(name));
    if (Number.isFinite(waitUs)) room.attachments.enqueueAfter(name, waitUs);
    return;
  }
  room.leavingSinceUs.delete(name);
  try {
    await room.client.remove(VOLUME_ATTACHMENTS, copy.metadata);
    room.polls.begin(name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
