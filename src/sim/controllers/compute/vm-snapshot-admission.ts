/** What KubeVirt's webhooks refuse of snapshots of VMs and of restores (v1.1.1 admitters). */

import type { VirtualMachine } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import {
  type Resource,
  VIRTUAL_MACHINES,
  VM_RESTORES,
  VM_SNAPSHOTS,
} from '../../../api/resources.ts';
import type { VirtualMachineRestore, VirtualMachineSnapshot } from '../../../api/vm-snapshots.ts';
import { getRunStrategy } from './run-strategy.ts';
import { type AdmissionCause, invalid } from './spec-problems.ts';
import type { AdmissionRule, Around } from './vm-admission.ts';

type CreationRule = Omit<AdmissionRule, 'mutate' | 'shape'>;

const vmSnapshotAdmission: CreationRule = {
  resource: VM_SNAPSHOTS,
  webhooks: webhook('virtualmachinesnapshot-validator.snapshot.kubevirt.io'),
  validate: (object, old, around) =>
    old ? [] : snapshotProblems(object as VirtualMachineSnapshot, around),
};

const vmRestoreAdmission: CreationRule = {
  resource: VM_RESTORES,
  webhooks: webhook('virtualmachinerestore-validator.snapshot.kubevirt.io'),
  validate: (object, old, around) =>
    old ? [] : restoreProblems(object as VirtualMachineRestore, around),
};

export const VM_SNAPSHOT_ADMISSION: readonly CreationRule[] = [
  vmSnapshotAdmission,
  vmRestoreAdmission,
];

function webhook(validating: string) {
  return { mutating: validating, validating };
}

function find<T extends KubeObject>(
  around: Around,
  resource: Resource<T>,
  namespace: string | undefined,
  name: string | undefined,
): T | undefined {
  return around
    .list(resource)
    .find(({ metadata }) => metadata.name === name && metadata.namespace === namespace) as
    | T
    | undefined;
}

function snapshotProblems(
  { metadata, spec }: Partial<VirtualMachineSnapshot> & KubeObject,
  around: Around,
): readonly AdmissionCause[] {
  const name = spec?.source?.name;
  if (find(around, VIRTUAL_MACHINES, metadata.namespace, name)) return [];
  return [invalid('spec.source.name', `VirtualMachine "${name}" does not exist`)];
}

function restoreProblems(
  { metadata, spec }: Partial<VirtualMachineRestore> & KubeObject,
  around: Around,
): readonly AdmissionCause[] {
  const { namespace } = metadata;
  const vm = find(around, VIRTUAL_MACHINES, namespace, spec?.target?.name);
  const name = spec?.virtualMachineSnapshotName;
  const snapshot = find(around, VM_SNAPSHOTS, namespace, name);
  const what = `VirtualMachineSnapshot "${name}"`;
  const field = 'spec.virtualMachineSnapshotName';
  if (snapshot === undefined)
    return [...targetProblems(vm), invalid(field, `${what} does not exist`)];
  const { phase, readyToUse, sourceUID } = snapshot.status ?? {};
  const isOther = vm !== undefined && sourceUID !== undefined && vm.metadata.uid !== sourceUID;
  return [
    ...targetProblems(vm),
    ...(phase === 'Failed' ? [invalid(field, `${what} has failed and is invalid to use`)] : []),
    ...(readyToUse === true ? [] : [invalid(field, `${what} is not ready to use`)]),
    ...(isOther ? [invalid(field, OTHER_VM)] : []),
  ];
}

const OTHER_VM =
  'when shapsnot source and restore target VMs are different - target VM must not exist';

function targetProblems(vm: VirtualMachine | undefined): readonly AdmissionCause[] {
  if (vm === undefined || getRunStrategy(vm) === 'Halted') return [];
  const { name } = vm.metadata;
  const message = vm.spec.running
    ? `VirtualMachine "${name}" is not stopped`
    : `VirtualMachine "${name}" run strategy has to be Halted`;
  return [invalid('spec.target', message)];
}
