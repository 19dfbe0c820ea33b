/** The kinds bench knows by name: where each lives in the API, and the type of its objects. */

import type { CephCluster } from './ceph.ts';
import type {
  KubeEvent,
  Lease,
  Node,
  Pod,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceMigration,
} from './compute.ts';
import type { KubeObject } from './object.ts';
import type {
  DataSource,
  DataVolume,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  StorageProfile,
  VolumeAttachment,
  VolumeCloneSource,
  VolumeImportSource,
  VolumeSnapshot,
  VolumeSnapshotClass,
  VolumeSnapshotContent,
} from './storage.ts';

import type {
  VirtualMachineRestore,
  VirtualMachineSnapshot,
  VirtualMachineSnapshotContent,
} from './vm-snapshots.ts';

export interface Resource<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** As in a path: `datavolumes`. */
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Never set: carries the type of the objects. */
  readonly objectType?: T;
}

export const NAMESPACES = core<KubeObject>('namespaces', 'Namespace', false);
export const NODES = core<Node>('nodes', 'Node', false);
export const PODS = core<Pod>('pods', 'Pod', true);
export const EVENTS = core<KubeEvent>('events', 'Event', true);
export const SECRETS = core<KubeObject>('secrets', 'Secret', true);
export const SERVICES = core<KubeObject>('services', 'Service', true);
export const CONFIG_MAPS = core<KubeObject>('configmaps', 'ConfigMap', true);
export const RESOURCE_QUOTAS = core<KubeObject>('resourcequotas', 'ResourceQuota', true);
export const LIMIT_RANGES = core<KubeObject>('limitranges', 'LimitRange', true);
export const CLAIMS = core<PersistentVolumeClaim>(
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
  true,
);
export const VOLUMES = core<PersistentVolume>('persistentvolumes', 'PersistentVolume', false);

const STORAGE = 'storage.k8s.io';
export const STORAGE_CLASSES = kind<StorageClass>(STORAGE, 'v1', 'storageclasses', 'StorageClass');
export const CSI_DRIVERS = kind<KubeObject>(STORAGE, 'v1', 'csidrivers', 'CSIDriver');
export const VOLUME_ATTACHMENTS = kind<VolumeAttachment>(
  STORAGE,
  'v1',
  'volumeattachments',
  'VolumeAttachment',
);
export const DISRUPTION_BUDGETS = kind<KubeObject>(
  'policy',
  'v1',
  'poddisruptionbudgets',
  'PodDisruptionBudget',
  true,
);
export const CONTROLLER_REVISIONS = kind<KubeObject>(
  'apps',
  'v1',
  'controllerrevisions',
  'ControllerRevision',
  true,
);
export const LEASES = kind<Lease>('coordination.k8s.io', 'v1', 'leases', 'Lease', true);

const SNAPSHOT = 'snapshot.storage.k8s.io';
export const SNAPSHOTS = kind<VolumeSnapshot>(
  SNAPSHOT,
  'v1',
  'volumesnapshots',
  'VolumeSnapshot',
  true,
);
export const SNAPSHOT_CONTENTS = kind<VolumeSnapshotContent>(
  SNAPSHOT,
  'v1',
  'volumesnapshotcontents',
  'VolumeSnapshotContent',
);
export const SNAPSHOT_CLASSES = kind<VolumeSnapshotClass>(
  SNAPSHOT,
  'v1',
  'volumesnapshotclasses',
  'VolumeSnapshotClass',
);

const CDI = 'cdi.kubevirt.io';
export const DATA_VOLUMES = kind<DataVolume>(CDI, 'v1beta1', 'datavolumes', 'DataVolume', true);
export const DATA_SOURCES = kind<DataSource>(CDI, 'v1beta1', 'datasources', 'DataSource', true);
export const CDI_CONFIGS = kind<KubeObject>(CDI, 'v1beta1', 'cdiconfigs', 'CDIConfig');
export const STORAGE_PROFILES = kind<StorageProfile>(
  CDI,
  'v1beta1',
  'storageprofiles',
  'StorageProfile',
);
export const VOLUME_CLONE_SOURCES = kind<VolumeCloneSource>(
  CDI,
  'v1beta1',
  'volumeclonesources',
  'VolumeCloneSource',
  true,
);
export const VOLUME_IMPORT_SOURCES = kind<VolumeImportSource>(
  CDI,
  'v1beta1',
  'volumeimportsources',
  'VolumeImportSource',
  true,
);

const KUBEVIRT = 'kubevirt.io';
export const VIRTUAL_MACHINES = kind<VirtualMachine>(
  KUBEVIRT,
  'v1',
  'virtualmachines',
  'VirtualMachine',
  true,
);
export const VMIS = kind<VirtualMachineInstance>(
  KUBEVIRT,
  'v1',
  'virtualmachineinstances',
  'VirtualMachineInstance',
  true,
);
export const MIGRATIONS = kind<VirtualMachineInstanceMigration>(
  KUBEVIRT,
  'v1',
  'virtualmachineinstancemigrations',
  'VirtualMachineInstanceMigration',
  true,
);
const VM_SNAPSHOT = 'snapshot.kubevirt.io';
export const VM_SNAPSHOTS = kind<VirtualMachineSnapshot>(
  VM_SNAPSHOT,
  'v1alpha1',
  'virtualmachinesnapshots',
  'VirtualMachineSnapshot',
  true,
);
export const VM_SNAPSHOT_CONTENTS = kind<VirtualMachineSnapshotContent>(
  VM_SNAPSHOT,
  'v1alpha1',
  'virtualmachinesnapshotcontents',
  'VirtualMachineSnapshotContent',
  true,
);
export const VM_RESTORES = kind<VirtualMachineRestore>(
  VM_SNAPSHOT,
  'v1alpha1',
  'virtualmachinerestores',
  'VirtualMachineRestore',
  true,
);
export const CEPH_CLUSTERS = kind<CephCluster>(
  'ceph.rook.io',
  'v1',
  'cephclusters',
  'CephCluster',
  true,
);

function core<T extends KubeObject>(
  plural: string,
  name: string,
  namespaced: boolean,
): Resource<T> {
  return { group: '', version: 'v1', plural, kind: name, namespaced };
}

function kind<T extends KubeObject>(
  group: string,
  version: string,
  plural: string,
  name: string,
  namespaced = false,
): Resource<T> {
  return { group, version, plural, kind: name, namespaced };
}
