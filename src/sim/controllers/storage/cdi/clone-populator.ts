/**
 * CDI's clone populator (populators/clone-populator.go, v1.58.4): fills claims whose dataSourceRef
 * is a VolumeCloneSource. It goes through the phases of the plan at every look; the first one that
 * has to wait is written on the claim, so phases that are quickly over are never seen.
 */

import { CLAIMS, PODS, SNAPSHOTS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim, VolumeCloneSource } from '../../../../api/storage.ts';
import { isNotFound } from '../../../../kube/api-error.ts';
import { makeObjectKey, splitKey } from '../../../../kube/informer.ts';
import { hasFinalizer, isDeleting } from '../../chassis/ownership.ts';
import {
  findPopulator,
  populatorSourceKey,
  populatorSourceNamespace,
  waitsForConsumer,
} from '../populators.ts';
import {
  ANNOTATION,
  CDI_APP,
  CLONE_SOURCE_KIND,
  derivedName,
  FINALIZER,
  LABEL,
} from '../vocabulary.ts';
import {
  getAnnotation,
  type Cdi,
  missingAnnotations,
  removeIfThere,
  findStorageClass,
} from './cdi.ts';
import { planClone } from './clone-phases.ts';
import type { CloneRun } from './clone-run.ts';
import { chooseStrategy } from './clone-strategy.ts';
import { createPolls, type Polls } from './polls.ts';
import type { CloneStrategy } from './storage-profile.ts';

export function startClonePopulator(cdi: Cdi): void {
  const { lab } = cdi;
  const { parameters, copies, clock } = lab;
  const controller = lab.controller({
    name: 'clone populator',
    workers: parameters.cdi.workers,
    reconcile: async (key) => {
      await reconcile(cdi, polls, key);
      return undefined;
    },
  });
  const polls = createPolls(clock, parameters.cdi.cloneSourceInUseRetryUs, controller.enqueueAfter);
  const enqueueTarget = (labels: Readonly<Record<string, string>> | undefined) => {
    const uid = labels?.[LABEL.ownedByUid];
    if (uid === undefined) return;
    for (const target of copies.claims.indexed('uid', uid))
      controller.enqueue(makeObjectKey(target));
  };
  copies.claims.onChange((now, before) => {
    const claim = (now ?? before) as PersistentVolumeClaim;
    if (now && findPopulator(now) === CLONE_SOURCE_KIND) controller.enqueue(makeObjectKey(now));
    enqueueTarget(claim.metadata.labels);
    polls.changed(makeObjectKey(claim));
  });
  copies.cloneSources.onChange((now) => {
    if (!now) return;
    for (const claim of copies.claims.indexed(
      'populator',
      `${CLONE_SOURCE_KIND} ${makeObjectKey(now)}`,
    )) {
      controller.enqueue(makeObjectKey(claim));
    }
  });
  copies.snapshots.onChange((now, before) => {
    enqueueTarget((now ?? before)?.metadata.labels);
    if (now) polls.changed(makeObjectKey(now));
  });
  copies.pods.onChange((now, before) => {
    const pod = now ?? before;
    enqueueTarget(pod?.metadata.labels);
    for (const { persistentVolumeClaim } of pod?.spec.volumes ?? []) {
      if (persistentVolumeClaim) {
        polls.changed(`${pod?.metadata.namespace}/${persistentVolumeClaim.claimName}`);
      }
    }
  });
  copies.dataVolumes.onChange((now) => {
    if (now?.status?.phase === 'Succeeded') polls.changed(makeObjectKey(now));
  });
}

/**
 * The claim is read from the cache, which does not know the last write yet, as in CDI: changes of
 * the helper bring the target back too early, and what it then writes is refused. Such a conflict
 * costs a token all the same; so a clone comes to about nine tokens of the claims' bucket.
 */
async function reconcile(cdi: Cdi, polls: Polls, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const claim = cdi.lab.copies.claims.get(namespace, name);
  if (!claim || findPopulator(claim) !== CLONE_SOURCE_KIND) return;
  const isDone = getAnnotation(claim, ANNOTATION.clonePhase) === 'Succeeded';
  if (!isDeleting(claim) && !isDone) return advance(cdi, polls, claim);
  if (hasFinalizer(claim, FINALIZER.clonePopulator)) await finish(cdi, claim);
}

async function advance(cdi: Cdi, polls: Polls, claim: PersistentVolumeClaim): Promise<void> {
  const { lab } = cdi;
  if (claim.status?.phase === 'Lost') return;
  const sourceKey = populatorSourceKey(claim)?.slice(CLONE_SOURCE_KIND.length + 1) ?? '';
  const { namespace, name } = splitKey(sourceKey);
  const cloneSource = lab.copies.cloneSources.get(namespace, name);
  const isBound = claim.status?.phase === 'Bound';
  if (!cloneSource || waitsForConsumer(findStorageClass(cdi, claim), claim)) {
    return isBound ? undefined : writePhase(cdi, claim, 'Pending');
  }
  const strategy = await settleStrategy(cdi, polls, claim, cloneSource);
  if (!strategy) return;
  const run = makeCloneRun(cdi, polls, claim, cloneSource);
  // A bound claim is past all waiting: what is left is to say so.
  for (const phase of isBound ? [] : planClone(run, strategy)) {
    if ((await phase.advance(run)) === 'waiting') return writePhase(cdi, claim, phase.name);
  }
  await writePhase(cdi, claim, 'Succeeded');
}

