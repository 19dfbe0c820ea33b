/**
 * The pod that stands in for a VM's first use of its disks, where a storage class waits for one: a
 * launcher that runs nothing (kubevirt v1.1.1 services/template.go RenderLaunchManifestNoVm). Its
 * disks are filled meanwhile; once it has run it goes, and the VM gets its launcher.
 */

import type { Pod, VirtualMachineInstance } from '../../../api/compute.ts';
import type { DataVolume } from '../../../api/storage.ts';
import { COMPUTE_CONTAINER, launcherPod, type LauncherOptions } from './launcher-pod.ts';

const PROVISIONING = 'kubevirt.io/ephemeral-provisioning';

export function firstConsumerPod(vmi: VirtualMachineInstance, options: LauncherOptions): Pod {
  const { metadata, spec, ...pod } = launcherPod(vmi, options);
  const { readinessGates: _, ...withoutGates } = spec;
  const command = ['/bin/bash', '-c', 'echo', 'bound PVCs'];
  return {
    ...pod,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [PROVISIONING]: 'true' } },
    spec: {
      ...withoutGates,
      containers: spec.containers
        .filter(({ name }) => name === COMPUTE_CONTAINER)
        .map((container) => ({ ...container, command })),
    },
  };
}

export function isFirstConsumer({ metadata }: Pod): boolean {
  return metadata.annotations?.[PROVISIONING] === 'true';
}

/** Whether it is nobody's use yet that keeps CDI from filling the disk. */
export function waitsForConsumer({ status }: DataVolume): boolean {
  return status?.phase === 'PendingPopulation' || status?.phase === 'WaitForFirstConsumer';
}

/** It is taken away once it has begun to run, and not before. */
export function hasRun({ status }: Pod): boolean {
  return status?.phase !== undefined && status.phase !== 'Pending';
}
