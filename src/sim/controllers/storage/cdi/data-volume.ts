/**
 * CDI's DataVolume controllers: they make the target claim and the populator's source object, and
 * then only report; the populators do the work. Each write brings the controller back through the
 * watch, so one DataVolume passes here many times.
 */

import { CLAIMS, DATA_VOLUMES } from '../../../../api/resources.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../../api/storage.ts';
import { SECOND } from '../../../../core/duration.ts';
import { sameJson } from '../../../../core/json.ts';
import { type ApiError, isAlreadyExists, isForbidden } from '../../../../kube/api-error.ts';
import type { Controller } from '../../../../kube/controller.ts';
import { makeObjectKey, splitKey } from '../../../../kube/informer.ts';
import {
  hasFinalizer,
  isControlledBy,
  isDeleting,
  withoutFinalizer,
} from '../../chassis/ownership.ts';
import { isExternallyPopulated, waitsForConsumer } from '../populators.ts';
import { ANNOTATION, FINALIZER } from '../vocabulary.ts';
import { getAnnotation, type Cdi } from './cdi.ts';
import { recordStatusChange } from './data-volume-events.ts';
import { isClone, type ResolvedSource, resolveSource } from './data-volume-source.ts';
import { type DataVolumeStatus, nextStatus } from './data-volume-status.ts';
import { createPolls, type Polls } from './polls.ts';
import { ensurePopulatorSource, removeCloneSource } from './populator-source.ts';
import { targetClaim } from './target-claim.ts';

/** CDI v1.58.4: a missing source is looked for every 5 s. */
const SOURCE_POLL_US = 5 * SECOND;

interface DataVolumes extends Cdi {
  readonly polls: Polls;
}

export function startDataVolumes(cdi: Cdi): void {
  const { lab } = cdi;
  const start = (name: string) =>
    lab.controller({
      name,
      workers: lab.parameters.cdi.workers,
      reconcile: async (key) => {
        await reconcile(context, key);
        return undefined;
      },
    });
  const controllers = {
    pvc: start('clone of a claim'),
    snapshot: start('clone of a snapshot'),
    import: start('import'),
  };
  const controllerOf = (dataVolume: DataVolume): Controller => {
    const kind = resolveSource(lab, dataVolume)?.kind ?? 'pvc';
    return kind === 'pvc' || kind === 'snapshot' ? controllers[kind] : controllers.import;
  };
  const byKey = (key: string) => {
    const { namespace, name } = splitKey(key);
    return lab.copies.dataVolumes.get(namespace, name);
  };
  const polls = createPolls(lab.clock, SOURCE_POLL_US, (key, delayUs) => {
    const dataVolume = byKey(key);
    if (dataVolume) controllerOf(dataVolume).enqueueAfter(key, delayUs);
  });
  const context: DataVolumes = { ...cdi, polls };
  watchDataVolumes(context, controllerOf);
}

function watchDataVolumes(
  { lab, polls }: DataVolumes,
  controllerOf: (dataVolume: DataVolume) => Controller,
): void {
  const { dataVolumes, claims, snapshots, dataSources } = lab.copies;
  dataVolumes.onChange((now, before) => {
    if (!now) return;
    if (!before || !differsInStatusOnly(now, before)) controllerOf(now).enqueue(makeObjectKey(now));
    if (before && now.status?.phase !== before.status?.phase)
      polls.changed(`pvc ${makeObjectKey(now)}`);
  });
  claims.onChange((now, before) => {
    const claim = (now ?? before) as PersistentVolumeClaim;
    const key = makeObjectKey(claim);
    const dataVolume = dataVolumes.get(claim.metadata.namespace, claim.metadata.name);
    if (dataVolume && mattersToStatus(now, before) && isControlledBy(claim, dataVolume)) {
      controllerOf(dataVolume).enqueue(key);
    }
    polls.changed(`pvc ${key}`);
  });
  snapshots.onChange((now) => {
    if (now) polls.changed(`snapshot ${makeObjectKey(now)}`);
  });
  dataSources.onChange(() => polls.changed('data sources'));
}

