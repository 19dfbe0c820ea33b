/** Snapshots of whole VMs, and what brings them back (snapshot.kubevirt.io). */

import type { VirtualMachine } from './compute.ts';
import type { Condition, KubeObject, ObjectMeta } from './object.ts';
import type { ClaimSpec, TypedReference } from './storage.ts';

export interface VirtualMachineSnapshot extends KubeObject {
  readonly spec: {
    readonly source: TypedReference;
    /** What becomes of the content when the snapshot is deleted: Delete, or Retain. */
    readonly deletionPolicy?: string;
    readonly failureDeadline?: string;
  };
  readonly status?: {
    readonly phase?: 'InProgress' | 'Succeeded' | 'Failed' | 'Deleting';
    readonly readyToUse?: boolean;
    readonly creationTime?: string;
    readonly sourceUID?: string;
    readonly virtualMachineSnapshotContentName?: string;
    readonly indications?: readonly string[];
    readonly conditions?: readonly Condition[];
    readonly error?: unknown;
  };
}

export interface VolumeBackup {
  readonly volumeName: string;
  readonly persistentVolumeClaim: {
    readonly metadata: Partial<ObjectMeta>;
    readonly spec: ClaimSpec;
  };
  readonly volumeSnapshotName?: string;
}

export interface VirtualMachineSnapshotContent extends KubeObject {
  readonly spec: {
    readonly virtualMachineSnapshotName?: string;
    readonly source: { readonly virtualMachine?: Pick<VirtualMachine, 'metadata' | 'spec'> };
    readonly volumeBackups?: readonly VolumeBackup[];
  };
  readonly status?: {
    readonly creationTime?: string;
    readonly readyToUse?: boolean;
    readonly error?: { readonly time?: string; readonly message?: string };
    readonly volumeSnapshotStatus?: readonly {
      readonly volumeSnapshotName: string;
      readonly creationTime?: string;
      readonly readyToUse?: boolean;
    }[];
  };
}

export interface VolumeRestore {
  readonly volumeName: string;
  readonly persistentVolumeClaim: string;
  readonly volumeSnapshotName: string;
  readonly dataVolumeName?: string;
}

export interface VirtualMachineRestore extends KubeObject {
  readonly spec: {
    readonly target: TypedReference;
    readonly virtualMachineSnapshotName: string;
  };
  readonly status?: {
    readonly complete?: boolean;
    readonly restoreTime?: string;
    readonly restores?: readonly VolumeRestore[];
    readonly deletedDataVolumes?: readonly string[];
    readonly conditions?: readonly Condition[];
  };
}
