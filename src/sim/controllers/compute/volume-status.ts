/**
 * What a VMI's status says of its volumes: virt-controller tells of the claim, the node's
 * virt-handler of the device in the guest, and each keeps what the other wrote (kubevirt v1.1.1
 * vmi.go updateVolumeStatus, virt-handler/vm.go updateVolumeStatusesFromDomain).
 */

import type { Pod, VirtualMachineInstance, VolumeSource } from '../../../api/compute.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import { shared } from './shared.ts';
import { claimBehind } from './volume-claim.ts';

export interface VolumeStatus {
  readonly name: string;
  readonly target: string;
  readonly persistentVolumeClaimInfo?: unknown;
  /** Of a volume that was plugged in: how far it is. */
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly hotplugVolume?: { readonly attachPodName?: string; readonly attachPodUID?: string };
}

/** With what is known of the claims now. */
export function vmiVolumes(
  vmi: VirtualMachineInstance,
  claim: (name: string) => PersistentVolumeClaim | undefined,
  { plugged = NOTHING_PLUGGED, namesClaims }: VolumeTelling,
): readonly unknown[] {
  return statuses(vmi, (volume, before) => {
    const name = claimBehind(volume);
    const found = name === undefined ? undefined : claim(name);
    const own = plugged.names.has(volume.name) ? pluggedStatus(before, found, plugged.pod) : before;
    if (!found) return own;
    const named = namesClaims ? { claimName: found.metadata.name } : {};
    return { ...own, persistentVolumeClaimInfo: shared({ ...named, ...claimInfo(found) }) };
  });
}

export interface VolumeTelling {
  /** Nothing where undefined. */
  readonly plugged?: Plugged | undefined;
  /** Whether claims are told of by name. */
  readonly namesClaims: boolean;
}

/** Volumes that the launcher pod does not have, and the pod that brings them to its node. */
export interface Plugged {
  readonly names: ReadonlySet<string>;
  readonly pod: Pod | undefined;
}

const NOTHING_PLUGGED: Plugged = { names: new Set(), pod: undefined };

/** What virt-controller tells of it; from MountedToPod on it is the handler's to tell. */
function pluggedStatus(
  before: VolumeStatus,
  claim: PersistentVolumeClaim | undefined,
  pod: Pod | undefined,
): VolumeStatus {
  if (pod === undefined) {
    if (before.phase === 'Ready') return before;
    const isBound = claim?.status?.phase === 'Bound';
    return { ...before, phase: isBound ? 'Bound' : 'Pending', hotplugVolume: {} };
  }
  const { name: attachPodName, uid } = pod.metadata;
  const isUp = pod.status?.containerStatuses?.every(({ ready }) => ready) ?? false;
  const hotplugVolume = { attachPodName, ...(isUp ? { attachPodUID: uid ?? '' } : {}) };
  const isNew = BEFORE_POD.has(before.phase ?? 'Pending');
  const told = {
    phase: 'AttachedToNode',
    reason: 'SuccessfulCreate',
    message: `Created hotplug attachment pod ${attachPodName}, for volume ${before.name}`,
  };
  return { ...before, ...(isNew ? told : {}), hotplugVolume };
}

const BEFORE_POD: ReadonlySet<string> = new Set(['Pending', 'Bound']);

/** With one of its volumes told of by the node's handler. */
export function withVolumeStatus(
  { status }: VirtualMachineInstance,
  name: string,
  told: Partial<VolumeStatus>,
): readonly unknown[] {
  const known = (status?.volumeStatus ?? []) as readonly VolumeStatus[];
  return known.map((each) => (each.name === name ? { ...each, ...told } : each));
}

/** With the devices that the guest has. */
export function domainVolumes(vmi: VirtualMachineInstance): readonly unknown[] {
  return statuses(vmi, (_volume, before, index) => ({
    ...before,
    target: `vd${String.fromCharCode(97 + (index % 26))}`,
  }));
}

function statuses(
  { spec, status }: VirtualMachineInstance,
  next: (volume: VolumeSource, before: VolumeStatus, index: number) => VolumeStatus,
): readonly unknown[] {
  const known = (status?.volumeStatus ?? []) as readonly VolumeStatus[];
  return (spec.volumes ?? [])
    .map((volume, index) => {
      const before = known.find(({ name }) => name === volume.name);
      return next(volume, before ?? { name: volume.name, target: '' }, index);
    })
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

function claimInfo({ spec, status }: PersistentVolumeClaim) {
  const { accessModes, volumeMode, resources } = spec;
  return {
    ...(accessModes ? { accessModes } : {}),
    ...(status?.capacity ? { capacity: status.capacity } : {}),
    // Of the class in the CDIConfig; CDI's default.
    filesystemOverhead: volumeMode === 'Block' ? '0' : '0.055',
    ...(resources?.requests ? { requests: resources.requests } : {}),
    ...(volumeMode ? { volumeMode } : {}),
  };
}