/** Our own report coming back: a look at it would find nothing to do. */
function differsInStatusOnly(now: DataVolume, before: DataVolume): boolean {
  return (
    now.status !== before.status &&
    now.spec === before.spec &&
    now.metadata.annotations === before.metadata.annotations &&
    now.metadata.deletionTimestamp === before.metadata.deletionTimestamp
  );
}

function mattersToStatus(
  now: PersistentVolumeClaim | undefined,
  before: PersistentVolumeClaim | undefined,
): boolean {
  return (
    now?.status?.phase !== before?.status?.phase ||
    now?.metadata.annotations !== before?.metadata.annotations
  );
}

async function reconcile(context: DataVolumes, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const dataVolume = context.dataVolumes.get(namespace, name);
  if (!dataVolume) return;
  if (isDeleting(dataVolume)) return tearDown(context, dataVolume);
  const claim = context.claims.get(namespace, name);
  if (!claim) return begin(context, dataVolume);
  if (!isControlledBy(claim, dataVolume)) return refuseForeignClaim(context, dataVolume, claim);
  await follow(context, dataVolume, claim);
}

async function begin(context: DataVolumes, dataVolume: DataVolume): Promise<void> {
  // Its claim was deleted by somebody: a populated DataVolume is not populated again.
  if (dataVolume.status?.phase === 'Succeeded') return;
  const { lab, polls } = context;
  const source = resolveSource(lab, dataVolume);
  const key = makeObjectKey(dataVolume);
  if (!source) {
    polls.wait('data sources', key);
    return setStatus(context, dataVolume, undefined);
  }
  if (getAnnotation(dataVolume, ANNOTATION.usePopulator) === undefined) {
    const marked = await markForPopulator(context, dataVolume, source);
    return setStatus(context, marked, undefined);
  }
  // After a failed write of it; its echo alone brings nobody back here.
  if (!dataVolume.status) await setStatus(context, dataVolume, undefined);
  const missing = missingSource(context, source);
  if (missing !== undefined) {
    polls.wait(`${source.kind} ${missing}`, key);
    const text = `The source ${source.kind} ${missing} doesn't exist`;
    context.events.record(dataVolume, 'Warning', 'CloneWithoutSource', text);
    return;
  }
  await createTarget(context, dataVolume, source);
}

/** `namespace/name` of the source that has to be there before a claim is made. */
function missingSource({ lab }: DataVolumes, source: ResolvedSource): string | undefined {
  if (!isClone(source)) return undefined;
  const { claims, snapshots } = lab.copies;
  const { kind, namespace, name } = source;
  const found = kind === 'pvc' ? claims.get(namespace, name) : snapshots.get(namespace, name);
  return found ? undefined : `${namespace}/${name}`;
}

async function markForPopulator(
  { client, dataVolumes }: DataVolumes,
  dataVolume: DataVolume,
  source: ResolvedSource,
): Promise<DataVolume> {
  const { namespace, resourceVersion, finalizers = [] } = dataVolume.metadata;
  const away = isClone(source) && source.namespace !== namespace;
  const annotations: Record<string, string> = { [ANNOTATION.usePopulator]: 'true' };
  if (away) annotations[ANNOTATION.extendedCloneToken] = `extended:${dataVolume.metadata.uid}`;
  const marked = await client.patch(DATA_VOLUMES, dataVolume.metadata, {
    metadata: {
      annotations,
      ...(away ? { resourceVersion, finalizers: [...finalizers, FINALIZER.dataVolume] } : {}),
    },
  });
  dataVolumes.wrote(marked);
  return marked;
}

async function createTarget(
  context: DataVolumes,
  dataVolume: DataVolume,
  source: ResolvedSource,
): Promise<void> {
  const { lab, client, claims, polls } = context;
  const wanted = targetClaim(lab, dataVolume, source);
  if (!wanted) {
    // Only a clone without a size of its own gets here: its snapshot has no restoreSize yet.
    if (isClone(source)) {
      polls.wait(`${source.kind} ${source.namespace}/${source.name}`, makeObjectKey(dataVolume));
    }
    return setStatus(context, dataVolume, undefined, 'CloneScheduled');
  }
  try {
    claims.wrote(await client.create(CLAIMS, wanted));
  } catch (error) {
    if (isQuotaRefusal(error)) await sayQuotaIsExceeded(context, dataVolume, error.message);
    if (!isAlreadyExists(error)) throw error;
  }
  await ensurePopulatorSource(context, dataVolume, source);
}

