/** The objects that a VM brings into being: its DataVolumes and its VMI. */

import { createHash } from 'node:crypto';
import type { VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import type { ObjectMeta } from '../../../api/object.ts';
import type { DataVolume, DataVolumeTemplate } from '../../../api/storage.ts';
import { has, type Release } from '../../../parameters/release.ts';
import { topology } from '../../../capacity/launcher-request.ts';
import { controllerReference } from '../chassis/ownership.ts';
import { shared } from './shared.ts';

/** On VMs and on VMIs: virt-controller has something to do before they may go. */
export const VM_FINALIZER = 'kubevirt.io/virtualMachineControllerFinalize';

/** Of a VMI and its pod: the node that it runs on. */
export const NODE_LABEL = 'kubevirt.io/nodeName';

/** On VMIs: their pods go first. */
export function vmiFinalizer(parameters: { readonly release: Release }): string {
  const name = 'foregroundDeleteVirtualMachine';
  return has(parameters, 'qualifiedFinalizer') ? `kubevirt.io/${name}` : name;
}

export const CREATED_BY = 'kubevirt.io/created-by';

export function buildDataVolume(vm: VirtualMachine, template: DataVolumeTemplate): DataVolume {
  const { name, labels, annotations } = template.metadata;
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      name,
      ...inSameNamespace(vm),
      labels: { ...labels, [CREATED_BY]: vm.metadata.uid ?? '' },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(vm)],
    },
    spec: template.spec,
  };
}

/**
 * The VMI that runs this VM: the template's labels and annotations, its very spec, and the
 * revision that it is made of.
 */
export function buildVmi(
  vm: VirtualMachine,
  revision: string,
  parameters: { readonly release: Release },
): VirtualMachineInstance {
  const { metadata, spec } = vm.spec.template;
  const { domain } = spec;
  const uuid = domain.firmware?.uuid ?? uuidOf(vm.metadata.name);
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      name: vm.metadata.name,
      ...inSameNamespace(vm),
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: {
        ...metadata?.annotations,
        'kubevirt.io/vm-generation': String(vm.metadata.generation ?? 1),
      },
      ownerReferences: [controllerReference(vm)],
      finalizers: [VM_FINALIZER, vmiFinalizer(parameters)],
    },
    spec: { ...spec, domain: { ...domain, firmware: { ...domain.firmware, uuid } } },
    status: {
      currentCPUTopology: shared(topology(spec)),
      virtualMachineRevisionName: revision,
    },
  };
}

/** KubeVirt's namespace for UUIDs of VMs (watch/vm.go firmwareUUIDns). */
const FIRMWARE_NAMESPACE = '6a1a24a1-4061-4607-8bf4-a3963d0c5895';

/** The same each time: a UUID of version 5. That of a VM's firmware is of its name. */
export function uuidOf(name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(FIRMWARE_NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20, 32)].join('-');
}

function inSameNamespace({ metadata }: VirtualMachine): Pick<ObjectMeta, 'namespace'> {
  return metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
}
