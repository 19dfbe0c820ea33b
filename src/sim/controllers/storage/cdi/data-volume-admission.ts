/**
 * What CDI's webhooks do to a DataVolume (pkg/apiserver/webhooks/datavolume-validate.go and
 * datavolume-mutate.go, v1.58.4): clones get a token at creation, and impossible ones are refused.
 */

import type { KubeObject } from '../../../../api/object.ts';
import { DATA_VOLUMES, type Resource } from '../../../../api/resources.ts';
import type { ClaimSpec, DataVolume, DataVolumeSource } from '../../../../api/storage.ts';
import { parseBytes } from '../../../../core/bytes.ts';
import { sameJson } from '../../../../core/json.ts';
import { ANNOTATION } from '../vocabulary.ts';

interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

interface DataVolumeAdmission {
  readonly resource: Resource;
  readonly mutate: (object: KubeObject, old?: KubeObject) => KubeObject;
  readonly validate: (object: KubeObject, old?: KubeObject) => readonly Cause[] | undefined;
}

export const dataVolumeAdmission: DataVolumeAdmission = {
  resource: DATA_VOLUMES,
  mutate: (object, old) => (old ? object : withToken(object as DataVolume)),
  validate: (object, old) =>
    old ? changedSpec(object as DataVolume, old as DataVolume) : listProblems(object as DataVolume),
};

function withToken(dataVolume: DataVolume): DataVolume {
  const { source, sourceRef } = dataVolume.spec ?? {};
  if (!source?.pvc && !source?.snapshot && !sourceRef) return dataVolume;
  const { metadata } = dataVolume;
  const token = `simulated.${metadata.namespace}.${metadata.name}`;
  const annotations = { ...metadata.annotations, [ANNOTATION.cloneToken]: token };
  return { ...dataVolume, metadata: { ...metadata, annotations } };
}

function changedSpec(dataVolume: DataVolume, old: DataVolume): readonly Cause[] | undefined {
  if (sameJson(dataVolume.spec, old.spec)) return undefined;
  return [cause('spec', 'Cannot update DataVolume Spec', 'FieldValueForbidden')];
}

function listProblems({ spec }: DataVolume): readonly Cause[] {
  if (!spec) return [cause('spec', 'Missing Data volume spec')];
  return [...sourceProblems(spec), ...sizeProblems(spec)];
}

const SOURCE_KINDS = [
  'http',
  'registry',
  'blank',
  'pvc',
  'snapshot',
  's3',
  'gcs',
  'imageio',
  'vddk',
  'upload',
];

function sourceProblems({ source, sourceRef, pvc }: DataVolume['spec']): readonly Cause[] {
  if (!source && !sourceRef) {
    // Filled by somebody else's populator.
    if (pvc?.dataSourceRef ?? pvc?.dataSource) return [];
    return [cause('spec', 'Data volume should have either Source or SourceRef')];
  }
  if (source && sourceRef) {
    return [cause('spec', 'Data volume should have either Source or SourceRef')];
  }
  if (sourceRef) {
    if (sourceRef.kind === 'DataSource' && sourceRef.name) return [];
    return [cause('spec.sourceRef', 'SourceRef must be a DataSource with a name')];
  }
  return source ? kindProblems(source) : [];
}

function kindProblems(source: DataVolumeSource): readonly Cause[] {
  const kinds = SOURCE_KINDS.filter((kind) => kind in source);
  if (kinds.length === 0) return [cause('spec.source', 'Missing Data volume source')];
  if (kinds.length > 1) return [cause('spec.source', 'Multiple Data volume sources')];
  const [kind = ''] = kinds;
  if (kind === 'http' && !isUrl(source.http?.url)) {
    return [cause('spec.source.http.url', 'Invalid source URL')];
  }
  if (kind === 'registry' && !source.registry?.url === !source.registry?.imageStream) {
    const text = 'Source registry should have either URL or ImageStream';
    return [cause('spec.source.registry', text)];
  }
  if ((kind === 'pvc' && !source.pvc?.name) || (kind === 'snapshot' && !source.snapshot?.name)) {
    return [cause(`spec.source.${kind}.name`, 'Required value', 'FieldValueRequired')];
  }
  return [];
}

function isUrl(text: string | undefined): boolean {
  return text !== undefined && /^https?:\/\/[^/]+/.test(text);
}

function sizeProblems({ source, sourceRef, pvc, storage }: DataVolume['spec']): readonly Cause[] {
  if (pvc && storage) {
    const text = 'Duplicate storage definition, both target storage and target pvc defined';
    return [cause('spec.pvc', text)];
  }
  if (!pvc && !storage) return [cause('spec.pvc', 'Missing Data volume PVC')];
  const sizeIsKnown = source?.pvc ?? source?.snapshot ?? sourceRef;
  if (storage && sizeIsKnown && storage.resources?.requests?.['storage'] === undefined) return [];
  const field = pvc ? 'spec.pvc' : 'spec.storage';
  return claimProblems(pvc ?? storage ?? {}, field, pvc !== undefined);
}

function claimProblems(claim: ClaimSpec, field: string, isWhole: boolean): readonly Cause[] {
  const size = claim.resources?.requests?.['storage'];
  const at = `${field}.resources.requests.size`;
  if (size === undefined) return [cause(at, 'PVC size is missing')];
  if (!parseBytes(size)) return [cause(at, "PVC size can't be equal or less than zero")];
  if (isWhole && !claim.accessModes?.length) {
    return [cause(`${field}.accessModes`, 'Required value: at least 1 access mode is required')];
  }
  return [];
}

function cause(field: string, message: string, reason = 'FieldValueInvalid'): Cause {
  return { reason, message, field };
}
