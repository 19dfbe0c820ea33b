/**
 * CDI's clone populator (populators/clone-populator.go, v1.58.4): fills claims whose dataSourceRef
 * is a VolumeCloneSource. It goes through the phases of the plan at every look; the first one that
 * has to wait is written on the claim, so phases that are quickly over are never seen. It works on
 * copies that its own last write has not reached: what it then writes is refused and costs a token
 * all the same.
 */

import { CLAIMS, PODS, SNAPSHOTS } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim, VolumeCloneSource } from '../../../../api/storage.ts';
import { SECOND } from '../../../../core/duration.ts';
import { makeObjectKey, splitKey } from '../../../../kube/informer.ts';
import { findController, hasFinalizer, isDeleting } from '../../chassis/ownership.ts';
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
  type Cdi,
  findStorageClass,
  getAnnotation,
  missingAnnotations,
  removeIfThere,
} from './cdi.ts';
import { planClone } from './clone-phases.ts';
import type { CloneRun, PhaseReport } from './clone-run.ts';
import { chooseStrategy } from './clone-strategy.ts';
import { createPolls, createRepeats, type Polls, type Repeats } from './polls.ts';
import { watchSources } from './source-readiness.ts';
import type { CloneStrategy } from './storage-profile.ts';

/** CDI v1.58.4: a source that is missing is looked for every 5 s. */
const MISSING_SOURCE_POLL_US = 5 * SECOND;

interface ClonePopulator extends Cdi {
  /** Of sources that are in use. */
  readonly polls: Polls;
  readonly missing: Polls;
  readonly repeat: Repeats;
}

export function startClonePopulator(cdi: Cdi): void {
  const { lab } = cdi;
  const { parameters, copies, clock } = lab;
  const controller = lab.controller({
    name: 'clone populator',
    workers: parameters.cdi.workers,
    reconcile: async (key) => {
      await reconcile(populator, key);
      return undefined;
    },
  });
  const { enqueue } = controller;
  const poll = (periodUs: number) =>
    createPolls(clock, periodUs, controller.enqueueAfter, lab.recordEvents);
  const populator: ClonePopulator = {
    ...cdi,
    events: cdi.recorder('clone-populator'),
    polls: poll(parameters.cdi.cloneSourceInUseRetryUs),
    missing: poll(MISSING_SOURCE_POLL_US),
    repeat: createRepeats(clock, enqueue),
  };
  watchSources(lab, (source) => {
    populator.polls.changed(source);
    populator.missing.changed(source);
  });
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
  });
  copies.cloneSources.onChange((now, before) => {
    const source = (now ?? before) as VolumeCloneSource;
    for (const claim of copies.claims.indexed(
      'populator',
      `${CLONE_SOURCE_KIND} ${makeObjectKey(source)}`,
    )) {
      controller.enqueue(makeObjectKey(claim));
    }
  });
  copies.snapshots.onChange((now, before) => enqueueTarget((now ?? before)?.metadata.labels));
  copies.pods.onChange((now, before) => enqueueTarget((now ?? before)?.metadata.labels));
}

async function reconcile(cdi: ClonePopulator, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const claim = cdi.claims.get(namespace, name);
  if (!claim || findPopulator(claim) !== CLONE_SOURCE_KIND) return;
  const isDone = getAnnotation(claim, ANNOTATION.clonePhase) === 'Succeeded';
  if (isDeleting(claim) || isDone) {
    if (hasFinalizer(claim, FINALIZER.clonePopulator)) await finish(cdi, claim);
    return;
  }
  await advance(cdi, claim);
}

