/**
 * virt-controller's snapshot controller, as far as VMs without snapshots see it: it says of each
 * volume of a VM whether it could be snapshot, in writes of its own, first before the claim is
 * there and again after (kubevirt v1.1.1 pkg/storage/snapshot/snapshot.go).
 */

import type { VirtualMachine, VolumeSource } from '../../../api/compute.ts';
import {
  CLAIMS,
  SNAPSHOT_CLASSES,
  STORAGE_CLASSES,
  VIRTUAL_MACHINES,
} from '../../../api/resources.ts';
import type {
  PersistentVolumeClaim,
  StorageClass,
  VolumeSnapshotClass,
} from '../../../api/storage.ts';
import { sameJson } from '../../../core/json.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { type Informer, makeObjectKey, objectKey, splitKey } from '../../../kube/informer.ts';
import type { ComputeLab } from './lab.ts';
import { isDeleting } from '../chassis/ownership.ts';
import { shared } from './shared.ts';
import { claimBehind } from './volume-claim.ts';

const WORKERS = 5;

export function startSnapshotStatuses(lab: ComputeLab, client: KubeClient): void {
  const room: StatusRoom = {
    client,
    vms: lab.informer(VIRTUAL_MACHINES),
    claims: lab.informer(CLAIMS),
    classes: lab.informer(STORAGE_CLASSES),
    snapshotClasses: lab.informer(SNAPSHOT_CLASSES),
  };
  const controller = lab.controller({
    name: 'virtualmachine snapshot status',
    workers: WORKERS,
    reconcile: (key) => reconcile(room, key),
  });
  /** Keys of VMs by the keys of the claims that their volumes name. */
  const users = new Map<string, string>();
  room.vms.onChange((now, before) => {
    const vm = now ?? before;
    if (!vm) return;
    const key = makeObjectKey(vm);
    for (const claim of listClaims(vm)) {
      const claimKey = objectKey(vm.metadata.namespace, claim);
      if (now) users.set(claimKey, key);
      else users.delete(claimKey);
    }
    if (now && now.spec !== before?.spec) controller.enqueue(key);
  });
  room.claims.onChange((now, before) => {
    const claim = now ?? before;
    const user = claim && users.get(makeObjectKey(claim));
    if (user && (!now || !before)) controller.enqueue(user);
  });
}

interface StatusRoom {
  readonly client: KubeClient;
  readonly vms: Informer<VirtualMachine>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly classes: Informer<StorageClass>;
  readonly snapshotClasses: Informer<VolumeSnapshotClass>;
}

function listClaims({ spec }: VirtualMachine): readonly string[] {
  return (spec.template.spec.volumes ?? []).flatMap((volume) => claimBehind(volume) ?? []);
}

async function reconcile(room: StatusRoom, key: string): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const vm = room.vms.get(namespace, name);
  if (!vm || isDeleting(vm)) return;
  const statuses = (vm.spec.template.spec.volumes ?? []).map((volume) =>
    shared({ name: volume.name, ...verdict(room, namespace, volume) }),
  );
  if (sameJson(statuses, vm.status?.volumeSnapshotStatuses ?? [])) return;
  const status = { ...vm.status, volumeSnapshotStatuses: statuses };
  await ignoreNotFound(room.client.update(VIRTUAL_MACHINES, { ...vm, status }, 'status'));
}

function verdict(room: StatusRoom, namespace: string | undefined, volume: VolumeSource): object {
  const { name } = volume;
  const no = (reason: string) => ({ enabled: false, reason });
  const claimName = claimBehind(volume);
  if (claimName === undefined) {
    return no(`Snapshot is not supported for this volumeSource type [${name}]`);
  }
  const claim = room.claims.get(namespace, claimName);
  if (!claim) return no('PVC not found');
  const className = claim.spec.storageClassName ?? '';
  const provisioner = room.classes.get(undefined, className)?.provisioner;
  const drivers = [...room.snapshotClasses.values()].map(({ driver }) => driver);
  if (provisioner !== undefined && drivers.includes(provisioner)) return { enabled: true };
  const why = 'Volume snapshots are not configured for this StorageClass';
  return no(`No VolumeSnapshotClass: ${why} [${className}] [${name}]`);
}
