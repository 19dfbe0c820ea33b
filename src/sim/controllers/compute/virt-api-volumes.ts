/**
 * KubeVirt's aggregated requests that plug a volume into a VM: kept as a request in the VM's
 * status, where virt-controller finds it, or put into the spec of the instance at once (kubevirt
 * v1.1.1 pkg/virt-api/rest/subresource.go addVolumeRequestHandler).
 */

import type { AddVolumeOptions, VirtualMachine, VmiSpec } from '../../../api/compute.ts';
import { VIRTUAL_MACHINES, VMIS } from '../../../api/resources.ts';
import type { VirtualMachineInstance } from '../../../api/compute.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { type Answer, accepted, badRequest, conflict } from './virt-api-answers.ts';

/** What is asked, or why it cannot be. */
export function readAddVolume(body: unknown): AddVolumeOptions | Answer {
  const { name, disk, volumeSource } = (body ?? {}) as Partial<AddVolumeOptions>;
  if (!name) return badRequest('AddVolumeOptions requires name to be set');
  if (!disk) return badRequest('AddVolumeOptions requires disk to not be nil');
  if (!volumeSource) return badRequest('AddVolumeOptions requires VolumeSource to not be nil');
  const { dataVolume, persistentVolumeClaim } = volumeSource;
  return {
    name,
    disk: { ...disk, name },
    volumeSource: {
      ...volumeSource,
      ...(dataVolume && { dataVolume: { ...dataVolume, hotpluggable: true } }),
      ...(persistentVolumeClaim && {
        persistentVolumeClaim: { ...persistentVolumeClaim, hotpluggable: true },
      }),
    },
  };
}

export async function requestVolume(
  client: KubeClient,
  vm: VirtualMachine,
  options: AddVolumeOptions,
): Promise<Answer> {
  const refusal = taken(vm.spec.template.spec, vm, options);
  if (refusal) return refusal;
  const open = vm.status?.volumeRequests ?? [];
  if (open.some(({ addVolumeOptions }) => addVolumeOptions?.name === options.name)) {
    const cause = `add volume request for volume [${options.name}] already exists`;
    return conflict(vm.metadata.name, cause);
  }
  const status = { volumeRequests: [...open, { addVolumeOptions: options }] };
  const { resourceVersion } = vm.metadata;
  const patch = { metadata: { resourceVersion }, status };
  await client.patch(VIRTUAL_MACHINES, vm.metadata, patch, { subresource: 'status' });
  return accepted();
}

export async function plugVolume(
  client: KubeClient,
  vmi: VirtualMachineInstance,
  options: AddVolumeOptions,
): Promise<Answer> {
  if (vmi.status?.phase !== 'Running') {
    return conflict(vmi.metadata.name, 'VMI is not running', 'virtualmachineinstance');
  }
  const refusal = taken(vmi.spec, vmi, options);
  if (refusal) return refusal;
  const { resourceVersion } = vmi.metadata;
  const patch = { metadata: { resourceVersion }, spec: withVolume(vmi.spec, options) };
  await client.patch(VMIS, vmi.metadata, patch);
  return accepted();
}

function taken(
  { volumes }: VmiSpec,
  { kind, metadata }: VirtualMachine | VirtualMachineInstance,
  { name }: AddVolumeOptions,
): Answer | undefined {
  if (!volumes?.some((volume) => volume.name === name)) return undefined;
  const cause = `Unable to add volume [${name}] because volume with that name already exists`;
  return conflict(metadata.name, cause, kind === VMIS.kind ? 'virtualmachineinstance' : undefined);
}

/** The spec with the volume and its disk. */
export function withVolume(spec: VmiSpec, { name, disk, volumeSource }: AddVolumeOptions): VmiSpec {
  if (spec.volumes?.some((volume) => volume.name === name)) return spec;
  const { devices } = spec.domain;
  return {
    ...spec,
    volumes: [...(spec.volumes ?? []), { ...volumeSource, name }],
    domain: {
      ...spec.domain,
      devices: { ...devices, disks: [...(devices?.disks ?? []), disk] },
    },
  };
}
