/**
 * The phases of a clone (pkg/controller/clone, v1.58.4): what each one makes, and what it waits
 * for. A phase that has nothing to wait for leaves no trace on the claim; one that fails leaves an
 * error there until the next look.
 */

import { CLAIMS, SNAPSHOTS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim, VolumeSnapshot } from '../../../../api/storage.ts';
import { parseBytes } from '../../../../core/bytes.ts';
import { passingFailure } from '../../../../kube/controller.ts';
import { derivedName } from '../vocabulary.ts';
import { findStorageClass } from './cdi.ts';
import {
  type ClonePhase,
  type CloneRun,
  ensureHelperClaim,
  findTemporaryClaim,
  getRequestedSize,
  helperLabels,
  isBound,
  type Step,
} from './clone-run.ts';
import { HOST_CLONE } from './host-clone.ts';
import { attendPrepPod } from './prep-pod.ts';
import { rebind } from './rebind.ts';
import { chooseSnapshotClass } from './snapshot-class.ts';
import { readySource } from './source-readiness.ts';
import type { CloneStrategy } from './storage-profile.ts';

/** The way from here to a populated claim; rejects where its beginning is gone. */
export function planClone(run: CloneRun, strategy: CloneStrategy): readonly ClonePhase[] {
  const fromSnapshot = run.source.kind === 'VolumeSnapshot';
  if (fromSnapshot || strategy === 'snapshot') checkOrigin(run, fromSnapshot);
  switch (strategy) {
    case 'csi-clone':
      return [CSI_CLONE, PREP_CLAIM, REBIND];
    case 'snapshot':
      if (fromSnapshot) return [RESTORE, PREP_CLAIM, REBIND];
      // It is asked for anew at every look, and said each time.
      if (!chooseSnapshotClass(run.cdi, run.target)) {
        throw new Error('no compatible volumesnapshotclass');
      }
      return [SNAPSHOT, SNAPSHOT_CLONE, PREP_CLAIM, REBIND];
    case 'copy':
      return fromSnapshot
        ? [RESTORE_SOURCE, PREP_SOURCE, HOST_CLONE, REBIND]
        : [HOST_CLONE, REBIND];
  }
}

function checkOrigin({ cdi, source, sourceNamespace }: CloneRun, fromSnapshot: boolean): void {
  const { claims, snapshots } = cdi.lab.copies;
  const origin = (fromSnapshot ? snapshots : claims).get(sourceNamespace, source.name);
  if (!origin) throw new Error('source claim does not exist');
}

const CSI_CLONE: ClonePhase = {
  name: 'CSIClone',
  async advance(run) {
    const existing = findTemporaryClaim(run);
    if (existing) return boundOrWaiting(run, existing);
    const source = readySource(run);
    if (!source) return 'waiting';
    const { kind, name } = run.source;
    const created = await ensureHelperClaim(run, {
      name: derivedName.temporaryClaim(run.targetUid),
      size: source.status?.capacity?.['storage'] ?? getRequestedSize(source),
      dataSourceRef: { kind, name },
    });
    return boundOrWaiting(run, created);
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
    if (!readySource(run)) return 'waiting';
    await cdi.client.create(SNAPSHOTS, temporarySnapshot(run, name));
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

/** Where the target is larger than the source, and where only a pod makes the helper bind. */
const PREP_CLAIM: ClonePhase = {
  name: 'PrepClaim',
  advance: (run) =>
    prepare(run, derivedName.temporaryClaim(run.targetUid), getRequestedSize(run.target)),
};

const PREP_SOURCE: ClonePhase = {
  name: 'PrepClaim',
  advance: (run) => prepare(run, derivedName.temporarySourceClaim(run.targetUid), '0'),
};

const REBIND: ClonePhase = {
  name: 'Rebind',
  async advance(run) {
    if (isBound(run.target)) return 'done';
    const helper = findTemporaryClaim(run);
    if (!helper) throw new Error('source claim does not exist');
    await rebind(run.cdi, helper, run.target);
    return 'waiting';
  },
};

/** isClaimBoundOrWFFC: bound as soon as it names its volume; one that waits for a pod gets one. */
function boundOrWaiting({ cdi }: CloneRun, claim: PersistentVolumeClaim): Step {
  const waits = findStorageClass(cdi, claim)?.volumeBindingMode === 'WaitForFirstConsumer';
  return isBound(claim) || waits ? 'done' : 'waiting';
}

async function restoreInto(run: CloneRun, name: string, snapshotName: string): Promise<Step> {
  const { copies } = run.cdi.lab;
  const existing = run.cdi.claims.get(run.sourceNamespace, name);
  if (existing) return boundOrWaiting(run, existing);
  const snapshot = copies.snapshots.get(run.sourceNamespace, snapshotName);
  if (!snapshot) throw new Error('source snapshot does not exist');
  if (!snapshot.status?.readyToUse) return 'waiting';
  const created = await ensureHelperClaim(run, {
    name,
    size: snapshot.status.restoreSize ?? getRequestedSize(run.target),
    dataSourceRef: {
      apiGroup: 'snapshot.storage.k8s.io',
      kind: 'VolumeSnapshot',
      name: snapshotName,
    },
  });
  return boundOrWaiting(run, created);
}

async function prepare(run: CloneRun, claimName: string, wanted: string): Promise<Step> {
  const { cdi, sourceNamespace } = run;
  const claim = cdi.claims.get(sourceNamespace, claimName);
  if (!claim) throw new Error(`claim ${sourceNamespace}/${claimName} does not exist`);
  const wantedBytes = parseBytes(wanted) ?? 0;
  const isSmaller = (size: string) => (parseBytes(size) ?? 0) < wantedBytes;
  const capacity = claim.status?.capacity?.['storage'];
  // Between the two writes of a binding the volume is known and its size is not.
  if (capacity === undefined && isBound(claim)) throw passingFailure('actual PVC size missing');
  if (capacity !== undefined && isSmaller(getRequestedSize(claim))) {
    const { resourceVersion } = claim.metadata;
    const spec = { resources: { requests: { storage: wanted } } };
    await cdi.client.patch(CLAIMS, claim.metadata, { metadata: { resourceVersion }, spec });
    return 'waiting';
  }
  return attendPrepPod(run, claim, capacity === undefined || isSmaller(capacity));
}

function temporarySnapshot(run: CloneRun, name: string): VolumeSnapshot {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name, namespace: run.sourceNamespace, labels: helperLabels(run.targetUid) },
    spec: {
      source: { persistentVolumeClaimName: run.source.name },
      volumeSnapshotClassName: chooseSnapshotClass(run.cdi, run.target, 'silently') ?? '',
    },
  };
}
