/**
 * What CDI's webhooks do to a DataVolume (pkg/apiserver/webhooks/datavolume-validate.go and
 * datavolume-mutate.go, v1.58.4 and v1.66.0): clones get a token at creation, and what cannot be
 * is refused, for the first reason that is found. What they ask the server is in cdi-apiserver.ts.
 */

import type { KubeObject } from '../../../../api/object.ts';
import { DATA_VOLUMES, type Resource } from '../../../../api/resources.ts';
import type { DataVolume, DataVolumeSource } from '../../../../api/storage.ts';
import { MIB, parseBytes } from '../../../../core/bytes.ts';
import { sameJson } from '../../../../core/json.ts';
import { ANNOTATION } from '../vocabulary.ts';

interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

interface DataVolumeAdmission {
  readonly resource: Resource;
  readonly webhooks: {
    readonly mutating: string;
    readonly validating: string;
    readonly words: 'listed';
  };
  readonly mutate: (object: KubeObject, old?: KubeObject) => KubeObject;
  readonly validate: (object: KubeObject, old?: KubeObject) => readonly Cause[] | undefined;
}

/** As refusals name them. */
export const DATA_VOLUME_WEBHOOKS = {
  mutating: 'datavolume-mutate.cdi.kubevirt.io',
  validating: 'datavolume-validate.cdi.kubevirt.io',
};

export const dataVolumeAdmission: DataVolumeAdmission = {
  resource: DATA_VOLUMES,
  webhooks: { ...DATA_VOLUME_WEBHOOKS, words: 'listed' },
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

function changedSpec(dataVolume: DataVolume, old: DataVolume): readonly Cause[] {
  if (sameJson(dataVolume.spec, old.spec)) return [];
  return [cause('DataVolume.Spec', 'Cannot update DataVolume Spec', 'FieldValueDuplicate')];
}

export function listProblems({ spec }: DataVolume): readonly Cause[] {
  const { pvc, storage } = spec ?? {};
  if (!pvc && !storage) return [cause('spec.PVC', 'Missing Data volume PVC')];
  if (pvc && storage) {
    const text = 'Duplicate storage definition, both target storage and target pvc defined';
    return [cause('spec.PVC.Storage', text)];
  }
  const claim = sizeProblems(spec) ?? modeProblems(spec);
  if (claim) return [claim];
  const { dataSourceRef, dataSource } = pvc ?? storage ?? {};
  if (dataSourceRef ?? dataSource) {
    if (!spec.source && !spec.sourceRef) return [];
    const text = 'External population is incompatible with Source and SourceRef';
    return [cause('spec.source', text)];
  }
  const source = sourceProblem(spec);
  return source ? [source] : [];
}

function sizeProblems({ source, sourceRef, pvc, storage }: DataVolume['spec']): Cause | undefined {
  const name = pvc ? 'PVC' : 'Storage';
  const size = (pvc ?? storage)?.resources?.requests?.['storage'];
  const wrong = (text: string) => cause(`spec.${name}.resources.requests.size`, `${name} ${text}`);
  if (size === undefined) {
    const isKnown = source?.pvc ?? source?.snapshot ?? sourceRef;
    return storage && isKnown ? undefined : wrong('size is missing');
  }
  const bytes = parseBytes(size) ?? 0;
  if (bytes <= 0) return wrong("size can't be equal or less than zero");
  return bytes < MIB ? wrong('size should be at least 1MiB') : undefined;
}

const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

function modeProblems({ pvc, storage }: DataVolume['spec']): Cause | undefined {
  const modes = (pvc ?? storage)?.accessModes ?? [];
  const wrong = (text: string) => cause('spec.PVC.accessModes', text);
  if (pvc && modes.length === 0) return wrong('Required value: at least 1 access mode is required');
  if (pvc && modes.length > 1) return wrong('PVC multiple accessModes');
  if (modes.every((mode) => MODES.includes(mode))) return undefined;
  const supported = MODES.map((mode) => `"${mode}"`).join(', ');
  return wrong(`Unsupported value: "${modes[0]}": supported values: ${supported}`);
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

function sourceProblem({ source, sourceRef }: DataVolume['spec']): Cause | undefined {
  if (!source === !sourceRef) {
    const text = 'Data volume should have either Source or SourceRef, or be externally populated';
    return cause('spec.source', text);
  }
  if (source) return kindProblem(source);
  const { kind = '', name = '' } = sourceRef ?? {};
  if (kind === '') return cause('spec.sourceRef.Kind', 'Missing sourceRef kind');
  if (kind !== 'DataSource') {
    const text = `Unsupported sourceRef kind ${kind}, currently only DataSource is supported`;
    return cause('spec.sourceRef.Kind', text);
  }
  return name === '' ? cause('spec.sourceRef.Name', 'Missing sourceRef name') : undefined;
}

function kindProblem(source: DataVolumeSource): Cause | undefined {
  const kinds = SOURCE_KINDS.filter((kind) => kind in source);
  if (kinds.length === 0) return cause('spec.source', 'Missing Data volume source');
  if (kinds.length > 1) return cause('spec.source', 'Multiple Data volume sources');
  if (source.http) return urlProblem(source.http.url);
  if (source.registry && !source.registry.url === !source.registry.imageStream) {
    const text = 'Source registry should have either URL or ImageStream';
    return cause('spec.source.Registry', text);
  }
  if (source.pvc?.name === '') {
    return cause('spec.source.PVC', 'spec.source.PVC source PVC is not valid');
  }
  if (source.snapshot?.name === '') {
    return cause('spec.source.Snapshot', 'spec.source.Snapshot source snapshot is not valid');
  }
  return undefined;
}

function urlProblem(url: string): Cause | undefined {
  const wrong = (text: string) => cause('spec.source.HTTP.url', `spec.source ${text}`);
  if (url === '') return wrong('source URL is empty');
  if (!/^([a-z][a-z\d+.-]*:|\/)/i.test(url)) return wrong(`Invalid source URL: ${url}`);
  if (!/^(https?|gs):/i.test(url)) return wrong(`Invalid source URL scheme: ${url}`);
  return undefined;
}

function cause(field: string, message: string, reason = 'FieldValueInvalid'): Cause {
  return { reason, message, field };
}
