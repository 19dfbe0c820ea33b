/**
 * Volumes that are to be plugged into a VM: put into its spec, and into its instance where there is
 * one, by the request that anybody would make; then they are no requests any more (kubevirt v1.1.1
 * watch/vm.go handleVolumeRequests, trimDoneVolumeRequests).
 */

import type { VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import { VIRTUAL_MACHINES, VMIS } from '../../../api/resources.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { subresourcePath } from '../../../kube/paths.ts';
import { isDeleting } from '../chassis/ownership.ts';
import { withVolume } from './virt-api-volumes.ts';

/** One step; the VM as written, or undefined where nothing was to be done. */
export async function workOffVolumeRequests(
  client: KubeClient,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): Promise<VirtualMachine | undefined> {
  const requests = vm.status?.volumeRequests;
  if (requests === undefined || requests.length === 0) return undefined;
  let { spec } = vm.spec.template;
  const left = requests.filter(({ addVolumeOptions: asked }) => {
    if (asked === undefined) return false;
    const has = (volumes: typeof spec.volumes) => volumes?.some(({ name }) => name === asked.name);
    return !has(spec.volumes) || (vmi !== undefined && !isDeleting(vmi) && !has(vmi.spec.volumes));
  });
  for (const { addVolumeOptions: asked } of left) {
    if (asked === undefined) continue;
    spec = withVolume(spec, asked);
    const isThere = vmi?.spec.volumes?.some(({ name }) => name === asked.name);
    if (vmi === undefined || isDeleting(vmi) || isThere) continue;
    await client.raw({
      method: 'PUT',
      path: subresourcePath(VMIS, vmi.metadata, 'addvolume'),
      body: asked,
    });
  }
  if (spec !== vm.spec.template.spec) {
    const template = { ...vm.spec.template, spec };
    return client.update(VIRTUAL_MACHINES, { ...vm, spec: { ...vm.spec, template } });
  }
  if (left.length === requests.length) return undefined;
  const { volumeRequests: _, ...status } = vm.status ?? {};
  const next = left.length === 0 ? status : { ...status, volumeRequests: left };
  return client.update(VIRTUAL_MACHINES, { ...vm, status: next }, 'status');
}