/** CDI's own test (pkg/controller/common/util.go ErrQuotaExceeded). */
function isQuotaRefusal(error: unknown): error is ApiError {
  return isForbidden(error) && error.message.includes('exceeded quota:');
}

/** The work queue tries again with patience, so it goes on by itself once there is room. */
async function sayQuotaIsExceeded(
  { lab, client, dataVolumes }: DataVolumes,
  dataVolume: DataVolume,
  quota: string,
): Promise<void> {
  const { release } = lab.parameters;
  const view = { claim: undefined, waitsForConsumer: false, quota, release };
  const status = { ...nextStatus(dataVolume, view, lab.stamp()), phase: 'Pending' };
  if (sameJson(status, dataVolume.status)) return;
  const options = { subresource: 'status' };
  dataVolumes.wrote(await client.patch(DATA_VOLUMES, dataVolume.metadata, { status }, options));
}

async function follow(
  context: DataVolumes,
  dataVolume: DataVolume,
  claim: PersistentVolumeClaim,
): Promise<void> {
  const source = resolveSource(context.lab, dataVolume);
  if (!source) return;
  const isDone = dataVolume.status?.phase === 'Succeeded';
  const cloneType = getAnnotation(claim, ANNOTATION.cloneType);
  if (!isDone && getAnnotation(claim, ANNOTATION.clonePhase) !== 'Succeeded') {
    await ensurePopulatorSource(context, dataVolume, source);
  }
  let marked = dataVolume;
  if (cloneType !== undefined && getAnnotation(dataVolume, ANNOTATION.cloneType) !== cloneType) {
    const patch = { metadata: { annotations: { [ANNOTATION.cloneType]: cloneType } } };
    marked = await context.client.patch(DATA_VOLUMES, dataVolume.metadata, patch);
    context.dataVolumes.wrote(marked);
  }
  await setStatus(context, marked, claim);
  const left = context.dataVolumes.get(marked.metadata.namespace, marked.metadata.name);
  if (left?.status?.phase === 'Succeeded') await removeCloneSource(context, dataVolume, source);
}

async function setStatus(
  context: DataVolumes,
  dataVolume: DataVolume,
  claim: PersistentVolumeClaim | undefined,
  phase?: string,
): Promise<void> {
  const { lab, client, dataVolumes } = context;
  const { release } = lab.parameters;
  const view = { claim, waitsForConsumer: isWaiting(context, claim), release };
  const computed = nextStatus(dataVolume, view, lab.stamp());
  const status: DataVolumeStatus = phase === undefined ? computed : { ...computed, phase };
  if (sameJson(status, dataVolume.status)) return;
  const options = { subresource: 'status' };
  const written = await client.patch(DATA_VOLUMES, dataVolume.metadata, { status }, options);
  dataVolumes.wrote(written);
  if (lab.recordEvents) recordStatusChange(context.events, dataVolume, status, claim);
}

function isWaiting({ lab }: DataVolumes, claim: PersistentVolumeClaim | undefined): boolean {
  if (!claim || !isExternallyPopulated(claim)) return false;
  const { storageClasses } = lab.copies;
  return waitsForConsumer(storageClasses.get(undefined, claim.spec.storageClassName ?? ''), claim);
}

async function refuseForeignClaim(
  context: DataVolumes,
  dataVolume: DataVolume,
  claim: PersistentVolumeClaim,
): Promise<void> {
  const text = `Resource "${claim.metadata.name}" already exists and is not managed by DataVolume`;
  context.events.record(dataVolume, 'Warning', 'ErrResourceExists', text);
  if (!dataVolume.status) await setStatus(context, dataVolume, undefined);
}

/** What lives in the namespace of the source has no owner that could be collected. */
async function tearDown(context: DataVolumes, dataVolume: DataVolume): Promise<void> {
  if (!hasFinalizer(dataVolume, FINALIZER.dataVolume)) return;
  const source = resolveSource(context.lab, dataVolume);
  if (source) await removeCloneSource(context, dataVolume, source);
  const patch = withoutFinalizer(dataVolume, FINALIZER.dataVolume);
  await context.client.patch(DATA_VOLUMES, dataVolume.metadata, patch);
}
