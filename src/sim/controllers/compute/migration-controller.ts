/**
 * virt-controller's migrations: each waits for its turn, gets a launcher pod on another node, and
 * is handed over to the virt-handlers of both; its phases follow what the VMI says of the move
 * (kubevirt v1.1.1 pkg/virt-controller/watch/migration.go).
 */

import type {
  MigrationPhase,
  MigrationState,
  Pod,
  VirtualMachineInstance,
  VirtualMachineInstanceMigration,
} from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { CLAIMS, DISRUPTION_BUDGETS, MIGRATIONS, PODS, VMIS } from '../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { findController, isDeleting } from '../chassis/ownership.ts';
import type { ComputeLab } from './lab.ts';
import { type Jitter, launcherOptions } from './launcher-options.ts';
import { MIGRATION_JOB, targetPod } from './migration-target.ts';
import { isFinal } from './run-strategy.ts';
import { isPodDown } from './vmi-status.ts';

type Migration = VirtualMachineInstanceMigration;

interface MigrationRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  readonly migrations: Informer<Migration>;
  readonly vmis: Informer<VirtualMachineInstance>;
  readonly pods: Informer<Pod>;
  /** Keys of target pods by the UID of their migration. */
  readonly targets: Map<string, string>;
  /** UIDs of migrations whose target pod was asked for and not seen yet. */
  readonly starting: Set<string>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly budgets: Informer<KubeObject>;
  readonly jitter: Jitter;
}

export function startMigrations(lab: ComputeLab, client: KubeClient): void {
  const room: MigrationRoom = {
    lab,
    client,
    migrations: lab.informer(MIGRATIONS),
    vmis: lab.informer(VMIS),
    pods: lab.informer(PODS),
    targets: new Map(),
    starting: new Set(),
    claims: lab.informer(CLAIMS),
    budgets: lab.informer(DISRUPTION_BUDGETS),
    jitter: lab.rng.fork('target qemu timeout'),
  };
  const controller = lab.controller({
    name: 'virtualmachineinstancemigration',
    workers: WORKERS,
    reconcile: (key) => reconcile(room, key),
  });
  const keys = new Map<string, string>();
  room.migrations.onChange((now, before) => {
    const migration = now ?? before;
    if (migration === undefined) return;
    const key = makeObjectKey(migration);
    if (now) keys.set(migration.metadata.uid ?? '', key);
    else keys.delete(migration.metadata.uid ?? '');
    controller.enqueue(key);
  });
  room.pods.onChange((now, before) => {
    const pod = now ?? before;
    const job = pod?.metadata.labels?.[MIGRATION_JOB];
    if (pod === undefined || job === undefined) return;
    room.starting.delete(job);
    if (now) room.targets.set(job, makeObjectKey(pod));
    else room.targets.delete(job);
    const key = keys.get(job);
    if (key !== undefined) controller.enqueue(key);
  });
  room.vmis.onChange((now, before) => {
    const state = (now ?? before)?.status?.migrationState;
    const key = keys.get(state?.migrationUid ?? '');
    if (key !== undefined) controller.enqueue(key);
  });
}

/** As of all its controllers but those of VMIs and snapshots. */
const WORKERS = 3;

async function reconcile(room: MigrationRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const migration = room.migrations.get(namespace, name);
  if (!migration || isOver(migration)) return undefined;
  const vmi = room.vmis.get(namespace, migration.spec.vmiName);
  const pod = targetOf(room, migration);
  const phase = nextPhase(migration, vmi, pod);
  if (phase !== undefined) await enter(room, migration, phase, vmi);
  if (phase !== undefined || vmi === undefined) return undefined;
  const isStarting = room.starting.has(migration.metadata.uid ?? '');
  if (migration.status?.phase === 'Pending' && pod === undefined && !isStarting) {
    return takeTurn(room, migration, vmi);
  }
  if (migration.status?.phase === 'Scheduled' && pod) await handOver(room, migration, vmi, pod);
  return undefined;
}

function isOver({ status }: Migration): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function targetOf({ targets, pods }: MigrationRoom, { metadata }: Migration): Pod | undefined {
  const key = targets.get(metadata.uid ?? '');
  if (key === undefined) return undefined;
  const { namespace, name } = splitKey(key);
  return pods.get(namespace, name);
}

