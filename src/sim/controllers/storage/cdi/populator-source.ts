/** The objects by which a DataVolume tells CDI's populators what to fill its claim with. */

import { VOLUME_CLONE_SOURCES, VOLUME_IMPORT_SOURCES } from '../../../../api/resources.ts';
import type { DataVolume, VolumeCloneSource, VolumeImportSource } from '../../../../api/storage.ts';
import type { ObjectMeta } from '../../../../api/object.ts';
import { createOnce } from '../../../../kube/create-once.ts';
import { controllerReference } from '../../chassis/ownership.ts';
import { ANNOTATION, CLONE_SOURCE_KIND, derivedName, IMPORT_SOURCE_KIND } from '../vocabulary.ts';
import { type Cdi, removeIfThere } from './cdi.ts';
import {
  type CloneSource,
  type ImportSource,
  isClone,
  type ResolvedSource,
} from './data-volume-source.ts';

/** Creates the source object unless it is there. */
export async function ensurePopulatorSource(
  { lab, client }: Cdi,
  dataVolume: DataVolume,
  source: ResolvedSource,
): Promise<void> {
  const { namespace, uid = '' } = dataVolume.metadata;
  const { cloneSources, importSources } = lab.copies;
  if (isClone(source)) {
    if (cloneSources.get(source.namespace, derivedName.cloneSource(uid))) return;
    await createOnce(client, VOLUME_CLONE_SOURCES, cloneSourceObject(dataVolume, source));
  } else if (!importSources.get(namespace, derivedName.importSource(uid))) {
    await createOnce(client, VOLUME_IMPORT_SOURCES, importSourceObject(dataVolume, source));
  }
}

/** A finished clone leaves no source object behind; an import's goes with its DataVolume. */
export async function removeCloneSource(
  { lab, client }: Cdi,
  dataVolume: DataVolume,
  source: ResolvedSource,
): Promise<void> {
  if (!isClone(source)) return;
  const ref = {
    namespace: source.namespace,
    name: derivedName.cloneSource(dataVolume.metadata.uid ?? ''),
  };
  if (!lab.copies.cloneSources.get(ref.namespace, ref.name)) return;
  await removeIfThere(client, VOLUME_CLONE_SOURCES, ref);
}

function cloneSourceObject(dataVolume: DataVolume, source: CloneSource): VolumeCloneSource {
  const isSnapshot = source.kind === 'snapshot';
  const name = derivedName.cloneSource(dataVolume.metadata.uid ?? '');
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: CLONE_SOURCE_KIND,
    metadata: ownedMetadata(dataVolume, name, source.namespace),
    spec: {
      source: {
        ...(isSnapshot ? { apiGroup: 'snapshot.storage.k8s.io' } : {}),
        kind: isSnapshot ? 'VolumeSnapshot' : 'PersistentVolumeClaim',
        name: source.name,
      },
    },
  };
}

function importSourceObject(dataVolume: DataVolume, source: ImportSource): VolumeImportSource {
  const name = derivedName.importSource(dataVolume.metadata.uid ?? '');
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: IMPORT_SOURCE_KIND,
    metadata: ownedMetadata(dataVolume, name, dataVolume.metadata.namespace ?? ''),
    spec: { source: importSpec(source), contentType: 'kubevirt' },
  };
}

function importSpec({ kind, url }: ImportSource): VolumeImportSource['spec']['source'] {
  if (kind === 'blank') return { blank: {} };
  return kind === 'http' ? { http: { url } } : { registry: { url } };
}

/** Owner references do not cross namespaces: there an annotation stands in. */
function ownedMetadata(dataVolume: DataVolume, name: string, namespace: string): ObjectMeta {
  if (namespace === dataVolume.metadata.namespace) {
    return { name, namespace, ownerReferences: [controllerReference(dataVolume)] };
  }
  const owner = `${dataVolume.metadata.namespace}/${dataVolume.metadata.name}`;
  return { name, namespace, annotations: { [ANNOTATION.ownedByDataVolume]: owner } };
}
