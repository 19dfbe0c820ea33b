/**
 * The protection controllers of kube-controller-manager: a claim in use by a pod, and a volume
 * bound to a claim, outlive their deletion until they are no longer used. A claim that is being
 * cloned is held by the external-provisioner instead, which no server brings along.
 */

import type { Pod } from '../../../api/compute.ts';
import type { KubeObject } from '../../../api/object.ts';
import { CLAIMS, type Resource, VOLUMES } from '../../../api/resources.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/storage.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { hasFinalizer, isDeleting } from '../chassis/ownership.ts';
import type { StorageLab } from './lab.ts';
import { FINALIZER } from './vocabulary.ts';

/** Adds the finalizers at creation, as the admission plugin StorageObjectInUseProtection does. */
export const PROTECTION_ADMISSION: readonly {
  readonly resource: Resource;
  readonly mutate: (object: KubeObject, old?: KubeObject) => KubeObject;
}[] = [
  { resource: CLAIMS, mutate: protectedAtCreation(FINALIZER.claimProtection) },
  { resource: VOLUMES, mutate: protectedAtCreation(FINALIZER.volumeProtection) },
];

/** `serverProtects`: it has the controllers of Kubernetes, and the provisioner's is left. */
export function startProtection(lab: StorageLab, serverProtects: boolean): void {
  const client = lab.clientAs('protection');
  protectClaims(lab, client, serverProtects);
  if (!serverProtects) protectVolumes(lab, client);
}

/** Whether a pod that is not done uses the claim. */
export function podsUsing(
  { copies }: StorageLab,
  namespace: string | undefined,
  name: string,
): readonly Pod[] {
  return [...copies.pods.indexed('claim', `${namespace}/${name}`)].filter(
    ({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  );
}

function protectedAtCreation(finalizer: string) {
  return (object: KubeObject, old?: KubeObject): KubeObject => {
    const finalizers = object.metadata.finalizers ?? [];
    if (old || finalizers.includes(finalizer)) return object;
    return {
      ...object,
      metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] },
    };
  };
}

function protectClaims(lab: StorageLab, client: KubeClient, serverProtects: boolean): void {
  const { claims, pods } = lab.copies;
  const ours = [
    ...(serverProtects ? [] : [FINALIZER.claimProtection]),
    FINALIZER.cloningProtection,
  ];
  const mayGo = (claim: PersistentVolumeClaim | undefined) =>
    claim !== undefined &&
    isDeleting(claim) &&
    ours.some((finalizer) => hasFinalizer(claim, finalizer));
  const controller = lab.controller({
    name: 'claim protection',
    workers: 10,
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const claim = claims.get(namespace, name);
      if (!claim || !mayGo(claim) || podsUsing(lab, namespace, name).length > 0) return undefined;
      const kept = isSourceInUse(lab, claim) ? FINALIZER.cloningProtection : undefined;
      const dropped = ours.filter((finalizer) => finalizer !== kept);
      await dropFinalizer(client, CLAIMS, claim, dropped);
      return undefined;
    },
  });
  claims.onChange((now, before) => {
    if (mayGo(now)) controller.enqueue(makeObjectKey(now as PersistentVolumeClaim));
    if (before && (!now || now.spec.volumeName !== before.spec.volumeName)) {
      wakeSource(lab, before, controller.enqueue);
    }
  });
  pods.onChange((now, before) => {
    for (const { persistentVolumeClaim } of (now ?? before)?.spec.volumes ?? []) {
      const name = persistentVolumeClaim?.claimName;
      const namespace = (now ?? before)?.metadata.namespace;
      if (name !== undefined && mayGo(claims.get(namespace, name))) {
        controller.enqueue(`${namespace}/${name}`);
      }
    }
  });
}

/** A clone that is done may have been the last thing that held its source. */
function wakeSource(
  { copies }: StorageLab,
  claim: PersistentVolumeClaim,
  enqueue: (key: string) => void,
): void {
  const reference = claim.spec.dataSourceRef;
  if (reference?.kind !== 'PersistentVolumeClaim') return;
  const source = copies.claims.get(claim.metadata.namespace, reference.name);
  if (source && isDeleting(source)) enqueue(makeObjectKey(source));
}

/** A walk over all claims, but only when something that was ever cloned is deleted. */
function isSourceInUse({ copies }: StorageLab, source: PersistentVolumeClaim): boolean {
  if (!hasFinalizer(source, FINALIZER.cloningProtection)) return false;
  for (const { metadata, spec } of copies.claims.values()) {
    const reference = spec.dataSourceRef;
    if (
      reference?.kind === 'PersistentVolumeClaim' &&
      reference.name === source.metadata.name &&
      metadata.namespace === source.metadata.namespace &&
      spec.volumeName === undefined
    ) {
      return true;
    }
  }
  return false;
}

function protectVolumes(lab: StorageLab, client: KubeClient): void {
  const { volumes } = lab.copies;
  const mayGo = (volume: PersistentVolume) =>
    isDeleting(volume) &&
    hasFinalizer(volume, FINALIZER.volumeProtection) &&
    volume.status?.phase !== 'Bound';
  const controller = lab.controller({
    name: 'volume protection',
    workers: 10,
    reconcile: async (name) => {
      const volume = volumes.get(undefined, name);
      if (volume && mayGo(volume)) {
        await dropFinalizer(client, VOLUMES, volume, [FINALIZER.volumeProtection]);
      }
      return undefined;
    },
  });
  volumes.onChange((now) => {
    if (now && mayGo(now)) controller.enqueue(now.metadata.name);
  });
}

/** Refused with a conflict where the copy is behind; the controller then tries again. */
async function dropFinalizer<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  object: T,
  finalizers: readonly string[],
): Promise<void> {
  const left = (object.metadata.finalizers ?? []).filter((each) => !finalizers.includes(each));
  if (left.length === object.metadata.finalizers?.length) return;
  const { resourceVersion } = object.metadata;
  await ignoreNotFound(
    client.patch(resource, object.metadata, {
      metadata: { resourceVersion, finalizers: left },
    }),
  );
}
