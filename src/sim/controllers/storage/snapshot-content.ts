/** The content object that the snapshot controller makes for a snapshot (createSnapshotContent). */

import { SNAPSHOT_CONTENTS, VOLUMES } from '../../../api/resources.ts';
import type {
  PersistentVolume,
  VolumeSnapshot,
  VolumeSnapshotClass,
  VolumeSnapshotContent,
} from '../../../api/storage.ts';
import { isAlreadyExists } from '../../../kube/api-error.ts';
import { has } from '../../../parameters/release.ts';
import type { SnapshotController } from './snapshot-room.ts';
import { holdSource, sourceClaim } from './snapshot-source.ts';
import { derivedName, SNAPSHOT_ANNOTATION, SNAPSHOTTER_SECRET } from './vocabulary.ts';

/** Rejects, so that it is tried again, where the claim is not bound or the copy of it is behind. */
export async function createContent(
  room: SnapshotController,
  snapshot: VolumeSnapshot,
): Promise<VolumeSnapshotContent> {
  const { client, contents, events, lab } = room;
  const claim = sourceClaim(room, snapshot);
  if (!claim) throw new Error('cannot get claim from snapshot');
  await holdSource(room, claim);
  const className = snapshot.spec.volumeSnapshotClassName ?? '';
  const snapshotClass = lab.copies.snapshotClasses.get(undefined, className);
  if (!snapshotClass) throw new Error(`volumesnapshotclass "${className}" not found`);
  if (claim.status?.phase !== 'Bound') {
    throw new Error(`the PVC ${claim.metadata.name} is not yet bound to a PV`);
  }
  const volume = await room.core.get(VOLUMES, { name: claim.spec.volumeName ?? '' });
  if (!volume.spec.csi) {
    throw new Error(`cannot find CSI PersistentVolumeSource for volume ${volume.metadata.name}`);
  }
  const keepsMode = has(lab.parameters, 'snapshotModeKept');
  const mode = keepsMode ? (volume.spec.volumeMode ?? 'Filesystem') : undefined;
  const wanted = contentObject(snapshot, snapshotClass, volume, mode);
  const created = await client.create(SNAPSHOT_CONTENTS, wanted).catch((error: unknown) => {
    if (!isAlreadyExists(error)) throw error;
    return wanted;
  });
  const { namespace, name } = snapshot.metadata;
  const text = `Waiting for a snapshot ${namespace}/${name} to be created by the CSI driver.`;
  events.record(snapshot, 'Normal', 'CreatingSnapshot', text);
  if (created !== wanted) contents.wrote(created);
  return created;
}

function contentObject(
  snapshot: VolumeSnapshot,
  snapshotClass: VolumeSnapshotClass,
  volume: PersistentVolume,
  sourceVolumeMode: string | undefined,
): VolumeSnapshotContent {
  const { namespace = '', name, uid = '', resourceVersion = '' } = snapshot.metadata;
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotContent',
    metadata: {
      name: derivedName.snapshotContent(uid),
      annotations: {
        [SNAPSHOT_ANNOTATION.secretName]: SNAPSHOTTER_SECRET.name,
        [SNAPSHOT_ANNOTATION.secretNamespace]: SNAPSHOTTER_SECRET.namespace,
      },
    },
    spec: {
      volumeSnapshotRef: {
        apiVersion: snapshot.apiVersion,
        kind: snapshot.kind,
        namespace,
        name,
        uid,
        resourceVersion,
      },
      deletionPolicy: snapshotClass.deletionPolicy,
      driver: snapshotClass.driver,
      volumeSnapshotClassName: snapshotClass.metadata.name,
      source: { volumeHandle: volume.spec.csi?.volumeHandle ?? '' },
      ...(sourceVolumeMode === undefined ? {} : { sourceVolumeMode }),
    },
  };
}
