/**
 * What a plan takes from the cluster and what it gives a name there: the sources of its clones that
 * it does not make itself, and the objects whose names must be free.
 */

import type { VirtualMachine } from '../api/compute.ts';
import type { KubeObject } from '../api/object.ts';
import type { DataVolume, DataVolumeSpec } from '../api/storage.ts';
import type { CloneOrigin, MadeName } from '../cluster/check.ts';
import { parseBytes } from '../core/bytes.ts';
import type { PlannedOperation } from '../plan/plan.ts';

export interface PlanNames {
  readonly made: readonly MadeName[];
  /** Each once, with the smallest disk that is cloned from it. */
  readonly origins: readonly CloneOrigin[];
}

export function listPlanNames(operations: readonly PlannedOperation[]): PlanNames {
  const made: MadeName[] = [];
  const origins = new Map<string, CloneOrigin>();
  for (const { verb, kind, namespace, manifest } of operations) {
    if (verb !== 'create' || manifest === undefined) continue;
    const object = manifest();
    made.push({ kind, namespace, name: object.metadata.name });
    for (const { name, spec } of volumesOf(object, kind)) {
      if (kind !== 'DataVolume') made.push({ kind: 'DataVolume', namespace, name });
      made.push({ kind: 'PersistentVolumeClaim', namespace, name });
      const origin = originOf(spec, namespace);
      if (origin !== undefined) origins.set(keyOf(origin), smaller(origin, origins));
    }
  }
  // A DataVolume stands for the claim that it fills.
  const own = new Set(made.map(keyOf));
  return { made, origins: [...origins.values()].filter((each) => !own.has(keyOf(each))) };
}

interface Volume {
  readonly name: string;
  readonly spec: DataVolumeSpec;
}

function volumesOf(object: KubeObject, kind: string): readonly Volume[] {
  if (kind === 'DataVolume') {
    return [{ name: object.metadata.name, spec: (object as DataVolume).spec }];
  }
  if (kind !== 'VirtualMachine') return [];
  const templates = (object as VirtualMachine).spec.dataVolumeTemplates ?? [];
  return templates.map(({ metadata: { name }, spec }) => ({ name, spec }));
}

function originOf(spec: DataVolumeSpec, home: string): CloneOrigin | undefined {
  const { source, sourceRef } = spec;
  const claim = spec.pvc ?? spec.storage;
  const asked = claim?.resources?.requests?.['storage'];
  const targetBytes = asked === undefined ? undefined : parseBytes(asked);
  const at = (kind: CloneOrigin['kind'], named: Named): CloneOrigin => {
    return { kind, namespace: named.namespace ?? home, name: named.name, targetBytes };
  };
  if (source?.pvc) return at('PersistentVolumeClaim', source.pvc);
  if (source?.snapshot) return at('VolumeSnapshot', source.snapshot);
  return sourceRef?.kind === 'DataSource' ? at('DataSource', sourceRef) : undefined;
}

interface Named {
  readonly namespace?: string;
  readonly name: string;
}

function smaller(origin: CloneOrigin, known: ReadonlyMap<string, CloneOrigin>): CloneOrigin {
  const sizes = [origin.targetBytes, known.get(keyOf(origin))?.targetBytes].filter(
    (bytes) => bytes !== undefined,
  );
  return { ...origin, targetBytes: sizes.length === 0 ? undefined : Math.min(...sizes) };
}

function keyOf({ kind, namespace, name }: MadeName): string {
  return `${kind} ${namespace}/${name}`;
}
