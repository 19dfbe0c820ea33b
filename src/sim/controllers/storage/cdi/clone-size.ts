/**
 * Whether a DataVolume is large enough for what it clones, as CDI compares them (v1.58.4
 * pkg/controller/common/util.go ValidateClone, ValidateSnapshotClone).
 */

import type { KubeObject } from '../../../../api/object.ts';
import type {
  DataVolumeSpec,
  PersistentVolumeClaim,
  VolumeSnapshot,
} from '../../../../api/storage.ts';
import { parseBytes } from '../../../../core/bytes.ts';

export function findCloneProblem(
  spec: DataVolumeSpec,
  kind: 'pvc' | 'snapshot',
  source: KubeObject,
): string | undefined {
  return kind === 'pvc'
    ? findClaimProblem(spec, source as PersistentVolumeClaim)
    : findSnapshotProblem(spec, source as VolumeSnapshot);
}

/** File systems with overhead cannot be compared this early. */
export function findClaimProblem(
  spec: DataVolumeSpec,
  source: PersistentVolumeClaim,
): string | undefined {
  const asked = askedOf(spec);
  const isCompared = spec.pvc !== undefined || source.spec.volumeMode === 'Block';
  if (asked === undefined || !isCompared) return undefined;
  return compare(asked, source.spec.resources?.requests?.['storage'] ?? '');
}

function findSnapshotProblem(spec: DataVolumeSpec, { status }: VolumeSnapshot): string | undefined {
  if (!status) return 'no status on source snapshot, not possible to proceed';
  const asked = askedOf(spec);
  const { restoreSize } = status;
  if (restoreSize !== undefined) {
    return asked === undefined ? undefined : compare(asked, restoreSize);
  }
  if (asked !== undefined) return undefined;
  return "size not specified by user/provisioner, can't tell how much needed for restore";
}

function askedOf({ pvc, storage }: DataVolumeSpec): string | undefined {
  return (pvc ?? storage)?.resources?.requests?.['storage'];
}

function compare(asked: string, source: string): string | undefined {
  const wantedBytes = parseBytes(asked) ?? 0;
  const sourceBytes = parseBytes(source) ?? 0;
  if (wantedBytes >= sourceBytes) return undefined;
  return (
    'target resources requests storage size is smaller than the source ' +
    `${wantedBytes} < ${sourceBytes}`
  );
}
