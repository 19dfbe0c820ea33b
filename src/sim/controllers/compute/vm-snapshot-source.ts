/**
 * The VM that a snapshot is taken of: locked so that nothing changes it meanwhile, its guest's file
 * systems frozen where an agent can (kubevirt v1.1.1 pkg/storage/snapshot/source.go). The lock is
 * two writes, and each is seen before the next is made.
 */

import type { Pod, VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import { claimNames } from '../../../api/pod-claims.ts';
import { CLAIMS, PODS, VIRTUAL_MACHINES, VMIS } from '../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import type { VirtualMachineSnapshot } from '../../../api/vm-snapshots.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { type Informer, objectKey } from '../../../kube/informer.ts';
import { subresourcePath } from '../../../kube/paths.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from '../chassis/ownership.ts';
import { findCondition } from './conditions.ts';
import type { ComputeLab } from './lab.ts';
import { isPodDown } from './vmi-status.ts';
import { claimBehind } from './volume-claim.ts';

const SOURCE_FINALIZER = 'snapshot.kubevirt.io/snapshot-source-protection';

export interface SnapshotSources {
  readonly vms: Informer<VirtualMachine>;
  readonly vmis: Informer<VirtualMachineInstance>;
  readonly claims: Informer<PersistentVolumeClaim>;
  of(snapshot: VirtualMachineSnapshot): VirtualMachine | undefined;
  vmiOf(vm: VirtualMachine): VirtualMachineInstance | undefined;
  /** An agent in its guest answers. */
  hasAgent(vm: VirtualMachine): boolean;
  isLocked(vm: VirtualMachine, snapshot: VirtualMachineSnapshot): boolean;
  lock(vm: VirtualMachine, snapshot: VirtualMachineSnapshot): Promise<void>;
  unlock(vm: VirtualMachine, snapshot: VirtualMachineSnapshot): Promise<void>;
  /** Waits until the guest has done it; at once where it has no agent. */
  setFrozen(vm: VirtualMachine, frozen: boolean): Promise<void>;
}

export function createSnapshotSources(lab: ComputeLab, client: KubeClient): SnapshotSources {
  const vms = lab.informer(VIRTUAL_MACHINES);
  const vmis = lab.informer(VMIS);
  const pods = lab.informer(PODS);
  const vmiOf = ({ metadata }: VirtualMachine) => vmis.get(metadata.namespace, metadata.name);
  const hasAgent = (vm: VirtualMachine) =>
    findCondition(vmiOf(vm)?.status?.conditions, 'AgentConnected') !== undefined;
  const isFree = (vm: VirtualMachine) => {
    const names = new Set(listVolumeClaims(vm).map(({ claim }) => claim));
    return ![...pods.values()].some((pod) => usesAny(pod, vm.metadata.namespace, names));
  };
  return {
    vms,
    vmis,
    claims: lab.informer(CLAIMS),
    vmiOf,
    hasAgent,
    of: ({ metadata, spec }) => vms.get(metadata.namespace, spec.source.name),
    isLocked: ({ metadata, status }, snapshot) =>
      status?.snapshotInProgress === snapshot.metadata.name &&
      (metadata.finalizers?.includes(SOURCE_FINALIZER) ?? false),
    async lock(vm, { metadata: { name } }) {
      if (!vmiOf(vm) && !isFree(vm)) return;
      const holder = vm.status?.snapshotInProgress;
      if (holder !== undefined && holder !== name) return;
      if (holder === undefined) {
        const status = { ...vm.status, snapshotInProgress: name };
        await client.update(VIRTUAL_MACHINES, { ...vm, status }, 'status');
      } else if (!hasFinalizer(vm, SOURCE_FINALIZER)) {
        await client.patch(VIRTUAL_MACHINES, vm.metadata, withFinalizer(vm, SOURCE_FINALIZER));
      }
    },
    async unlock(vm, { metadata: { name } }) {
      if (vm.status?.snapshotInProgress !== name) return;
      const held = hasFinalizer(vm, SOURCE_FINALIZER)
        ? await client.patch(VIRTUAL_MACHINES, vm.metadata, withoutFinalizer(vm, SOURCE_FINALIZER))
        : vm;
      const { snapshotInProgress: _, ...status } = held.status ?? {};
      await client.update(VIRTUAL_MACHINES, { ...held, status }, 'status');
    },
    async setFrozen(vm, frozen) {
      if (!hasAgent(vm)) return;
      const path = subresourcePath(VMIS, vm.metadata, frozen ? 'freeze' : 'unfreeze');
      await client.raw({ method: 'PUT', path, body: frozen ? { unfreezeTimeout: '5m0s' } : {} });
    },
  };
}

/** The claims behind the volumes of a VM, by the names of the volumes. */
export function listVolumeClaims({
  spec,
}: Pick<VirtualMachine, 'spec'>): readonly { readonly volume: string; readonly claim: string }[] {
  return (spec.template.spec.volumes ?? []).flatMap((volume) => {
    const claim = claimBehind(volume);
    return claim === undefined ? [] : [{ volume: volume.name, claim }];
  });
}

export function sourceKey({ metadata, spec }: VirtualMachineSnapshot): string {
  return objectKey(metadata.namespace, spec.source.name);
}

function usesAny(pod: Pod, namespace: string | undefined, names: ReadonlySet<string>): boolean {
  if (pod.metadata.namespace !== namespace || isPodDown(pod)) return false;
  return claimNames(pod).some((name) => names.has(name));
}
