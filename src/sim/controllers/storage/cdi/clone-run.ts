/** One clone on its way: what each of its phases works with, and the helper claims they make. */

import { CLAIMS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim, TypedReference } from '../../../../api/storage.ts';
import { ANNOTATION, CDI_APP, CLONE_SOURCE_KIND, derivedName, LABEL } from '../vocabulary.ts';
import type { Cdi } from './cdi.ts';
import type { Polls } from './polls.ts';

export interface CloneRun {
  readonly cdi: Cdi;
  readonly polls: Polls;
  readonly key: string;
  readonly target: PersistentVolumeClaim;
  readonly targetUid: string;
  readonly sourceNamespace: string;
  readonly source: TypedReference;
}

/** What a phase comes to: it is over, or the clone waits in it. */
export type Step = 'done' | 'waiting';

/** What a phase tells of itself on the target. */
export interface PhaseReport {
  readonly progress?: string;
  /** Of its helper claim: the condition Running may be among them. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ClonePhase {
  /** As in the annotation `cdi.kubevirt.io/clonePhase`. */
  readonly name: string;
  advance(run: CloneRun): Promise<Step>;
  /** It is looked at again after so long, for what it has to report. */
  readonly pollUs?: (run: CloneRun) => number;
  readonly report?: (run: CloneRun) => PhaseReport;
}

export interface HelperClaim {
  readonly name: string;
  readonly size: string;
  readonly dataSourceRef?: TypedReference;
  /** Beside those of the target. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The helper claim of that name, created unless the cache shows it. */
export async function ensureHelperClaim(
  run: CloneRun,
  helper: HelperClaim,
): Promise<PersistentVolumeClaim> {
  const { cdi, sourceNamespace } = run;
  const existing = cdi.claims.get(sourceNamespace, helper.name);
  if (existing) return existing;
  return cdi.client.create(CLAIMS, helperObject(run, helper));
}

/** CDI's IsBound: as soon as the claim names its volume, which is before its phase says so. */
export function isBound({ spec }: PersistentVolumeClaim): boolean {
  return spec.volumeName !== undefined && spec.volumeName !== '';
}

export function findTemporaryClaim(run: CloneRun): PersistentVolumeClaim | undefined {
  return run.cdi.claims.get(run.sourceNamespace, derivedName.temporaryClaim(run.targetUid));
}

export function helperLabels(targetUid: string): Readonly<Record<string, string>> {
  return { [LABEL.app]: CDI_APP, [LABEL.ownedByUid]: targetUid };
}

export function getRequestedSize({ spec }: PersistentVolumeClaim): string {
  return spec.resources?.requests?.['storage'] ?? '0';
}

/** createDesiredClaim: all of the target but its name, its size and where its data come from. */
function helperObject(
  { target, sourceNamespace, targetUid }: CloneRun,
  { name, size, dataSourceRef, annotations }: HelperClaim,
): PersistentVolumeClaim {
  const { dataSource: _, dataSourceRef: __, volumeName: ___, ...spec } = target.spec;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: sourceNamespace,
      labels: { ...target.metadata.labels, ...helperLabels(targetUid) },
      annotations: {
        ...target.metadata.annotations,
        [ANNOTATION.populatorKind]: CLONE_SOURCE_KIND,
        ...annotations,
      },
    },
    spec: {
      ...spec,
      resources: { requests: { storage: size } },
      ...(dataSourceRef ? { dataSourceRef } : {}),
    },
  };
}
