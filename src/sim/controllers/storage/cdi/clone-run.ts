/** One clone on its way: what each of its phases works with, and the helper claims they make. */

import { CLAIMS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim, TypedReference } from '../../../../api/storage.ts';
import { isAlreadyExists } from '../../../../kube/api-error.ts';
import {
  ANNOTATION,
  BINDING,
  CDI_APP,
  CLONE_SOURCE_KIND,
  derivedName,
  LABEL,
} from '../vocabulary.ts';
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

export interface ClonePhase {
  /** As in the annotation `cdi.kubevirt.io/clonePhase`. */
  readonly name: string;
  advance(run: CloneRun): Promise<Step>;
}

export interface HelperClaim {
  readonly name: string;
  readonly size: string;
  readonly dataSourceRef?: TypedReference;
}

/** The helper claim of that name, created unless it is there. */
export async function ensureHelperClaim(
  run: CloneRun,
  helper: HelperClaim,
): Promise<PersistentVolumeClaim> {
  const { cdi, sourceNamespace } = run;
  const existing = cdi.claims.get(sourceNamespace, helper.name);
  if (existing) return existing;
  try {
    const created = await cdi.client.create(CLAIMS, helperObject(run, helper));
    cdi.claims.wrote(created);
    return created;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return cdi.client.get(CLAIMS, { namespace: sourceNamespace, name: helper.name });
  }
}

export function findTemporaryClaim(run: CloneRun): PersistentVolumeClaim | undefined {
  return run.cdi.claims.get(run.sourceNamespace, derivedName.temporaryClaim(run.targetUid));
}

/** A claim that turned Lost after a rebind was bound before. */
export function wasBound(claim: PersistentVolumeClaim): boolean {
  return claim.status?.phase === 'Bound' || claim.status?.phase === 'Lost';
}

export function helperLabels(targetUid: string): Readonly<Record<string, string>> {
  return { [LABEL.app]: CDI_APP, [LABEL.ownedByUid]: targetUid };
}

export function getRequestedSize({ spec }: PersistentVolumeClaim): string {
  return spec.resources?.requests?.['storage'] ?? '0';
}

function helperObject(run: CloneRun, { name, size, dataSourceRef }: HelperClaim) {
  const { accessModes, volumeMode, storageClassName } = run.target.spec;
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: run.sourceNamespace,
      labels: helperLabels(run.targetUid),
      // Whoever uses the target decides where its helper is provisioned, and that it is.
      annotations: {
        [ANNOTATION.populatorKind]: CLONE_SOURCE_KIND,
        ...inherited(run.target, [BINDING.selectedNode, ANNOTATION.bindImmediate]),
      },
    },
    spec: {
      ...(accessModes ? { accessModes } : {}),
      ...(volumeMode ? { volumeMode } : {}),
      ...(storageClassName === undefined ? {} : { storageClassName }),
      resources: { requests: { storage: size } },
      ...(dataSourceRef ? { dataSourceRef } : {}),
    },
  };
  return claim;
}

function inherited(
  target: PersistentVolumeClaim,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = target.metadata.annotations?.[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
