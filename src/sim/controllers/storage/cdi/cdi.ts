/**
 * What CDI's controllers share: one process, one client, caches that know nothing of its own last
 * writes. The client's limit is easily misread: not one bucket for all requests but one for each
 * kind, 20 a second each, and the one for claims is what bounds cloning.
 */

import type { Pod } from '../../../../api/compute.ts';
import type { KubeObject } from '../../../../api/object.ts';
import { CLAIMS, type Resource } from '../../../../api/resources.ts';
import type {
  DataVolume,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../../../api/storage.ts';
import { ignoreNotFound } from '../../../../kube/api-error.ts';
import type { KubeClient } from '../../../../kube/client.ts';
import type { ObjectRef } from '../../../../kube/paths.ts';
import { createTokenBucket } from '../../../../kube/rate-limit.ts';
import type { Informer } from '../../../../kube/informer.ts';
import { limitedPerKind } from '../../chassis/buckets.ts';
import type { EventRecorder } from '../../chassis/event-recorder.ts';
import type { StorageLab } from '../lab.ts';

export interface Cdi {
  readonly lab: StorageLab;
  readonly client: KubeClient;
  readonly dataVolumes: Cache<DataVolume>;
  readonly claims: Cache<PersistentVolumeClaim>;
  readonly volumes: Cache<PersistentVolume>;
  /** Of the controller that is at work. */
  readonly events: EventRecorder;
  recorder(controller: string): EventRecorder;
  /** What a worker pod tells of itself under /metrics, 0 to 1; undefined where it tells nothing. */
  progressOf(pod: Pod): number | undefined;
}

type Cache<T extends KubeObject> = Pick<Informer<T>, 'get'>;

export function createCdi(lab: StorageLab, progressOf: Cdi['progressOf']): Cdi {
  const { clock, copies, parameters } = lab;
  const recorder = makeRecorder(lab);
  return {
    lab,
    client: lab.clientAs('cdi', limitedPerKind(clock, parameters.cdi)),
    dataVolumes: copies.dataVolumes,
    claims: copies.claims,
    volumes: copies.volumes,
    events: recorder('cdi-controller'),
    recorder,
    progressOf,
  };
}

/** Events have a bucket of their own, so that only people wait for them. */
function makeRecorder(lab: StorageLab): (component: string) => EventRecorder {
  const { clock, parameters, recordEvents } = lab;
  const limiter = createTokenBucket(clock, parameters.cdi);
  const client = lab.clientAs('cdi');
  const { roundTripUs } = parameters.api;
  const charge = recordEvents ? { limiter, roundTripUs } : undefined;
  return (component) => lab.recorder(component, client, charge);
}

/** Deletes what may be gone already. */
export async function removeIfThere(
  client: KubeClient,
  resource: Resource,
  ref: ObjectRef,
  options: { readonly gracePeriodSeconds?: number } = {},
): Promise<void> {
  await ignoreNotFound(client.remove(resource, ref, options));
}

export function getAnnotation(object: KubeObject, name: string): string | undefined {
  return object.metadata.annotations?.[name];
}

export function findStorageClass(
  { lab }: Cdi,
  claim: PersistentVolumeClaim,
): StorageClass | undefined {
  return lab.copies.storageClasses.get(undefined, claim.spec.storageClassName ?? '');
}

/** The annotations of `wanted` that the object lacks or has otherwise; undefined for none. */
export function missingAnnotations(
  object: KubeObject,
  wanted: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const missing: Record<string, string> = {};
  let any = false;
  for (const name in wanted) {
    const value = wanted[name] as string;
    if (getAnnotation(object, name) === value) continue;
    missing[name] = value;
    any = true;
  }
  return any ? missing : undefined;
}

/** Writes what the claim lacks of `wanted`; refused where the copy of it is behind. */
export async function annotateClaim(
  cdi: Cdi,
  claim: PersistentVolumeClaim,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const { resourceVersion } = claim.metadata;
  await addAnnotations(cdi, claim, wanted, { resourceVersion });
}

/** The same whatever has been written since, but for what `where` asks of the claim. */
export async function addAnnotations(
  { client }: Cdi,
  claim: PersistentVolumeClaim,
  wanted: Readonly<Record<string, string>>,
  where: { readonly resourceVersion?: string | undefined } = {},
): Promise<void> {
  const annotations = missingAnnotations(claim, wanted);
  if (!annotations) return;
  await client.patch(CLAIMS, claim.metadata, { metadata: { ...where, annotations } });
}

/** As CDI writes a progress. */
export function percentText(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
