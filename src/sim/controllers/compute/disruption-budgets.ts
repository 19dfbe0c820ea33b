/**
 * virt-controller's disruption budgets: a VMI that is to migrate when its node is drained
 * has a PodDisruptionBudget, which keeps its pod from being evicted before (kubevirt v1.1.1
 * pkg/virt-controller/watch/drain/disruptionbudget).
 */

import type { VirtualMachineInstance } from '../../../api/compute.ts';
import { DISRUPTION_BUDGETS, VMIS } from '../../../api/resources.ts';
import type { KubeObject } from '../../../api/object.ts';
import { isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { type Informer, makeObjectKey, objectKey, splitKey } from '../../../kube/informer.ts';
import { isTrue } from './conditions.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import { createExpectations, type Expectations } from '../chassis/expectations.ts';
import type { ComputeLab } from './lab.ts';
import { CREATED_BY } from './vm-objects.ts';
import { findController, controllerReference, isDeleting } from '../chassis/ownership.ts';

const WORKERS = 3;

export function startDisruptionBudgets(lab: ComputeLab, client: KubeClient): void {
  const room: BudgetRoom = {
    client,
    vmis: lab.informer(VMIS),
    budgets: lab.informer(DISRUPTION_BUDGETS),
    owned: new Map(),
    created: createExpectations(lab.clock),
    record: lab.recorder('disruptionbudget-controller', client).record,
  };
  const controller = lab.controller({
    name: 'disruption budget',
    workers: WORKERS,
    reconcile: (key) => reconcile(room, key),
  });
  room.vmis.onChange((now, before) => {
    const object = now ?? before;
    if (object && needsLook(now, before)) controller.enqueue(makeObjectKey(object));
  });
  room.budgets.onChange((now, before) => {
    const budget = now ?? before;
    const owner = budget && findController(budget, VMIS.kind);
    if (!budget || !owner) return;
    const key = objectKey(budget.metadata.namespace, owner.name);
    room.created.seen(budget.metadata.uid ?? '');
    if (now) room.owned.set(key, now);
    else if (room.owned.get(key)?.metadata.uid === budget.metadata.uid) room.owned.delete(key);
    controller.enqueue(key);
  });
}

interface BudgetRoom {
  readonly client: KubeClient;
  readonly vmis: Informer<VirtualMachineInstance>;
  readonly budgets: Informer<KubeObject>;
  /** Budgets by the key of their VMI. */
  readonly owned: Map<string, KubeObject>;
  readonly created: Expectations;
  readonly record: EventRecorder['record'];
}

function needsLook(
  now: VirtualMachineInstance | undefined,
  before: VirtualMachineInstance | undefined,
): boolean {
  if (!now || !before || isDeleting(now) !== isDeleting(before)) return true;
  return isProtected(now) !== isProtected(before);
}

/** Whether evictions are to wait for a migration. */
function isProtected(vmi: VirtualMachineInstance | undefined): boolean {
  if (!vmi || isDeleting(vmi)) return false;
  switch (vmi.spec.evictionStrategy) {
    case 'LiveMigrate':
    case 'External':
      return true;
    case 'LiveMigrateIfPossible':
      return isTrue(vmi.status?.conditions, 'LiveMigratable');
    default:
      return false;
  }
}

async function reconcile(room: BudgetRoom, key: string): Promise<undefined> {
  if (room.created.isPending(key)) return;
  const { namespace, name } = splitKey(key);
  const vmi = room.vmis.get(namespace, name);
  const budget = room.owned.get(key);
  const wanted = isProtected(vmi);
  const foreign = budget && findController(budget, VMIS.kind)?.uid !== vmi?.metadata.uid;
  if (budget && (!wanted || foreign)) await remove(room, budget, vmi);
  else if (!budget && wanted && vmi) await create(room, key, vmi);
}

async function create(room: BudgetRoom, key: string, vmi: VirtualMachineInstance): Promise<void> {
  const { namespace, uid = '' } = vmi.metadata;
  const created = await room.client.create(DISRUPTION_BUDGETS, {
    apiVersion: 'policy/v1',
    kind: DISRUPTION_BUDGETS.kind,
    metadata: {
      name: '',
      generateName: 'kubevirt-disruption-budget-',
      ...(namespace === undefined ? {} : { namespace }),
      ownerReferences: [controllerReference(vmi)],
    },
    spec: { minAvailable: 1, selector: { matchLabels: { [CREATED_BY]: uid } } },
  });
  const { metadata } = created;
  if (!room.budgets.get(namespace, metadata.name)) room.created.expect(key, metadata.uid ?? '');
  const message = `Created PodDisruptionBudget ${metadata.name}`;
  room.record(vmi, 'Normal', 'SuccessfulCreate', message);
}

async function remove(
  room: BudgetRoom,
  budget: KubeObject,
  vmi: VirtualMachineInstance | undefined,
): Promise<void> {
  if (isDeleting(budget)) return;
  try {
    await room.client.remove(DISRUPTION_BUDGETS, budget.metadata);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return;
  }
  const message = `Deleted PodDisruptionBudget ${budget.metadata.name}`;
  if (vmi) room.record(vmi, 'Normal', 'SuccessfulDelete', message);
}