/** Undefined where it stays in the one it is in. */
function nextPhase(
  { metadata, status }: Migration,
  vmi: VirtualMachineInstance | undefined,
  pod: Pod | undefined,
): MigrationPhase | undefined {
  const state = vmi?.status?.migrationState;
  const ours = state?.migrationUid === metadata.uid ? state : undefined;
  const isLost = vmi === undefined || isFinal(vmi) || isDeleting(vmi);
  if (isLost || ours?.failed || (pod && isPodDown(pod) && !ours?.completed)) return 'Failed';
  switch (status?.phase) {
    case undefined:
      return 'Pending';
    case 'Pending':
      return pod && 'Scheduling';
    case 'Scheduling':
      return pod?.status?.phase === 'Running' ? 'Scheduled' : undefined;
    case 'Scheduled':
      return ours?.targetNode === undefined ? undefined : 'PreparingTarget';
    case 'PreparingTarget':
      return ours?.targetNodeAddress === undefined ? undefined : 'TargetReady';
    case 'TargetReady':
      return ours?.startTimestamp === undefined ? undefined : 'Running';
    case 'Running':
      return ours?.completed ? 'Succeeded' : undefined;
    default:
      return undefined;
  }
}

async function enter(
  room: MigrationRoom,
  migration: Migration,
  phase: MigrationPhase,
  vmi: VirtualMachineInstance | undefined,
): Promise<void> {
  const { client, lab } = room;
  if (vmi && (phase === 'Succeeded' || phase === 'Failed')) await spare(room, vmi, 1);
  const stamps = migration.status?.phaseTransitionTimestamps ?? [];
  const stamp = { phase, phaseTransitionTimestamp: lab.stamp() };
  const status = { ...migration.status, phase, phaseTransitionTimestamps: [...stamps, stamp] };
  await client.update(MIGRATIONS, { ...migration, status }, 'status');
}

/** So many of its pods may not be evicted: while it moves, neither of the two. */
async function spare(
  { client, budgets }: MigrationRoom,
  { metadata }: VirtualMachineInstance,
  minAvailable: number,
): Promise<void> {
  const budget = [...budgets.values()].find((each) => {
    return findController(each, VMIS.kind)?.uid === metadata.uid;
  });
  if (budget === undefined) return;
  await ignoreNotFound(
    client.patch(DISRUPTION_BUDGETS, budget.metadata, { spec: { minAvailable } }),
  );
}

/** A target pod, unless so many are under way already; it is looked at again after a while. */
async function takeTurn(
  room: MigrationRoom,
  migration: Migration,
  vmi: VirtualMachineInstance,
): Promise<ReconcileResult> {
  const { parallelPerCluster, parallelOutboundPerNode, recheckUs } = room.lab.parameters.migration;
  const running = [...room.migrations.values()].filter((other) => isUnderWay(room, other));
  const node = vmi.status?.nodeName;
  const outbound = running.filter(({ metadata, spec }) => {
    return room.vmis.get(metadata.namespace, spec.vmiName)?.status?.nodeName === node;
  });
  if (running.length >= parallelPerCluster || outbound.length >= parallelOutboundPerNode) {
    return { afterUs: recheckUs };
  }
  const { uid = '' } = migration.metadata;
  const options = launcherOptions(room.lab, room.claims, vmi, room.jitter);
  room.starting.add(uid);
  try {
    await spare(room, vmi, 2);
    await room.client.create(PODS, targetPod(vmi, uid, options));
  } catch (error) {
    room.starting.delete(uid);
    throw error;
  }
  return undefined;
}

/** Has its target pod, and is not over. */
function isUnderWay(room: MigrationRoom, migration: Migration): boolean {
  const isStarting = room.starting.has(migration.metadata.uid ?? '');
  return !isOver(migration) && (isStarting || targetOf(room, migration) !== undefined);
}

async function handOver(
  { client }: MigrationRoom,
  migration: Migration,
  vmi: VirtualMachineInstance,
  pod: Pod,
): Promise<void> {
  if (vmi.status?.migrationState?.migrationUid === migration.metadata.uid) return;
  const migrationState: MigrationState = {
    migrationUid: migration.metadata.uid ?? '',
    targetNode: pod.spec.nodeName ?? '',
    sourceNode: vmi.status?.nodeName ?? '',
    targetPod: pod.metadata.name,
  };
  // Whatever stood there of a move before goes.
  const gone = { targetNodeAddress: null, startTimestamp: null, endTimestamp: null };
  const status = { migrationState: { ...migrationState, ...gone, completed: null, failed: null } };
  await client.patch(VMIS, vmi.metadata, { status });
}
