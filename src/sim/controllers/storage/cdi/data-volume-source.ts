/** Where a DataVolume's bytes come from, with references followed and namespaces filled in. */

import type { DataVolume, DataVolumeSource } from '../../../../api/storage.ts';
import type { StorageLab } from '../lab.ts';

export type ResolvedSource = CloneSource | ImportSource;

export interface CloneSource {
  readonly kind: 'pvc' | 'snapshot';
  readonly namespace: string;
  readonly name: string;
}

export interface ImportSource {
  readonly kind: 'http' | 'registry' | 'blank';
  /** Empty for a blank disk. */
  readonly url: string;
}

/** Undefined while the DataSource that it refers to is missing. */
export function resolveSource(
  { copies }: StorageLab,
  dataVolume: DataVolume,
): ResolvedSource | undefined {
  const { source, sourceRef } = dataVolume.spec;
  const namespace = dataVolume.metadata.namespace ?? '';
  if (source) return resolveNamedSource(source, namespace);
  if (sourceRef?.kind !== 'DataSource') return undefined;
  const home = sourceRef.namespace ?? namespace;
  const referred = copies.dataSources.get(home, sourceRef.name);
  return referred && resolveNamedSource(referred.spec.source, home);
}

export function isClone(source: ResolvedSource): source is CloneSource {
  return source.kind === 'pvc' || source.kind === 'snapshot';
}

function resolveNamedSource(
  source: DataVolumeSource,
  namespace: string,
): ResolvedSource | undefined {
  const { pvc, snapshot, http, registry, blank } = source;
  if (pvc) return { kind: 'pvc', namespace: pvc.namespace ?? namespace, name: pvc.name };
  if (snapshot) {
    return { kind: 'snapshot', namespace: snapshot.namespace ?? namespace, name: snapshot.name };
  }
  if (http) return { kind: 'http', url: http.url };
  if (registry) return { kind: 'registry', url: registry.url ?? registry.imageStream ?? '' };
  return blank ? { kind: 'blank', url: '' } : undefined;
}
