/**
 * What the objects of the API tell of Ceph: for controllers that start without the hardware that
 * others of their kind have left behind. What a volume holds follows from its DataVolume.
 */

import type { DataVolume, PersistentVolume, PersistentVolumeClaim } from '../../../api/storage.ts';
import { parseBytes } from '../../../core/bytes.ts';
import type { Findings, FoundSnapshot, FoundVolume } from '../../hardware/storage/csi.ts';
import type { VolumeRequestSource } from '../../hardware/storage/csi.ts';
import type { Copies, Importable } from './lab.ts';

/** Those of the driver of that name. */
export function findVolumes(copies: Copies, importable: Importable, driver: string): Findings {
  const volumes: FoundVolume[] = [];
  for (const volume of copies.volumes.values()) {
    const { csi } = volume.spec;
    if (csi?.driver !== driver) continue;
    volumes.push({
      requestName: volume.metadata.name,
      handle: csi.volumeHandle,
      sizeBytes: parseBytes(volume.spec.capacity?.['storage'] ?? '') ?? 0,
      attributes: csi.volumeAttributes ?? {},
      ...findOrigin(copies, importable, volume),
    });
  }
  return { volumes, snapshots: findSnapshots(copies, driver) };
}

function findSnapshots({ contents }: Copies, driver: string): readonly FoundSnapshot[] {
  return [...contents.values()].flatMap(({ spec, status }) => {
    const handle = status?.snapshotHandle;
    const sourceHandle = spec.source.volumeHandle;
    if (spec.driver !== driver || handle === undefined || sourceHandle === undefined) return [];
    const sizeBytes = status?.restoreSize ?? 0;
    const createdUs = Math.round((status?.creationTime ?? 0) / 1000);
    const requestName = `snapshot-${spec.volumeSnapshotRef.uid}`;
    return [{ requestName, handle, sourceHandle, sizeBytes, createdUs }];
  });
}

function findOrigin(
  copies: Copies,
  importable: Importable,
  volume: PersistentVolume,
): Pick<FoundVolume, 'content' | 'source'> {
  const { namespace, name } = volume.spec.claimRef ?? {};
  if (name === undefined) return {};
  const claim = copies.claims.get(namespace, name);
  const dataVolume = copies.dataVolumes.get(namespace, name);
  const spec = dataVolume && findSource(copies, dataVolume);
  const url = spec?.http?.url ?? spec?.registry?.url;
  if (url !== undefined) return { content: importable.get(url) };
  const source =
    spec?.pvc || spec?.snapshot
      ? cloneSource(copies, spec, namespace ?? '')
      : claimSource(copies, claim);
  return source ? { source } : {};
}

type Source = NonNullable<DataVolume['spec']['source']>;

function findSource(copies: Copies, { metadata, spec }: DataVolume): Source | undefined {
  if (spec.source) return spec.source;
  const { namespace = metadata.namespace, name } = spec.sourceRef ?? {};
  if (name === undefined) return undefined;
  return copies.dataSources.get(namespace, name)?.spec.source;
}

function cloneSource(
  copies: Copies,
  { pvc, snapshot }: Source,
  home: string,
): VolumeRequestSource | undefined {
  if (pvc) return volumeSource(copies, pvc.namespace ?? home, pvc.name);
  return snapshot && snapshotSource(copies, snapshot.namespace ?? home, snapshot.name);
}

/** Of a claim that names its source itself, without CDI. */
function claimSource(
  copies: Copies,
  claim: PersistentVolumeClaim | undefined,
): VolumeRequestSource | undefined {
  const { kind, name } = claim?.spec.dataSource ?? claim?.spec.dataSourceRef ?? {};
  const namespace = claim?.metadata.namespace ?? '';
  if (name === undefined) return undefined;
  if (kind === 'VolumeSnapshot') return snapshotSource(copies, namespace, name);
  return kind === 'PersistentVolumeClaim' ? volumeSource(copies, namespace, name) : undefined;
}

function volumeSource(
  { claims, volumes }: Copies,
  namespace: string,
  name: string,
): VolumeRequestSource | undefined {
  const volume = volumes.get(undefined, claims.get(namespace, name)?.spec.volumeName ?? '');
  const handle = volume?.spec.csi?.volumeHandle;
  return handle === undefined ? undefined : { kind: 'volume', handle };
}

function snapshotSource(
  { snapshots, contents }: Copies,
  namespace: string,
  name: string,
): VolumeRequestSource | undefined {
  const content = snapshots.get(namespace, name)?.status?.boundVolumeSnapshotContentName;
  const handle = contents.get(undefined, content ?? '')?.status?.snapshotHandle;
  return handle === undefined ? undefined : { kind: 'snapshot', handle };
}
