/** The storage kinds, with the fields that bench and its simulator touch. */

import type { Condition, KubeObject, ObjectMeta } from './object.ts';

/** An annotation: CDI fills the claim, though its storage class would wait for a first consumer. */
export const BIND_IMMEDIATE = 'cdi.kubevirt.io/storage.bind.immediate.requested';

/** An annotation: the UID of the DataVolume that a claim was made for, which may be gone by now. */
export const CREATED_FOR = 'cdi.kubevirt.io/createdForDataVolume';

export interface ResourceRequests {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

export interface TypedReference {
  /** Null where a real API server says that it is the core group. */
  readonly apiGroup?: string | null;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface ClaimSpec {
  readonly accessModes?: readonly string[];
  readonly volumeMode?: 'Block' | 'Filesystem';
  readonly storageClassName?: string;
  readonly resources?: ResourceRequests;
  readonly volumeName?: string;
  readonly dataSource?: TypedReference;
  readonly dataSourceRef?: TypedReference;
}

export interface PersistentVolumeClaim extends KubeObject {
  readonly spec: ClaimSpec;
  readonly status?: {
    readonly phase?: 'Pending' | 'Bound' | 'Lost';
    readonly capacity?: Readonly<Record<string, string>>;
    readonly accessModes?: readonly string[];
  };
}

export interface PersistentVolume extends KubeObject {
  readonly spec: {
    readonly capacity?: Readonly<Record<string, string>>;
    readonly accessModes?: readonly string[];
    readonly volumeMode?: string;
    readonly storageClassName?: string;
    readonly persistentVolumeReclaimPolicy?: 'Delete' | 'Retain';
    readonly claimRef?: ClaimReference;
    readonly csi?: {
      readonly driver: string;
      readonly volumeHandle: string;
      readonly volumeAttributes?: Readonly<Record<string, string>>;
      readonly controllerExpandSecretRef?: SecretReference;
      readonly nodeStageSecretRef?: SecretReference;
    };
  };
  readonly status?: { readonly phase?: string };
}

export interface ClaimReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface StorageClass extends KubeObject {
  readonly provisioner: string;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
  readonly allowVolumeExpansion?: boolean;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface VolumeSnapshotClass extends KubeObject {
  readonly driver: string;
  readonly deletionPolicy: 'Delete' | 'Retain';
}

export interface VolumeSnapshot extends KubeObject {
  readonly spec: {
    readonly source: {
      readonly persistentVolumeClaimName?: string;
      readonly volumeSnapshotContentName?: string;
    };
    readonly volumeSnapshotClassName?: string;
  };
  readonly status?: {
    readonly boundVolumeSnapshotContentName?: string;
    readonly creationTime?: string;
    readonly readyToUse?: boolean;
    readonly restoreSize?: string;
    readonly error?: { readonly time?: string; readonly message?: string };
  };
}

export interface VolumeSnapshotContent extends KubeObject {
  readonly spec: {
    readonly volumeSnapshotRef: ClaimReference;
    readonly deletionPolicy: 'Delete' | 'Retain';
    readonly driver: string;
    readonly volumeSnapshotClassName?: string;
    readonly source: { readonly volumeHandle?: string; readonly snapshotHandle?: string };
    readonly sourceVolumeMode?: string;
  };
  readonly status?: {
    readonly snapshotHandle?: string;
    /** Nanoseconds since the Unix epoch. */
    readonly creationTime?: number;
    readonly restoreSize?: number;
    readonly readyToUse?: boolean;
    readonly error?: { readonly time?: string; readonly message?: string };
  };
}

export interface VolumeAttachment extends KubeObject {
  readonly spec: {
    readonly attacher: string;
    readonly nodeName: string;
    readonly source: { readonly persistentVolumeName?: string };
  };
  readonly status?: { readonly attached: boolean };
}

/** Where a DataVolume's bytes come from: exactly one member. */
export interface DataVolumeSource {
  readonly http?: { readonly url: string };
  readonly registry?: { readonly url?: string; readonly imageStream?: string };
  readonly blank?: Readonly<Record<string, never>>;
  readonly pvc?: { readonly namespace?: string; readonly name: string };
  readonly snapshot?: { readonly namespace?: string; readonly name: string };
}

export interface DataVolumeSpec {
  readonly source?: DataVolumeSource;
  readonly sourceRef?: TypedReference;
  readonly pvc?: ClaimSpec;
  readonly storage?: ClaimSpec;
}

export interface DataVolume extends KubeObject {
  readonly spec: DataVolumeSpec;
  readonly status?: {
    readonly claimName?: string;
    readonly phase?: string;
    readonly progress?: string;
    readonly restartCount?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface DataVolumeTemplate {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Partial<ObjectMeta> & { readonly name: string };
  readonly spec: DataVolumeSpec;
}

interface SecretReference {
  readonly name: string;
  readonly namespace: string;
}

/** CDI's StorageProfile: what it knows of a storage class. */
export interface StorageProfile extends KubeObject {
  readonly status?: {
    readonly storageClass?: string;
    readonly provisioner?: string;
    readonly cloneStrategy?: 'snapshot' | 'csi-clone' | 'copy';
    readonly dataImportCronSourceFormat?: string;
    readonly snapshotClass?: string;
    readonly claimPropertySets?: readonly {
      readonly accessModes: readonly string[];
      readonly volumeMode: string;
    }[];
  };
}

/** CDI's populator source for a clone; lives in the namespace of the source. */
export interface VolumeCloneSource extends KubeObject {
  readonly spec: { readonly source: TypedReference };
}

/** CDI's populator source for an import or a blank disk. */
export interface VolumeImportSource extends KubeObject {
  readonly spec: { readonly source: DataVolumeSource; readonly contentType?: string };
}

/** CDI's DataSource: a name for a golden image. */
export interface DataSource extends KubeObject {
  readonly spec: { readonly source: DataSourceOrigin };
  /** What it comes to, where it refers to another DataSource. */
  readonly status?: { readonly source?: DataSourceOrigin };
}

interface DataSourceOrigin {
  readonly pvc?: { readonly namespace?: string; readonly name: string };
  readonly snapshot?: { readonly namespace?: string; readonly name: string };
}
