/**
 * external-provisioner v4.0 for the RBD driver: a claim becomes a volume, a released volume goes.
 * Easily missed: all its requests and its two event recorders share one bucket of 5 a second,
 * snapshots are read through a second one, and a worker is held during the whole attempt.
 */

import { VOLUMES } from '../../../api/resources.ts';
import type { PersistentVolumeClaim, StorageClass } from '../../../api/storage.ts';
import { parseBytes } from '../../../core/bytes.ts';
import { createOnce } from '../../../kube/create-once.ts';
import { type KubeClient, limitedBy } from '../../../kube/client.ts';
import type { Controller } from '../../../kube/controller.ts';
import { makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { createTokenBucket, type RateLimiter } from '../../../kube/rate-limit.ts';
import { isDeleting } from '../chassis/ownership.ts';
import type { EventRecorder } from '../chassis/event-recorder.ts';
import type { StorageLab } from './lab.ts';
import { isExternallyPopulated, waitsForConsumer } from './populators.ts';
import { createSourceReader, readSecret, type SourceReader } from './provision-source.ts';
import { BINDING, derivedName } from './vocabulary.ts';
import { startVolumeDeletion } from './volume-deletion.ts';
import { volumeObject } from './volume-object.ts';

/** Under which its requests are told. */
const PROVISIONER = 'external-provisioner';

interface Provisioner {
  readonly lab: StorageLab;
  readonly client: KubeClient;
  readonly sources: SourceReader;
  readonly core: RateLimiter;
  /** Of the library's controller, and of the driver's part; both take from `core`. */
  readonly events: EventRecorder;
  readonly driverEvents: EventRecorder;
  /** Claims whose last attempt failed: only their back-off brings them back. */
  readonly failing: Set<string>;
}

export function startProvisioner(lab: StorageLab): void {
  const provisioner = createProvisioner(lab);
  const { parameters, copies } = lab;
  const { retryStartUs, retryMaxUs, workers } = parameters.provisioner;
  const controller = lab.controller({
    name: 'provisioner',
    workers,
    backoff: { firstUs: retryStartUs, maxUs: retryMaxUs, factor: 2 },
    reconcile: async (key) => {
      await provisionClaim(provisioner, key);
      return undefined;
    },
  });
  copies.claims.onChange((now, before) => onClaim(provisioner, controller, now, before));
  startVolumeDeletion(lab, provisioner.client, provisioner.core);
}

function createProvisioner(lab: StorageLab): Provisioner {
  const { clock, parameters } = lab;
  const core = createTokenBucket(clock, parameters.provisioner);
  const snapshotBucket = createTokenBucket(clock, parameters.provisioner);
  const client = lab.clientAs(PROVISIONER, limitedBy(core));
  const snapshotClient = lab.clientAs(PROVISIONER, limitedBy(snapshotBucket));
  const recorder = (component: string) =>
    lab.recorder(component, lab.clientAs(PROVISIONER), {
      limiter: core,
      roundTripUs: parameters.api.roundTripUs,
    });
  return {
    lab,
    client,
    sources: createSourceReader(lab, client, snapshotClient),
    core,
    // Its own name has host and a UUID of the process behind the driver's.
    events: recorder(`${lab.driver.traits.name}_csi-provisioner_${lab.processUuid}`),
    driverEvents: recorder('external-provisioner'),
    failing: new Set(),
  };
}

function onClaim(
  { failing }: Provisioner,
  controller: Controller,
  now: PersistentVolumeClaim | undefined,
  before: PersistentVolumeClaim | undefined,
): void {
  if (!now) {
    if (!before) return;
    failing.delete(makeObjectKey(before));
    return;
  }
  if (now.spec.volumeName !== undefined) return;
  const key = makeObjectKey(now);
  if (!failing.has(key)) controller.enqueue(key);
}

async function provisionClaim(provisioner: Provisioner, key: string): Promise<void> {
  const { lab, failing } = provisioner;
  const { namespace, name } = splitKey(key);
  const claim = lab.copies.claims.get(namespace, name);
  const storageClass = claim && classToServe(lab, claim);
  if (!claim || !storageClass) {
    failing.delete(key);
    return;
  }
  if (isExternallyPopulated(claim)) {
    leaveToPopulator(provisioner, claim);
    return;
  }
  try {
    await provision(provisioner, claim, storageClass);
    failing.delete(key);
  } catch (error) {
    failing.add(key);
    const text = error instanceof Error ? error.message : String(error);
    const className = storageClass.metadata.name;
    const message = `failed to provision volume with StorageClass "${className}": ${text}`;
    provisioner.events.record(claim, 'Warning', 'ProvisioningFailed', message);
    throw error;
  }
}

/** The class by which this provisioner has to act on the claim now; undefined where it has not. */
function classToServe(lab: StorageLab, claim: PersistentVolumeClaim): StorageClass | undefined {
  if (claim.spec.volumeName !== undefined || isDeleting(claim)) return undefined;
  const storageClass = lab.copies.storageClasses.get(undefined, claim.spec.storageClassName ?? '');
  const { name } = lab.driver.traits;
  if (storageClass?.provisioner !== name) return undefined;
  // The PV controller says by an annotation that it has found no volume for the claim.
  const { annotations } = claim.metadata;
  const asked = annotations?.[BINDING.provisioner] ?? annotations?.[BINDING.betaProvisioner];
  if (asked !== name) return undefined;
  if (lab.copies.volumes.get(undefined, derivedName.volume(claim.metadata.uid ?? ''))) {
    return undefined;
  }
  return waitsForConsumer(storageClass, claim) ? undefined : storageClass;
}

/** Two recorders say so each time the claim is looked at: their requests take their tokens too. */
function leaveToPopulator(
  { events, driverEvents }: Provisioner,
  claim: PersistentVolumeClaim,
): void {
  recordProvisioning(events, claim);
  const text = 'Assuming an external populator will provision the volume';
  driverEvents.record(claim, 'Normal', 'Provisioning', text);
}

function recordProvisioning(events: EventRecorder, claim: PersistentVolumeClaim): void {
  const { namespace, name } = claim.metadata;
  const text = `External provisioner is provisioning volume for claim "${namespace}/${name}"`;
  events.record(claim, 'Normal', 'Provisioning', text);
}

async function provision(
  provisioner: Provisioner,
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
): Promise<void> {
  const { lab, client, events } = provisioner;
  recordProvisioning(events, claim);
  const source = await provisioner.sources.read(claim);
  await readSecret(lab, provisioner.core, PROVISIONER);
  const name = derivedName.volume(claim.metadata.uid ?? '');
  const sizeBytes = parseBytes(claim.spec.resources?.requests?.['storage'] ?? '') ?? 0;
  const startedUs = lab.clock.nowUs();
  const outcome = await lab.driver.csi.createVolume({ name, sizeBytes, source });
  if (!outcome.ok) {
    // The deadline names the failure; the timing model, like this one, lets the worker wait for
    // the driver, since a retry could only be told that the operation is still on the way.
    const late = lab.clock.nowUs() - startedUs > lab.parameters.provisioner.timeoutUs;
    const code = late ? 'DeadlineExceeded' : outcome.code;
    const desc = late ? 'context deadline exceeded' : outcome.message;
    throw new Error(`rpc error: code = ${code} desc = ${desc}`);
  }
  const volume = volumeObject(claim, storageClass, outcome.value, lab.driver.traits);
  await createOnce(client, VOLUMES, volume);
  const text = `Successfully provisioned volume ${name}`;
  events.record(claim, 'Normal', 'ProvisioningSucceeded', text);
}
