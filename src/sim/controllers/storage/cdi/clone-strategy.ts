/**
 * How CDI clones into a claim (pkg/controller/clone/planner.go ChooseStrategy, v1.58.4): by what
 * the storage class can do, and by copying bytes where source and target do not fit together. The
 * choice is written on the claim once and never made again.
 */

import type {
  PersistentVolumeClaim,
  StorageClass,
  VolumeCloneSource,
  VolumeSnapshot,
} from '../../../../api/storage.ts';
import { parseBytes } from '../../../../core/bytes.ts';
import type { StorageLab } from '../lab.ts';
import { type CloneStrategy, chooseCloneStrategy, hasSnapshotClass } from './storage-profile.ts';

export interface Choice {
  readonly strategy: CloneStrategy;
  /** Why it is a copy although the class can do better. */
  readonly obstacle?: Obstacle;
}

interface Obstacle {
  /** Of the Warning event. */
  readonly reason: string;
  /** Of the annotation `cloneFallbackReason`. */
  readonly message: string;
}

/** Undefined while source or class is missing. */
export function chooseStrategy(
  lab: StorageLab,
  target: PersistentVolumeClaim,
  cloneSource: VolumeCloneSource,
): Choice | undefined {
  const { copies } = lab;
  const targetClass = copies.storageClasses.get(undefined, target.spec.storageClassName ?? '');
  if (!targetClass) return undefined;
  const message = lab.faults.copiesInstead?.(target);
  const ordered = message === undefined ? undefined : { reason: 'CloneFallback', message };
  const { kind, name } = cloneSource.spec.source;
  const { namespace } = cloneSource.metadata;
  if (kind === 'VolumeSnapshot') {
    const snapshot = copies.snapshots.get(namespace, name);
    if (!snapshot?.status?.readyToUse) return undefined;
    return copyBecause(ordered ?? snapshotObstacle(lab, snapshot, target, targetClass), 'snapshot');
  }
  const source = copies.claims.get(namespace, name);
  if (!source) return undefined;
  const profile = copies.profiles.get(undefined, targetClass.metadata.name);
  const wanted = chooseCloneStrategy(lab, targetClass, profile);
  if (wanted === 'copy') return { strategy: 'copy' };
  const obstacle = ordered ?? claimObstacle(lab, source, target, targetClass, wanted);
  return copyBecause(obstacle, wanted);
}

function copyBecause(obstacle: Obstacle | undefined, wanted: CloneStrategy): Choice {
  return obstacle === undefined ? { strategy: wanted } : { strategy: 'copy', obstacle };
}

function claimObstacle(
  lab: StorageLab,
  source: PersistentVolumeClaim,
  target: PersistentVolumeClaim,
  targetClass: StorageClass,
  wanted: CloneStrategy,
): Obstacle | undefined {
  if (wanted === 'snapshot' && !hasSnapshotClass(lab, targetClass.provisioner)) {
    return {
      reason: 'NoVolumeSnapshotClass',
      message: 'No VolumeSnapshotClass found for the storage class',
    };
  }
  const sourceClass = lab.copies.storageClasses.get(undefined, source.spec.storageClassName ?? '');
  if (sourceClass?.provisioner !== targetClass.provisioner) {
    return {
      reason: 'IncompatibleProvisioners',
      message: 'The source PVC and the target PVC have incompatible provisioners',
    };
  }
  if (getVolumeMode(source) !== getVolumeMode(target)) {
    return {
      reason: 'IncompatibleVolumeModes',
      message: 'The volume modes of source and target are incompatible',
    };
  }
  return expansionObstacle(targetClass, source.status?.capacity?.['storage'], target);
}

function snapshotObstacle(
  { copies }: StorageLab,
  snapshot: VolumeSnapshot,
  target: PersistentVolumeClaim,
  targetClass: StorageClass,
): Obstacle | undefined {
  const content = copies.contents.get(
    undefined,
    snapshot.status?.boundVolumeSnapshotContentName ?? '',
  );
  if (content?.spec.driver !== targetClass.provisioner) {
    return {
      reason: 'NoProvisionerMatch',
      message: 'The source snapshot and the target PVC have incompatible provisioners',
    };
  }
  return expansionObstacle(targetClass, snapshot.status?.restoreSize, target);
}

function expansionObstacle(
  targetClass: StorageClass,
  sourceSize: string | undefined,
  target: PersistentVolumeClaim,
): Obstacle | undefined {
  const wantedBytes = parseBytes(target.spec.resources?.requests?.['storage'] ?? '') ?? 0;
  const sourceBytes = parseBytes(sourceSize ?? '') ?? wantedBytes;
  if (wantedBytes <= sourceBytes || targetClass.allowVolumeExpansion) return undefined;
  return {
    reason: 'NoVolumeExpansion',
    message: 'The storage class of the target does not allow volume expansion',
  };
}

function getVolumeMode({ spec }: PersistentVolumeClaim): 'Block' | 'Filesystem' {
  return spec.volumeMode ?? 'Filesystem';
}
