/**
 * The phases of a clone (pkg/controller/clone, v1.58.4): what each one makes, and what it waits
 * for. A phase that has nothing to wait for leaves no trace on the claim.
 */

import { CLAIMS, SNAPSHOTS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim, VolumeSnapshot } from '../../../../api/storage.ts';
import { parseBytes } from '../../../../core/bytes.ts';
import { isAlreadyExists } from '../../../../kube/api-error.ts';
import { derivedName } from '../vocabulary.ts';
import {
  type ClonePhase,
  type CloneRun,
  ensureHelperClaim,
  helperLabels,
  getRequestedSize,
  type Step,
  findTemporaryClaim,
  wasBound,
} from './clone-run.ts';
import { HOST_CLONE } from './host-clone.ts';
import { ensurePrepPod, prepIsOver } from './prep-pod.ts';
import { rebind } from './rebind.ts';
import { readySource } from './source-readiness.ts';
import type { CloneStrategy } from './storage-profile.ts';

/** The way from here to a populated claim. */
export function planClone(run: CloneRun, strategy: CloneStrategy): readonly ClonePhase[] {
  const fromSnapshot = run.source.kind === 'VolumeSnapshot';
  const ending = [PREP_CLAIM, REBIND];
  switch (strategy) {
    case 'csi-clone':
      return [CSI_CLONE, ...ending];
    case 'snapshot':
      return fromSnapshot ? [RESTORE, ...ending] : [SNAPSHOT, SNAPSHOT_CLONE, ...ending];
    case 'copy':
      return fromSnapshot ? [RESTORE_SOURCE, HOST_CLONE, ...ending] : [HOST_CLONE, ...ending];
  }
}

const CSI_CLONE: ClonePhase = {
  name: 'CSIClone',
  async advance(run) {
    const existing = findTemporaryClaim(run);
    if (existing) return boundOrWaiting(existing);
    const source = readySource(run);
    if (!source) return 'waiting';
    const { kind, name } = run.source;
    await ensureHelperClaim(run, {
      name: derivedName.temporaryClaim(run.targetUid),
      size: source.status?.capacity?.['storage'] ?? getRequestedSize(source),
      dataSourceRef: { kind, name },
    });
    return 'waiting';
  },
};

const SNAPSHOT: ClonePhase = {
  name: 'Snapshot',
  async advance(run) {
    const { cdi, targetUid, sourceNamespace } = run;
    const name = derivedName.temporarySnapshot(targetUid);
    const existing = cdi.lab.copies.snapshots.get(sourceNamespace, name);
    // Not readyToUse: the next phase waits for that.
    if (existing) return existing.status?.creationTime ? 'done' : 'waiting';
    if (findTemporaryClaim(run)) return 'done';
    if (!readySource(run)) return 'waiting';
    try {
      await cdi.client.create(SNAPSHOTS, temporarySnapshot(run, name));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    return 'waiting';
  },
};

const SNAPSHOT_CLONE: ClonePhase = {
  name: 'SnapshotClone',
  advance: (run) =>
    restoreInto(
      run,
      derivedName.temporaryClaim(run.targetUid),
      derivedName.temporarySnapshot(run.targetUid),
    ),
};

const RESTORE: ClonePhase = {
  name: 'SnapshotClone',
  advance: (run) => restoreInto(run, derivedName.temporaryClaim(run.targetUid), run.source.name),
};

/** A snapshot can only be copied byte by byte from a volume that is restored from it. */
const RESTORE_SOURCE: ClonePhase = {
  name: 'SnapshotClone',
  advance: (run) =>
    restoreInto(run, derivedName.temporarySourceClaim(run.targetUid), run.source.name),
};

/** Only where the target is larger than the source: the helper claim grows first. */
const PREP_CLAIM: ClonePhase = {
  name: 'PrepClaim',
  async advance(run) {
    const helper = findTemporaryClaim(run);
    if (!helper || helper.status?.phase === 'Lost') return 'done';
    const wanted = getRequestedSize(run.target);
    const wantedBytes = parseBytes(wanted) ?? 0;
    const isSmaller = (size: string | undefined) => (parseBytes(size ?? '0') ?? 0) < wantedBytes;
    if (isSmaller(getRequestedSize(helper))) {
      const { client, claims } = run.cdi;
      const patch = { spec: { resources: { requests: { storage: wanted } } } };
      claims.wrote(await client.patch(CLAIMS, helper.metadata, patch));
      return 'waiting';
    }
    if (isSmaller(helper.status?.capacity?.['storage'])) {
      await ensurePrepPod(run, helper);
      return 'waiting';
    }
    return (await prepIsOver(run)) ? 'done' : 'waiting';
  },
};

const REBIND: ClonePhase = {
  name: 'Rebind',
  async advance(run) {
    if (run.target.status?.phase === 'Bound') return 'done';
    const helper = findTemporaryClaim(run);
    if (!helper) throw new Error('the helper claim is gone before its volume was handed over');
    await rebind(run.cdi, helper, run.target);
    return 'waiting';
  },
};

function boundOrWaiting(claim: PersistentVolumeClaim): Step {
  return wasBound(claim) ? 'done' : 'waiting';
}

async function restoreInto(run: CloneRun, name: string, snapshotName: string): Promise<Step> {
  const { copies } = run.cdi.lab;
  const existing = run.cdi.claims.get(run.sourceNamespace, name);
  if (existing) return boundOrWaiting(existing);
  const snapshot = copies.snapshots.get(run.sourceNamespace, snapshotName);
  if (!snapshot?.status?.readyToUse) return 'waiting';
  await ensureHelperClaim(run, {
    name,
    size: snapshot.status.restoreSize ?? getRequestedSize(run.target),
    dataSourceRef: {
      apiGroup: 'snapshot.storage.k8s.io',
      kind: 'VolumeSnapshot',
      name: snapshotName,
    },
  });
  return 'waiting';
}

function temporarySnapshot(run: CloneRun, name: string): VolumeSnapshot {
  const { lab } = run.cdi;
  const storageClass = lab.copies.storageClasses.get(
    undefined,
    run.target.spec.storageClassName ?? '',
  );
  let className = '';
  for (const snapshotClass of lab.copies.snapshotClasses.values()) {
    if (snapshotClass.driver === storageClass?.provisioner) className = snapshotClass.metadata.name;
  }
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name, namespace: run.sourceNamespace, labels: helperLabels(run.targetUid) },
    spec: {
      source: { persistentVolumeClaimName: run.source.name },
      volumeSnapshotClassName: className,
    },
  };
}
