/**
 * CDI's DataVolume controllers: they make the target claim and the populator's source object, and
 * then only report; the populators do the work. Each look at a DataVolume first does (sync) and
 * then tells (status), both from copies that its own writes have not reached yet: what is refused
 * for that is tried again a few milliseconds later.
 */

import { DATA_VOLUMES } from '../../../../api/resources.ts';
import type { DataVolume, PersistentVolumeClaim } from '../../../../api/storage.ts';
import type { Controller, ReconcileResult } from '../../../../kube/controller.ts';
import { makeObjectKey, objectKey, splitKey } from '../../../../kube/informer.ts';
import { findController } from '../../chassis/ownership.ts';
import { isExternallyPopulated, waitsForConsumer } from '../populators.ts';
import { ANNOTATION } from '../vocabulary.ts';
import type { Cdi } from './cdi.ts';
import { recordStatusChange } from './data-volume-events.ts';
import { resolveSource } from './data-volume-source.ts';
import { forcedStatus, nextStatus } from './data-volume-status.ts';
import { type SyncOutcome, syncDataVolume } from './data-volume-sync.ts';

type Kind = 'pvc' | 'snapshot' | 'import';

export function startDataVolumes(cdi: Cdi): void {
  const { lab } = cdi;
  const start = (name: string) => {
    const context = { ...cdi, events: cdi.recorder(name) };
    return lab.controller({
      name,
      workers: lab.parameters.cdi.workers,
      reconcile: (key) => reconcile(context, key),
    });
  };
  const controllers: Readonly<Record<Kind, Controller>> = {
    pvc: start('datavolume-pvc-clone-controller'),
    snapshot: start('datavolume-snapshot-clone-controller'),
    import: start('datavolume-import-controller'),
  };
  const look = (dataVolume: DataVolume | undefined) => {
    const kind = dataVolume && resolveSource(lab, dataVolume)?.kind;
    // Where the DataSource that it refers to is missing, none of the controllers takes it.
    if (!dataVolume || kind === undefined) return;
    const controller =
      kind === 'pvc' || kind === 'snapshot' ? controllers[kind] : controllers.import;
    controller.enqueue(makeObjectKey(dataVolume));
  };
  watchDataVolumes(cdi, look);
}

function watchDataVolumes({ lab }: Cdi, look: (dataVolume: DataVolume | undefined) => void): void {
  const { dataVolumes, claims, snapshots, dataSources, cloneSources } = lab.copies;
  const lookAtClonesOf = (source: string) => {
    for (const dataVolume of dataVolumes.indexed('source', source)) look(dataVolume);
  };
  dataVolumes.onChange((now) => look(now));
  claims.onChange((now, before) => {
    const claim = (now ?? before) as PersistentVolumeClaim;
    const owner = findController(claim, 'DataVolume');
    if (owner) look(dataVolumes.get(claim.metadata.namespace, owner.name));
    if (now && !before) lookAtClonesOf(`pvc ${makeObjectKey(now)}`);
  });
  snapshots.onChange((now, before) => {
    if (now && !before) lookAtClonesOf(`snapshot ${makeObjectKey(now)}`);
  });
  dataSources.onChange((now) => {
    if (now) lookAtClonesOf(`DataSource ${makeObjectKey(now)}`);
  });
  cloneSources.onChange((now, before) => {
    const { metadata } = now ?? (before as NonNullable<typeof before>);
    const owner = metadata.ownerReferences?.find(({ controller }) => controller)?.name;
    const away = metadata.annotations?.[ANNOTATION.ownedByDataVolume];
    const key = away ?? (owner && objectKey(metadata.namespace, owner));
    if (key === undefined) return;
    const { namespace, name } = splitKey(key);
    look(dataVolumes.get(namespace, name));
  });
}

async function reconcile(cdi: Cdi, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const seen = cdi.dataVolumes.get(namespace, name);
  if (!seen) return undefined;
  const outcome: SyncOutcome = {};
  let failure: { readonly error: unknown } | undefined;
  try {
    await syncDataVolume(cdi, seen, outcome);
  } catch (error) {
    failure = { error };
  }
  try {
    await updateStatus(cdi, key, outcome);
  } catch (error) {
    failure ??= { error };
  }
  if (failure) throw failure.error;
  return outcome.afterUs === undefined ? undefined : { afterUs: outcome.afterUs };
}

/** Looks again: the writes of `sync` may or may not have come back by now. */
async function updateStatus(cdi: Cdi, key: string, { forced }: SyncOutcome): Promise<void> {
  const { lab, client } = cdi;
  const { namespace, name } = splitKey(key);
  const dataVolume = cdi.dataVolumes.get(namespace, name);
  if (!dataVolume) return;
  const { release } = lab.parameters;
  const claim = cdi.claims.get(namespace, name);
  const view = { claim, waitsForConsumer: isWaiting(cdi, claim), release };
  const { status, isWritten } = forced
    ? forcedStatus(dataVolume, forced, release, lab.stamp())
    : nextStatus(dataVolume, view, lab.stamp());
  if (!isWritten) return;
  const { resourceVersion } = dataVolume.metadata;
  const patch = { metadata: { resourceVersion }, status };
  await client.patch(DATA_VOLUMES, dataVolume.metadata, patch, { subresource: 'status' });
  if (!lab.recordEvents) return;
  const source = resolveSource(lab, dataVolume);
  recordStatusChange(cdi.events, dataVolume, { status, source, forced });
}

function isWaiting({ lab }: Cdi, claim: PersistentVolumeClaim | undefined): boolean {
  if (!claim || !isExternallyPopulated(claim)) return false;
  const { storageClasses } = lab.copies;
  return waitsForConsumer(storageClasses.get(undefined, claim.spec.storageClassName ?? ''), claim);
}
