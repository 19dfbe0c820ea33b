/**
 * A VMI whose pod is to be evicted moves instead: virt-api's webhook notes on which node it must
 * not stay (kubevirt v1.1.1 pod-eviction-admitter.go), and virt-controller makes a migration of it,
 * no more at a time than may run (pkg/virt-controller/watch/drain/evacuation).
 */

import type {
  Pod,
  VirtualMachineInstance,
  VirtualMachineInstanceMigration,
} from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { MIGRATIONS, VMIS } from '../../../api/resources.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { findController, isDeleting } from '../chassis/ownership.ts';
import type { ComputeLab } from './lab.ts';
import { isFinal } from './run-strategy.ts';

/** The webhook: told of each eviction before it is decided. */
export function createEvictionWebhook(lab: ComputeLab, client: KubeClient) {
  const vmis = lab.informer(VMIS);
  const mark = async (vmi: VirtualMachineInstance, evacuationNodeName: string) => {
    await ignoreNotFound(client.patch(VMIS, vmi.metadata, { status: { evacuationNodeName } }));
  };
  return (object: KubeObject): void => {
    const { metadata, spec } = object as Pod;
    const owner = findController(object, VMIS.kind);
    const vmi = owner && vmis.get(metadata.namespace, owner.name);
    const node = spec.nodeName;
    if (!vmi || node === undefined || vmi.status?.nodeName !== node) return;
    if (vmi.spec.evictionStrategy !== 'LiveMigrate') return;
    if (vmi.status.evacuationNodeName !== node) lab.launch(mark(vmi, node));
  };
}

interface EvacuationRoom {
  readonly lab: ComputeLab;
  readonly client: KubeClient;
  readonly vmis: Informer<VirtualMachineInstance>;
  readonly migrations: Informer<VirtualMachineInstanceMigration>;
  /** Nodes of VMIs whose migration was asked for and not seen yet, by key. */
  readonly asked: Map<string, string>;
}

export function startEvacuation(lab: ComputeLab, client: KubeClient): void {
  const room: EvacuationRoom = {
    lab,
    client,
    vmis: lab.informer(VMIS),
    migrations: lab.informer(MIGRATIONS),
    asked: new Map(),
  };
  const controller = lab.controller({
    name: 'evacuation',
    workers: 1,
    reconcile: (key) => reconcile(room, key),
  });
  room.vmis.onChange((now) => {
    if (now && isLeaving(now)) controller.enqueue(makeObjectKey(now));
  });
  room.migrations.onChange((now) => {
    if (now) room.asked.delete(keyOfVmi(now));
  });
}

function keyOfVmi({ metadata, spec }: VirtualMachineInstanceMigration): string {
  return makeObjectKey({ metadata: { ...metadata, name: spec.vmiName } } as KubeObject);
}

function isLeaving(vmi: VirtualMachineInstance): boolean {
  const { nodeName, evacuationNodeName } = vmi.status ?? {};
  if (isFinal(vmi) || isDeleting(vmi) || evacuationNodeName === undefined) return false;
  return evacuationNodeName === nodeName;
}

async function reconcile(room: EvacuationRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const vmi = room.vmis.get(namespace, name);
  if (!vmi || !isLeaving(vmi)) return undefined;
  const { parallelPerCluster, parallelOutboundPerNode, recheckUs } = room.lab.parameters.migration;
  const running = [...room.migrations.values()].filter(({ status }) => {
    return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
  });
  if (room.asked.has(key) || running.some((migration) => keyOfVmi(migration) === key)) {
    // Should it fail, the next one is to be made.
    return { afterUs: recheckUs };
  }
  const node = vmi.status?.nodeName ?? '';
  const nodeOf = (migration: VirtualMachineInstanceMigration) =>
    room.vmis.get(migration.metadata.namespace, migration.spec.vmiName)?.status?.nodeName;
  const nodes = [...running.map(nodeOf), ...room.asked.values()];
  const outbound = nodes.filter((each) => each === node);
  if (nodes.length >= parallelPerCluster || outbound.length >= parallelOutboundPerNode) {
    return { afterUs: recheckUs };
  }
  room.asked.set(key, node);
  try {
    await room.client.create(MIGRATIONS, evacuation(vmi, node));
  } catch (error) {
    room.asked.delete(key);
    throw error;
  }
  return { afterUs: recheckUs };
}

function evacuation(
  { metadata }: VirtualMachineInstance,
  node: string,
): VirtualMachineInstanceMigration {
  const { namespace, name } = metadata;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: MIGRATIONS.kind,
    metadata: {
      name: '',
      generateName: 'kubevirt-evacuation-',
      ...(namespace === undefined ? {} : { namespace }),
      annotations: { 'kubevirt.io/evacuationMigration': node },
    },
    spec: { vmiName: name },
  };
}