async function advance(cdi: ClonePopulator, claim: PersistentVolumeClaim): Promise<void> {
  const { lab } = cdi;
  const sourceKey = populatorSourceKey(claim)?.slice(CLONE_SOURCE_KIND.length + 1) ?? '';
  const { namespace, name } = splitKey(sourceKey);
  const cloneSource = lab.copies.cloneSources.get(namespace, name);
  if (!cloneSource || waitsForConsumer(findStorageClass(cdi, claim), claim)) {
    return writePhase(cdi, claim, 'Pending');
  }
  const strategy = await toldOnClaim(cdi, claim, settleStrategy(cdi, claim, cloneSource));
  if (!strategy) return;
  const run = makeCloneRun(cdi, claim, cloneSource);
  // A bound claim is past all waiting: what is left is to say so.
  const isBound = claim.spec.volumeName !== undefined;
  const reported: PhaseReport[] = [];
  for (const phase of planClone(run, strategy)) {
    const step = isBound ? 'done' : await toldOnClaim(cdi, claim, phase.advance(run));
    reported.push(phase.report?.(run) ?? {});
    if (step === 'waiting') {
      await writePhase(cdi, claim, phase.name, reported);
      if (phase.pollUs) cdi.repeat(run.key, phase.pollUs(run));
      return;
    }
  }
  await writePhase(cdi, claim, 'Succeeded', [...reported, { progress: '100.0%' }]);
}

/** The strategy on the claim; undefined where the claim has yet to come back with it. */
async function settleStrategy(
  cdi: ClonePopulator,
  claim: PersistentVolumeClaim,
  cloneSource: VolumeCloneSource,
): Promise<CloneStrategy | undefined> {
  const saved = getAnnotation(claim, ANNOTATION.cloneType) as CloneStrategy | undefined;
  const choice = saved === undefined ? chooseStrategy(cdi, claim, cloneSource) : undefined;
  const strategy = saved ?? choice?.strategy;
  if (strategy === undefined) {
    const { namespace } = cloneSource.metadata;
    cdi.missing.wait(`${namespace}/${cloneSource.spec.source.name}`, makeObjectKey(claim));
    await writePhase(cdi, claim, 'Pending');
    return undefined;
  }
  const hasApp = claim.metadata.labels?.[LABEL.app] !== undefined;
  if (saved !== undefined && hasApp && hasFinalizer(claim, FINALIZER.clonePopulator)) return saved;
  await initTarget(cdi, claim, strategy, choice?.obstacle?.message);
  return undefined;
}

async function initTarget(
  { client }: Cdi,
  claim: PersistentVolumeClaim,
  strategy: CloneStrategy,
  fallbackReason: string | undefined,
): Promise<void> {
  const { resourceVersion, finalizers = [] } = claim.metadata;
  const kept = finalizers.filter((each) => each !== FINALIZER.clonePopulator);
  const patch = {
    metadata: {
      resourceVersion,
      finalizers: [...kept, FINALIZER.clonePopulator],
      labels: { [LABEL.app]: CDI_APP },
      annotations: {
        [ANNOTATION.cloneType]: strategy,
        ...(fallbackReason === undefined
          ? {}
          : { [ANNOTATION.cloneFallbackReason]: fallbackReason }),
        [ANNOTATION.clonePhase]: getAnnotation(claim, ANNOTATION.clonePhase) ?? 'Pending',
      },
    },
  };
  await client.patch(CLAIMS, claim.metadata, patch);
}

function makeCloneRun(
  cdi: ClonePopulator,
  target: PersistentVolumeClaim,
  cloneSource: VolumeCloneSource,
): CloneRun {
  return {
    cdi,
    polls: cdi.polls,
    key: makeObjectKey(target),
    target,
    targetUid: target.metadata.uid ?? '',
    sourceNamespace: populatorSourceNamespace(target),
    source: cloneSource.spec.source,
  };
}

async function writePhase(
  cdi: Cdi,
  claim: PersistentVolumeClaim,
  phase: string,
  reported: readonly PhaseReport[] = [],
): Promise<void> {
  const progress = reported.findLast((report) => report.progress !== undefined)?.progress;
  const wanted = {
    ...phaseAnnotations(claim, phase, reported),
    ...(progress === undefined ? {} : { [ANNOTATION.progress]: progress }),
  };
  await annotate(cdi, claim, wanted, [ANNOTATION.cloneError]);
}

/**
 * What fails is written on the claim. A phase that could not be written is not among it: that is
 * tried again, and nothing is said (planAndExecute).
 */
