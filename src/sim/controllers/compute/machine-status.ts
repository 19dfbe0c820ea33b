/**
 * The whole status of a VM from what is known of it: pure, so that every look at the same state
 * writes the same words. Conditions of the instance are mirrored verbatim; Ready is always there.
 */

import type { VirtualMachine, VolumeSource } from '../../../api/compute.ts';
import type { Condition } from '../../../api/object.ts';
import { deepFreeze, sameJson } from '../../../core/json.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import { isTrue, withCondition } from './conditions.ts';
import { disksAreReady, type MachineView, printableStatus } from './printable-status.ts';
import { failureCount, openRequests, type StartFailure, startBackoffUs } from './run-strategy.ts';

export type MachineStatus = NonNullable<VirtualMachine['status']>;

export interface MachineFacts extends MachineView {
  readonly wallUs: number;
  /** In [0, 1): spreads the back-off of VMs that fail to start. */
  readonly spread: number;
  /** The last step failed, with this reason and message. */
  readonly failure: { readonly reason: string; readonly message: string } | undefined;
}

/** The status to write; the one in place itself where nothing would change. */
export function machineStatus(facts: MachineFacts): MachineStatus {
  const { machine, instance } = facts;
  const before = machine.status ?? {};
  const conditions = machineConditions(facts);
  const requests = openRequests(machine, instance);
  const startFailure = findStartFailure(facts);
  const now: MachineStatus = {
    created: instance !== undefined,
    ready: isTrue(instance?.status?.conditions, 'Ready'),
    printableStatus: printableStatus(facts),
    conditions,
    volumeSnapshotStatuses: snapshotStatuses(facts),
    ...(requests ? { stateChangeRequests: requests } : {}),
    ...(startFailure ? { startFailure } : {}),
  };
  return sameJson(before, now) ? before : now;
}

function machineConditions(facts: MachineFacts): readonly Condition[] {
  const stamp = rfc3339(facts.wallUs);
  const before = facts.machine.status?.conditions;
  const mirrored = facts.instance?.status?.conditions ?? [];
  const list = mirrored.some((condition) => condition.type === 'Ready')
    ? mirrored
    : withReady(facts, before, stamp);
  if (!facts.failure) return list;
  const failed = before?.filter((condition) => condition.type === 'Failure');
  return [
    ...list,
    ...withCondition(failed, { type: 'Failure', status: 'True', ...facts.failure }, stamp),
  ];
}

/** The instance's conditions behind a Ready of our own: it has none, or there is no instance. */
function withReady(
  { instance }: MachineFacts,
  before: readonly Condition[] | undefined,
  stamp: string,
): readonly Condition[] {
  const [reason, message] = instance
    ? ['VMIConditionMissing', 'VMI is missing the Ready condition']
    : ['VMINotExists', 'VMI does not exist'];
  const ready = before?.filter((condition) => condition.type === 'Ready');
  return [
    ...withCondition(ready, { type: 'Ready', status: 'False', reason, message }, stamp),
    ...(instance?.status?.conditions ?? []),
  ];
}

/** Counts instances that failed before they ran; forgets them once one runs. */
function findStartFailure(facts: MachineFacts): StartFailure | undefined {
  const { machine, instance, wallUs, spread } = facts;
  const before = machine.status?.startFailure as StartFailure | undefined;
  if (!instance || instance.metadata.uid === before?.lastFailedVMIUID) return before;
  if (hasRun(facts)) return undefined;
  if (instance.status?.phase !== 'Failed') return before;
  const failures = failureCount(machine) + 1;
  const retryUs = wallUs + startBackoffUs(failures, spread);
  return {
    consecutiveFailCount: failures,
    lastFailedVMIUID: instance.metadata.uid ?? '',
    retryAfterTimestamp: rfc3339(retryUs),
  };
}

function hasRun({ instance }: MachineFacts): boolean {
  return (
    instance?.status?.phaseTransitionTimestamps?.some(({ phase }) => phase === 'Running') ?? false
  );
}

/** As virt-controller's snapshot controller fills it, once the claims are known. */
function snapshotStatuses(facts: MachineFacts): readonly unknown[] {
  const ready = disksAreReady(facts.dataVolumes);
  return (facts.machine.spec.template.spec.volumes ?? []).map((volume) =>
    snapshotStatus(volume, ready),
  );
}

/** Shared between VMs: ten thousand of them have the same few volume names. */
const sharedStatuses = new Map<string, unknown>();

function snapshotStatus(volume: VolumeSource, ready: boolean): unknown {
  const claimed = volume.dataVolume !== undefined || volume.persistentVolumeClaim !== undefined;
  const verdict = !claimed ? 'unsupported' : ready ? 'enabled' : 'unknown';
  const key = `${verdict} ${volume.name}`;
  let status = sharedStatuses.get(key);
  if (!status) {
    status = deepFreeze({ name: volume.name, ...SNAPSHOT_VERDICTS[verdict] });
    sharedStatuses.set(key, status);
  }
  return status;
}

const SNAPSHOT_VERDICTS = {
  enabled: { enabled: true },
  unknown: { enabled: false, reason: 'PVC not found' },
  unsupported: {
    enabled: false,
    reason: 'Snapshot is not supported for this volumeSource type',
  },
};
