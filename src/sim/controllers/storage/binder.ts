/**
 * The PV controller of kube-controller-manager, for volumes that name their claim: it binds the
 * two, notices claims whose volume was given to another (Lost), and releases volumes whose claim
 * is gone. Size and class matching is left out: every volume here is made for one claim.
 */

import { CLAIMS, VOLUMES } from '../../../api/resources.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/storage.ts';
import type { Rng } from '../../../core/rng.ts';
import { isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Controller } from '../../../kube/controller.ts';
import { makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { isDeleting } from '../chassis/ownership.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import type { StorageLab } from './lab.ts';
import { createLatest, type Latest } from '../chassis/latest.ts';
import { waitsForConsumer } from './populators.ts';
import { BINDING } from './vocabulary.ts';

interface Binder {
  readonly lab: StorageLab;
  readonly client: KubeClient;
  readonly claims: Latest<PersistentVolumeClaim>;
  readonly volumes: Latest<PersistentVolume>;
  readonly events: EventRecorder;
  readonly rng: Rng;
}

/** One worker for claims and one for volumes (pv_controller_base.go Run). */
const WORKERS = 1;

export function startBinder(lab: StorageLab): void {
  const { clock, copies } = lab;
  const binder: Binder = {
    lab,
    client: lab.clientAs('persistentvolume-controller'),
    claims: createLatest(clock, copies.claims),
    volumes: createLatest(clock, copies.volumes),
    events: lab.recorder('persistentvolume-controller'),
    rng: lab.rng.fork('volume binder'),
  };
  const volumes = lab.controller({
    name: 'volume binder',
    workers: WORKERS,
    reconcile: async (name) => {
      await syncVolume(binder, name);
      return undefined;
    },
  });
  const claims = lab.controller({
    name: 'claim binder',
    workers: WORKERS,
    reconcile: async (key) => {
      await syncClaim(binder, key);
      return undefined;
    },
  });
  copies.volumes.onChange((now, before) => onVolume(binder, volumes, claims, now, before));
  copies.claims.onChange((now, before) => onClaim(binder, volumes, claims, now, before));
}

function onVolume(
  binder: Binder,
  volumes: Controller,
  claims: Controller,
  now: PersistentVolume | undefined,
  before: PersistentVolume | undefined,
): void {
  const { lab } = binder;
  if (now && !isVolumeSettled(lab, now))
    volumes.enqueueAfter(now.metadata.name, drawLeadUs(binder));
  // A claim whose volume is gone is told of it. One whose volume was given to another is not: that
  // shows when it changes itself.
  const claim = before?.spec.claimRef;
  if (!now && claim) claims.enqueue(`${claim.namespace}/${claim.name}`);
}

function onClaim(
  { lab }: Binder,
  volumes: Controller,
  claims: Controller,
  now: PersistentVolumeClaim | undefined,
  before: PersistentVolumeClaim | undefined,
): void {
  const claim = (now ?? before) as PersistentVolumeClaim;
  if (now && !isClaimSettled(lab, now)) claims.enqueue(makeObjectKey(now));
  if (now && before) return;
  for (const { metadata } of lab.copies.volumes.indexed('claim', makeObjectKey(claim))) {
    volumes.enqueue(metadata.name);
  }
}

/**
 * provisionClaim: the annotation asks the provisioner for a volume. Refused where somebody else has
 * changed the claim meanwhile; that change brings it back here.
 */
async function askForVolume(binder: Binder, claim: PersistentVolumeClaim): Promise<void> {
  const { client, claims, events, lab } = binder;
  const { storageClassName = '' } = claim.spec;
  const storageClass = lab.copies.storageClasses.get(undefined, storageClassName);
  if (!storageClass || isDeleting(claim)) return;
  if (waitsForConsumer(storageClass, claim)) {
    const text = 'waiting for first consumer to be created before binding';
    return events.record(claim, 'Normal', 'WaitForFirstConsumer', text);
  }
  const { provisioner } = storageClass;
  const { annotations, resourceVersion } = claim.metadata;
  if (annotations?.[BINDING.provisioner] !== provisioner) {
    const asked = { [BINDING.betaProvisioner]: provisioner, [BINDING.provisioner]: provisioner };
    const patch = { metadata: { resourceVersion, annotations: asked } };
    try {
      claims.wrote(await client.patch(CLAIMS, claim.metadata, patch));
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      events.record(claim, 'Warning', 'ProvisioningFailed', `Error saving claim: ${problem}`);
      return;
    }
  }
  const text =
    'Waiting for a volume to be created either by the external provisioner ' +
    `'${provisioner}' or manually by the system administrator. If volume creation is delayed, ` +
    'please verify that the provisioner is running and correctly registered.';
  events.record(claim, 'Normal', 'ExternalProvisioning', text);
}

/** Nothing to do for the volume, as far as the copies tell. */
function isVolumeSettled({ copies }: StorageLab, { metadata, spec, status }: PersistentVolume) {
  const reference = spec.claimRef;
  if (!reference) return status?.phase === 'Available';
  const claim = copies.claims.get(reference.namespace, reference.name);
  if (!claim || claim.metadata.uid !== reference.uid) return status?.phase === 'Released';
  return status?.phase === 'Bound' && claim.spec.volumeName === metadata.name && isFinal(claim);
}

function isClaimSettled({ copies }: StorageLab, claim: PersistentVolumeClaim): boolean {
  const { volumeName } = claim.spec;
  if (claim.status?.phase === 'Lost') return true;
  if (volumeName === undefined) return false;
  const volume = copies.volumes.get(undefined, volumeName);
  return volume?.spec.claimRef?.uid === claim.metadata.uid && claim.status?.phase === 'Bound';
}

function isFinal({ status }: PersistentVolumeClaim): boolean {
  return status?.phase === 'Bound' || status?.phase === 'Lost';
}

/**
 * What is left of the time of one binding (`volumeBinder.bindTime`, seen to seen) once the watch
 * on either side and the writes have had theirs: the wait for the controller's loop.
 */
function drawLeadUs({ lab, rng }: Binder): number {
  const { api, volumeBinder } = lab.parameters;
  const meanUs = volumeBinder.bindTimeUs - 2 * api.watchDelayUs - 2 * api.roundTripUs;
  return meanUs <= 0 ? 0 : rng.gamma(meanUs, volumeBinder.variation);
}

async function syncVolume(binder: Binder, name: string): Promise<void> {
  const { claims } = binder;
  const volume = binder.volumes.get(undefined, name);
  if (!volume) return;
  const reference = volume.spec.claimRef;
  if (!reference) return setVolumePhase(binder, volume, 'Available');
  const claim = claims.get(reference.namespace, reference.name);
  if (!claim || (reference.uid !== undefined && claim.metadata.uid !== reference.uid)) {
    if (volume.status?.phase === 'Released') return;
    return release(binder, volume);
  }
  if (claim.spec.volumeName !== undefined && claim.spec.volumeName !== name) return;
  await bind(binder, volume, claim);
}

/** The copy may be behind: a volume is only released once the server knows no such claim. */
async function release(binder: Binder, volume: PersistentVolume): Promise<void> {
  const reference = volume.spec.claimRef;
  if (!reference) return;
  try {
    const live = await binder.client.get(CLAIMS, reference);
    if (reference.uid === undefined || live.metadata.uid === reference.uid) return;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await setVolumePhase(binder, volume, 'Released');
}

async function setVolumePhase(
  { client, volumes }: Binder,
  volume: PersistentVolume,
  phase: 'Available' | 'Bound' | 'Released',
): Promise<void> {
  if (volume.status?.phase === phase) return;
  const patch = { status: { phase } };
  volumes.wrote(await client.patch(VOLUMES, volume.metadata, patch, { subresource: 'status' }));
}

async function bind(
  binder: Binder,
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): Promise<void> {
  const { client, claims, lab } = binder;
  if (isFinal(claim) && volume.status?.phase === 'Bound') return;
  await setVolumePhase(binder, volume, 'Bound');
  if (claim.spec.volumeName === undefined) {
    const patch = {
      metadata: { annotations: { [BINDING.completed]: 'yes', [BINDING.byController]: 'yes' } },
      spec: { volumeName: volume.metadata.name },
    };
    claims.wrote(await client.patch(CLAIMS, claim.metadata, patch));
  }
  if (isFinal(claim)) return;
  if (lab.faults.losesVolume?.(claim)) return lose(binder, claim, 'ClaimLost');
  await setClaimStatus(binder, claim, {
    phase: 'Bound',
    accessModes: volume.spec.accessModes ?? [],
    capacity: volume.spec.capacity ?? {},
  });
}

async function setClaimStatus(
  { client, claims }: Binder,
  claim: PersistentVolumeClaim,
  status: Readonly<Record<string, unknown>>,
): Promise<void> {
  const options = { subresource: 'status' };
  claims.wrote(await client.patch(CLAIMS, claim.metadata, { status }, options));
}

async function syncClaim(binder: Binder, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const claim = binder.claims.get(namespace, name);
  if (!claim) return;
  if (!claim.spec.volumeName) {
    const held = binder.lab.copies.volumes.indexed('claim', key);
    const isTaken = [...held].some(({ spec }) => spec.claimRef?.uid === claim.metadata.uid);
    if (!isTaken) await askForVolume(binder, claim);
    return;
  }
  const volume = binder.volumes.get(undefined, claim.spec.volumeName);
  if (volume?.spec.claimRef?.uid === claim.metadata.uid) {
    if (volume && claim.status?.phase !== 'Bound') await bind(binder, volume, claim);
    return;
  }
  const wasBound = claim.metadata.annotations?.[BINDING.completed] !== undefined;
  if (!wasBound || claim.status?.phase === 'Lost') return;
  await lose(binder, claim, volume ? 'ClaimMisbound' : 'ClaimLost');
}

async function lose(
  binder: Binder,
  claim: PersistentVolumeClaim,
  reason: 'ClaimMisbound' | 'ClaimLost',
): Promise<void> {
  const text =
    reason === 'ClaimMisbound'
      ? 'Two claims are bound to the same volume, this one is bound incorrectly'
      : 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
  binder.events.record(claim, 'Warning', reason, text);
  await setClaimStatus(binder, claim, { phase: 'Lost', capacity: null });
}