async function toldOnClaim<T>(
  cdi: Cdi,
  claim: PersistentVolumeClaim,
  step: Promise<T>,
): Promise<T> {
  try {
    return await step;
  } catch (error) {
    await writeError(cdi, claim, error);
    throw error;
  }
}

/** updateClonePhaseError: for as long as the next look takes, and further where it lasts. */
async function writeError(cdi: Cdi, claim: PersistentVolumeClaim, error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const wanted = {
    ...phaseAnnotations(claim, 'Error', [], message),
    [ANNOTATION.cloneError]: message,
  };
  // Refused where the copy is behind; the first error is the one that counts.
  await annotate(cdi, claim, wanted, []).catch(() => undefined);
}

async function annotate(
  { client }: Cdi,
  claim: PersistentVolumeClaim,
  wanted: Readonly<Record<string, string>>,
  unwanted: readonly string[],
): Promise<void> {
  const missing = missingAnnotations(claim, wanted);
  const present = unwanted.filter((name) => getAnnotation(claim, name) !== undefined);
  if (!missing && present.length === 0) return;
  const removed = Object.fromEntries(present.map((name) => [name, null]));
  const { resourceVersion } = claim.metadata;
  const patch = { metadata: { resourceVersion, annotations: { ...missing, ...removed } } };
  await client.patch(CLAIMS, claim.metadata, patch);
}

/** What the DataVolume's status is made of; a claim without a DataVolume gets the phase alone. */
function phaseAnnotations(
  claim: PersistentVolumeClaim,
  phase: string,
  reported: readonly PhaseReport[],
  error = '',
): Readonly<Record<string, string>> {
  if (!findController(claim, 'DataVolume')) return { [ANNOTATION.clonePhase]: phase };
  const running = (value: string, reason: string, message: string) => ({
    [ANNOTATION.clonePhase]: phase,
    [ANNOTATION.running]: value,
    [ANNOTATION.runningReason]: reason,
    [ANNOTATION.runningMessage]: message,
  });
  if (phase === 'Pending') return running('false', 'Pending', 'Clone Pending');
  if (phase === 'Error') return running('false', 'Error', error);
  if (phase === 'Succeeded') return running('false', 'Completed', 'Clone Complete');
  const told = Object.assign({}, ...reported.map(({ annotations }) => annotations)) as Annotations;
  const value = told[ANNOTATION.running];
  if (value === undefined) return running('true', 'Populator is running', '');
  const restarts = told[ANNOTATION.podRestarts];
  return {
    ...running(value, told[ANNOTATION.runningReason] ?? '', told[ANNOTATION.runningMessage] ?? ''),
    ...(restarts === undefined ? {} : { [ANNOTATION.podRestarts]: restarts }),
  };
}

type Annotations = Readonly<Record<string, string>>;

/** reconcileDone: the helpers go, then the finalizer. */
async function finish(cdi: Cdi, claim: PersistentVolumeClaim): Promise<void> {
  await removeHelpers(cdi, populatorSourceNamespace(claim), claim.metadata.uid ?? '');
  const { resourceVersion, finalizers = [] } = claim.metadata;
  const left = finalizers.filter((each) => each !== FINALIZER.clonePopulator);
  const patch = { metadata: { resourceVersion, finalizers: left } };
  await cdi.client.patch(CLAIMS, claim.metadata, patch);
}

async function removeHelpers(
  { lab, client }: Cdi,
  namespace: string,
  targetUid: string,
): Promise<void> {
  const { claims, snapshots, pods } = lab.copies;
  for (const name of [
    derivedName.temporaryClaim(targetUid),
    derivedName.temporarySourceClaim(targetUid),
  ]) {
    const claim = claims.get(namespace, name);
    if (claim && !isDeleting(claim)) await removeIfThere(client, CLAIMS, { namespace, name });
  }
  const pod = pods.get(namespace, derivedName.prepPod(targetUid));
  if (pod && !isDeleting(pod)) await removeIfThere(client, PODS, pod.metadata);
  const snapshot = snapshots.get(namespace, derivedName.temporarySnapshot(targetUid));
  if (snapshot && !isDeleting(snapshot)) {
    await removeIfThere(client, SNAPSHOTS, snapshot.metadata);
  }
}
