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
import { has } from '../../../../parameters/release.ts';
import type { StorageLab } from '../lab.ts';
import { ANNOTATION } from '../vocabulary.ts';
import { type Cdi, getAnnotation } from './cdi.ts';
import { getRequestedSize } from './clone-run.ts';
import { chooseSnapshotClass } from './snapshot-class.ts';
import { type CloneStrategy, chooseCloneStrategy } from './storage-profile.ts';

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

const INCOMPATIBLE_MODES: Obstacle = {
  reason: 'IncompatibleVolumeModes',
  message: 'The volume modes of source and target are incompatible',
};

/** Undefined, with an event, while source or class is missing; rejects what must not be. */
export function chooseStrategy(
  cdi: Cdi,
  target: PersistentVolumeClaim,
  cloneSource: VolumeCloneSource,
): Choice | undefined {
  const choice = choose(cdi, target, cloneSource);
  const obstacle = choice?.obstacle;
  if (obstacle) cdi.events.record(target, 'Warning', obstacle.reason, obstacle.message);
  return choice;
}

function choose(
  cdi: Cdi,
  target: PersistentVolumeClaim,
  cloneSource: VolumeCloneSource,
): Choice | undefined {
  const { lab } = cdi;
  const { copies } = lab;
  const targetClass = copies.storageClasses.get(undefined, target.spec.storageClassName ?? '');
  if (!targetClass) return undefined;
  const message = lab.faults.copiesInstead?.(target);
  const ordered = message === undefined ? undefined : { reason: 'CloneFallback', message };
  const { kind, name } = cloneSource.spec.source;
  const { namespace } = cloneSource.metadata;
  if (kind === 'VolumeSnapshot') {
    const snapshot = copies.snapshots.get(namespace, name);
    if (!snapshot) return sayMissing(cdi, target, 'snapshot', name);
    if (!snapshot.status?.boundVolumeSnapshotContentName) return undefined;
    return copyBecause(ordered ?? snapshotObstacle(lab, snapshot, target, targetClass), 'snapshot');
  }
  const source = copies.claims.get(namespace, name);
  if (!source) return sayMissing(cdi, target, 'pvc', name);
  checkSize(cdi, source, target);
  const profile = copies.profiles.get(undefined, targetClass.metadata.name);
  const wanted = chooseCloneStrategy(lab, targetClass, profile);
  if (wanted === 'copy') return { strategy: 'copy' };
  const obstacle = ordered ?? claimObstacle(cdi, source, target, targetClass, wanted);
  return copyBecause(obstacle, wanted);
}

function sayMissing(
  { events }: Cdi,
  target: PersistentVolumeClaim,
  kind: 'pvc' | 'snapshot',
  name: string,
): undefined {
  const text = `The source ${kind} ${name} doesn't exist`;
  events.record(target, 'Warning', 'CloneWithoutSource', text);
}

/** validateSourcePVC: what is asked for may not be less than was asked for the source. */
function checkSize(
  { events }: Cdi,
  source: PersistentVolumeClaim,
  target: PersistentVolumeClaim,
): void {
  if (getAnnotation(target, ANNOTATION.permissiveClone) !== undefined) return;
  const sourceBytes = parseBytes(getRequestedSize(source)) ?? 0;
  const targetBytes = parseBytes(getRequestedSize(target)) ?? 0;
  if (targetBytes >= sourceBytes) return;
  const problem =
    'target resources requests storage size is smaller than the source ' +
    `${targetBytes} < ${sourceBytes}`;
  events.record(target, 'Warning', 'ErrIncompatiblePVC', problem);
  const text = "The clone doesn't meet the validation requirements";
  events.record(target, 'Warning', 'CloneValidationFailed', text);
  throw new Error(problem);
}

function copyBecause(obstacle: Obstacle | undefined, wanted: CloneStrategy): Choice {
  return obstacle === undefined ? { strategy: wanted } : { strategy: 'copy', obstacle };
}

function claimObstacle(
  cdi: Cdi,
  source: PersistentVolumeClaim,
  target: PersistentVolumeClaim,
  targetClass: StorageClass,
  wanted: CloneStrategy,
): Obstacle | undefined {
  const { lab } = cdi;
  if (wanted === 'snapshot' && chooseSnapshotClass(cdi, target) === undefined) {
    return {
      reason: 'NoVolumeSnapshotClass',
      message: 'A valid VolumeSnapshotClass was not found',
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
    return INCOMPATIBLE_MODES;
  }
  return expansionObstacle(targetClass, source.status?.capacity?.['storage'], target);
}

function snapshotObstacle(
  { copies, parameters }: StorageLab,
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
  const obstacle = expansionObstacle(targetClass, snapshot.status?.restoreSize, target);
  if (obstacle || !has(parameters, 'snapshotModeKept')) return obstacle;
  const sourceMode = content.spec.sourceVolumeMode ?? 'Filesystem';
  return sourceMode === getVolumeMode(target) ? undefined : INCOMPATIBLE_MODES;
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
