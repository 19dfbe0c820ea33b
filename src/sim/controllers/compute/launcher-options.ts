/** What virt-controller puts into every launcher pod beside its VMI, whatever the pod is for. */

import type { VirtualMachineInstance } from '../../../api/compute.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import { has } from '../../../parameters/release.ts';
import type { Informer } from '../../../kube/informer.ts';
import type { ComputeLab } from './lab.ts';
import type { LauncherOptions } from './launcher-pod.ts';

export interface Jitter {
  integer(below: number): number;
}

export function launcherOptions(
  { parameters, marksNodes }: ComputeLab,
  claims: Informer<PersistentVolumeClaim>,
  { metadata: { namespace } }: VirtualMachineInstance,
  jitter: Jitter,
): LauncherOptions {
  const { virtController } = parameters;
  return {
    rules: {
      cpuAllocationRatio: virtController.cpuAllocationRatio,
      launcherProcessesBytes: virtController.launcherProcessesBytes,
      graphicsMemoryBytes: virtController.graphicsMemoryBytes,
      tablesOfRequest: !has(parameters, 'memoryRequested'),
    },
    release: parameters.release,
    image: LAUNCHER_IMAGE,
    qemuTimeoutSeconds: QEMU_TIMEOUT_SECONDS + jitter.integer(QEMU_TIMEOUT_JITTER_SECONDS),
    hasFilesystem: (claim) => claims.get(namespace, claim)?.spec.volumeMode === 'Filesystem',
    marked: marksNodes,
  };
}

const LAUNCHER_IMAGE = 'quay.io/kubevirt/virt-launcher:v1.1.1';
const QEMU_TIMEOUT_SECONDS = 240;
const QEMU_TIMEOUT_JITTER_SECONDS = 120;
