/**
 * The objects of a restore: claims from snapshots, and the VM with them in place of its disks. Pure
 * (kubevirt v1.1.1 pkg/storage/snapshot/restore.go).
 */

import type { VirtualMachine, VolumeSource } from '../../../api/compute.ts';
import type {
  DataVolume,
  DataVolumeTemplate,
  PersistentVolumeClaim,
  VolumeSnapshot,
} from '../../../api/storage.ts';
import type {
  VirtualMachineRestore,
  VolumeBackup,
  VolumeRestore,
} from '../../../api/vm-snapshots.ts';
import { parseBytes } from '../../../core/bytes.ts';
import { controllerReference } from '../chassis/ownership.ts';
import { buildDataVolume } from './vm-objects.ts';

/** On a claim: the DataVolume that may take it over. */
export const POPULATED_FOR = 'cdi.kubevirt.io/storage.populatedFor';

/** On a DataVolume: its claim is there already. */
const PRE_POPULATED = 'cdi.kubevirt.io/storage.prePopulated';

const LAST_RESTORE = 'restore.kubevirt.io/lastRestoreUID';

/** Of annotations that tell of a claim's own life. */
const OF_ITS_LIFE = [
  'pv.kubernetes.io',
  'volume.beta.kubernetes.io',
  'cdi.kubevirt.io',
  'volume.kubernetes.io',
  'k8s.io/CloneRequest',
  'k8s.io/CloneOf',
];

export interface RestoredDisk {
  readonly name: string;
  readonly vm: VirtualMachine;
  readonly restore: VirtualMachineRestore;
  readonly backup: VolumeBackup;
  readonly snapshot: VolumeSnapshot | undefined;
}

/** At least as large as what is restored. */
export function restoredClaim(disk: RestoredDisk): PersistentVolumeClaim {
  const { name, vm, restore, backup, snapshot } = disk;
  const { metadata, spec } = backup.persistentVolumeClaim;
  const asked = spec.resources?.requests?.['storage'] ?? '0';
  const size = snapshot?.status?.restoreSize ?? asked;
  const storage = (parseBytes(size) ?? 0) > (parseBytes(asked) ?? 0) ? size : asked;
  const source = {
    apiGroup: 'snapshot.storage.k8s.io',
    kind: 'VolumeSnapshot',
    name: backup.volumeSnapshotName ?? '',
  };
  const { volumeName: _, ...kept } = spec;
  const { namespace } = restore.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(metadata.labels && { labels: metadata.labels }),
      annotations: {
        ...Object.fromEntries(
          Object.entries(metadata.annotations ?? {}).filter(
            ([key]) => !OF_ITS_LIFE.some((prefix) => key.startsWith(prefix)),
          ),
        ),
        'restore.kubevirt.io/name': restore.metadata.name,
      },
      ownerReferences: [controllerReference(vm)],
    },
    spec: {
      ...kept,
      resources: { requests: { storage } },
      dataSource: source,
      dataSourceRef: source,
    },
  };
}

/** What a disk of a template is called from then on; undefined where it has no template. */
export function restoredDisk(
  spec: VirtualMachine['spec'],
  { volumeName, persistentVolumeClaim }: VolumeRestore,
): string | undefined {
  const { dataVolume } = spec.template.spec.volumes?.find(({ name }) => name === volumeName) ?? {};
  const isOfTemplate = spec.dataVolumeTemplates?.some(
    ({ metadata }) => metadata.name === dataVolume?.name,
  );
  return isOfTemplate ? persistentVolumeClaim : undefined;
}

export function wasRestoredBy({ metadata }: VirtualMachine, by: VirtualMachineRestore): boolean {
  return metadata.annotations?.[LAST_RESTORE] === lastRestore(by);
}

function lastRestore({ metadata: { name, uid } }: VirtualMachineRestore): string {
  return `${name}-${uid}`;
}

/** As it was when the snapshot was taken, halted, on its new disks. */
export function restoredVm(
  vm: VirtualMachine,
  kept: Pick<VirtualMachine, 'spec'>,
  restore: VirtualMachineRestore,
): VirtualMachine {
  const { restores = [] } = restore.status ?? {};
  const { running: _, runStrategy, dataVolumeTemplates = [], template, ...spec } = kept.spec;
  const renamed = new Map(
    restores.flatMap(({ volumeName, dataVolumeName }) => {
      const before = template.spec.volumes?.find(({ name }) => name === volumeName)?.dataVolume;
      return before && dataVolumeName ? [[before.name, dataVolumeName] as const] : [];
    }),
  );
  return {
    ...vm,
    metadata: {
      ...vm.metadata,
      annotations: { ...vm.metadata.annotations, [LAST_RESTORE]: lastRestore(restore) },
    },
    spec: {
      ...spec,
      ...(runStrategy === undefined ? { running: false } : { runStrategy: 'Halted' }),
      dataVolumeTemplates: dataVolumeTemplates.map((each) => {
        const name = renamed.get(each.metadata.name);
        return name === undefined ? each : { ...each, metadata: { ...each.metadata, name } };
      }),
      template: {
        ...template,
        spec: {
          ...template.spec,
          volumes: (template.spec.volumes ?? []).map((volume) => onNewDisk(volume, restores)),
        },
      },
    },
  };
}

function onNewDisk(volume: VolumeSource, restores: readonly VolumeRestore[]): VolumeSource {
  const restored = restores.find(({ volumeName }) => volumeName === volume.name);
  if (restored === undefined) return volume;
  const { name } = volume;
  const { dataVolumeName, persistentVolumeClaim: claimName } = restored;
  return dataVolumeName === undefined
    ? { name, persistentVolumeClaim: { claimName } }
    : { name, dataVolume: { name: dataVolumeName } };
}

/** One that finds its claim filled: virt-controller itself makes none where a claim is. */
export function restoredDataVolume(
  vm: VirtualMachine,
  template: DataVolumeTemplate,
  restore: VirtualMachineRestore,
): DataVolume {
  const { name, annotations } = template.metadata;
  const marks = { [PRE_POPULATED]: name, 'restore.kubevirt.io/name': restore.metadata.name };
  const metadata = { ...template.metadata, annotations: { ...annotations, ...marks } };
  return buildDataVolume(vm, { ...template, metadata });
}
