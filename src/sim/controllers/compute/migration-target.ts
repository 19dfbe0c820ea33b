/**
 * The pod that a VMI moves into: a launcher pod like any other, marked as its migration's, and
 * kept off the node where the VMI runs (kubevirt v1.1.1 migration.go createTargetPod).
 */

import type { Pod, VirtualMachineInstance } from '../../../api/compute.ts';
import { type LauncherOptions, launcherPod } from './launcher-pod.ts';
import { CREATED_BY } from './vm-objects.ts';

/** On the target's pod: the UID of the migration that it is for. */
export const MIGRATION_JOB = 'kubevirt.io/migrationJobUID';

export function targetPod(
  vmi: VirtualMachineInstance,
  migrationUid: string,
  options: LauncherOptions,
): Pod {
  const pod = launcherPod(vmi, options);
  const { metadata, spec } = pod;
  const affinity = (spec.affinity ?? {}) as Readonly<Record<string, unknown>>;
  const matchLabels = { [CREATED_BY]: vmi.metadata.uid ?? '' };
  const apart = { labelSelector: { matchLabels }, topologyKey: 'kubernetes.io/hostname' };
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [apart] };
  return {
    ...pod,
    metadata: { ...metadata, labels: { ...metadata.labels, [MIGRATION_JOB]: migrationUid } },
    spec: { ...spec, affinity: { ...affinity, podAntiAffinity } },
  };
}