/** The strategy on the claim; undefined where the claim has yet to come back with it. */
async function settleStrategy(
  cdi: Cdi,
  polls: Polls,
  claim: PersistentVolumeClaim,
  cloneSource: VolumeCloneSource,
): Promise<CloneStrategy | undefined> {
  const saved = getAnnotation(claim, ANNOTATION.cloneType) as CloneStrategy | undefined;
  if (saved !== undefined && hasFinalizer(claim, FINALIZER.clonePopulator)) return saved;
  const choice = chooseStrategy(cdi.lab, claim, cloneSource);
  if (!choice) {
    polls.wait(
      `${cloneSource.metadata.namespace}/${cloneSource.spec.source.name}`,
      makeObjectKey(claim),
    );
    await writePhase(cdi, claim, 'Pending');
    return undefined;
  }
  const { strategy, obstacle } = choice;
  if (obstacle) cdi.events.record(claim, 'Warning', obstacle.reason, obstacle.message);
  const { resourceVersion, finalizers = [], labels } = claim.metadata;
  const patch = {
    metadata: {
      resourceVersion,
      finalizers: [...finalizers, FINALIZER.clonePopulator],
      ...(labels?.[LABEL.app] ? {} : { labels: { [LABEL.app]: CDI_APP } }),
      annotations: {
        [ANNOTATION.cloneType]: strategy,
        ...(obstacle ? { [ANNOTATION.cloneFallbackReason]: obstacle.message } : {}),
        ...phaseAnnotations(getAnnotation(claim, ANNOTATION.clonePhase) ?? 'Pending'),
      },
    },
  };
  cdi.claims.wrote(await cdi.client.patch(CLAIMS, claim.metadata, patch));
  return undefined;
}

function makeCloneRun(
  cdi: Cdi,
  polls: Polls,
  target: PersistentVolumeClaim,
  cloneSource: VolumeCloneSource,
): CloneRun {
  return {
    cdi,
    polls,
    key: makeObjectKey(target),
    target,
    targetUid: target.metadata.uid ?? '',
    sourceNamespace: populatorSourceNamespace(target),
    source: cloneSource.spec.source,
  };
}

async function writePhase(
  { client, claims }: Cdi,
  claim: PersistentVolumeClaim,
  phase: string,
): Promise<void> {
  const annotations = missingAnnotations(claim, phaseAnnotations(phase));
  if (!annotations) return;
  const { resourceVersion } = claim.metadata;
  const patch = { metadata: { resourceVersion, annotations } };
  claims.wrote(await client.patch(CLAIMS, claim.metadata, patch));
}

/** What the DataVolume's status is made of. */
function phaseAnnotations(phase: string): Readonly<Record<string, string>> {
  const running = (value: string, reason: string, message: string) => ({
    [ANNOTATION.clonePhase]: phase,
    [ANNOTATION.running]: value,
    [ANNOTATION.runningReason]: reason,
    [ANNOTATION.runningMessage]: message,
  });
  if (phase === 'Pending') return running('false', 'Pending', 'Clone Pending');
  if (phase !== 'Succeeded') return running('true', 'Populator is running', '');
  return {
    ...running('false', 'Completed', 'Clone Complete'),
    [ANNOTATION.progress]: '100.0%',
  };
}

/** reconcileDone: the helpers go, then the finalizer. */
async function finish(cdi: Cdi, claim: PersistentVolumeClaim): Promise<void> {
  await removeHelpers(cdi, populatorSourceNamespace(claim), claim.metadata.uid ?? '');
  const { resourceVersion, finalizers = [] } = claim.metadata;
  const left = finalizers.filter((each) => each !== FINALIZER.clonePopulator);
  const patch = { metadata: { resourceVersion, finalizers: left } };
  try {
    cdi.claims.wrote(await cdi.client.patch(CLAIMS, claim.metadata, patch));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function removeHelpers(
  { lab, client }: Cdi,
  namespace: string,
  targetUid: string,
): Promise<void> {
  const { claims, snapshots, pods } = lab.copies;
  const temporary = derivedName.temporaryClaim(targetUid);
  for (const name of [temporary, derivedName.temporarySourceClaim(targetUid)]) {
    const claim = claims.get(namespace, name);
    if (claim && !isDeleting(claim)) await removeIfThere(client, CLAIMS, { namespace, name });
  }
  const snapshot = snapshots.get(namespace, derivedName.temporarySnapshot(targetUid));
  if (snapshot && !isDeleting(snapshot)) {
    await removeIfThere(client, SNAPSHOTS, snapshot.metadata);
  }
  for (const name of [
    derivedName.prepPod(targetUid),
    derivedName.sourcePod(targetUid),
    derivedName.uploadPod(temporary),
  ]) {
    if (pods.get(namespace, name)) {
      await removeIfThere(client, PODS, { namespace, name }, { gracePeriodSeconds: 0 });
    }
  }
}
