/** The objects that a VM brings into being: its DataVolumes and its instance. */

import type { VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import type { ObjectMeta } from '../../../api/object.ts';
import type { DataVolume, DataVolumeTemplate } from '../../../api/storage.ts';
import { controllerReference } from './ownership.ts';

/** On VMs and on instances: virt-controller has something to do before they may go. */
export const MACHINE_FINALIZER = 'kubevirt.io/virtualMachineControllerFinalize';

/** On instances: their pods go first. */
export const INSTANCE_FINALIZER = 'foregroundDeleteVirtualMachine';

export const CREATED_BY = 'kubevirt.io/created-by';

export function buildDataVolume(machine: VirtualMachine, template: DataVolumeTemplate): DataVolume {
  const { name, labels, annotations } = template.metadata;
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      name,
      ...inSameNamespace(machine),
      labels: { ...labels, [CREATED_BY]: machine.metadata.uid ?? '' },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(machine)],
    },
    spec: template.spec,
  };
}

/** The instance that runs this VM: the template's labels and annotations, and its very spec. */
export function buildInstance(machine: VirtualMachine): VirtualMachineInstance {
  const { metadata, spec } = machine.spec.template;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      name: machine.metadata.name,
      ...inSameNamespace(machine),
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: {
        ...metadata?.annotations,
        'kubevirt.io/vm-generation': String(machine.metadata.generation ?? 1),
      },
      ownerReferences: [controllerReference(machine)],
      finalizers: [MACHINE_FINALIZER, INSTANCE_FINALIZER],
    },
    spec,
  };
}

function inSameNamespace({ metadata }: VirtualMachine): Pick<ObjectMeta, 'namespace'> {
  return metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
}
