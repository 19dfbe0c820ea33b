/**
 * From a pod to the volumes behind its claims. A claim that is not bound yet has none; whoever
 * asked is told when that may have changed.
 */

import type { Pod } from '../../../api/compute.ts';
import { claimNames } from '../../../api/pod-claims.ts';
import { CLAIMS, VOLUMES } from '../../../api/resources.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/storage.ts';
import { type Informer, makeObjectKey, objectKey } from '../../../kube/informer.ts';
import type { ComputeLab } from './lab.ts';

export interface PodVolume {
  readonly volumeName: string;
  readonly driver: string;
  readonly handle: string;
  /** As nodes name it: `kubernetes.io/csi/DRIVER^HANDLE`. */
  readonly uniqueName: string;
  readonly sharable: boolean;
}

export interface PodVolumes {
  /** All volumes of the pod, in order; undefined while a claim of it is unbound or unknown. */
  of(pod: Pod): readonly PodVolume[] | undefined;
  /** Of a claim; undefined while it is unbound or unknown. */
  ofClaim(namespace: string | undefined, claimName: string): PodVolume | undefined;
  /** Of a PersistentVolume by its name. */
  named(volumeName: string): PodVolume | undefined;
  /** Calls back once, when a claim of the pod has changed. */
  whenBound(pod: Pod, callback: () => void): void;
}

export function createPodVolumes(lab: ComputeLab): PodVolumes {
  const claims: Informer<PersistentVolumeClaim> = lab.informer(CLAIMS);
  const volumes: Informer<PersistentVolume> = lab.informer(VOLUMES);
  const waiting = new Map<string, (() => void)[]>();
  const wake = (key: string) => {
    const callbacks = waiting.get(key);
    if (!callbacks) return;
    waiting.delete(key);
    for (const callback of callbacks) callback();
  };
  claims.onChange((now) => {
    if (now && waiting.size > 0) wake(makeObjectKey(now));
  });
  // A claim can be seen bound before its volume is seen at all.
  volumes.onChange((now, before) => {
    const claim = now?.spec.claimRef;
    if (claim && !before && waiting.size > 0) wake(objectKey(claim.namespace, claim.name));
  });
  const named = (volumeName: string) => {
    const volume = volumes.get(undefined, volumeName);
    return volume && podVolume(volume);
  };
  const ofClaim = (namespace: string | undefined, claimName: string) => {
    const claim = claims.get(namespace, claimName);
    if (claim?.status?.phase !== 'Bound' || claim.spec.volumeName === undefined) return undefined;
    return named(claim.spec.volumeName);
  };
  return {
    named,
    ofClaim,
    of(pod) {
      const found: PodVolume[] = [];
      for (const claimName of claimNames(pod)) {
        const volume = ofClaim(pod.metadata.namespace, claimName);
        if (!volume) return undefined;
        found.push(volume);
      }
      return found;
    },
    whenBound(pod, callback) {
      const { namespace } = pod.metadata;
      for (const claimName of claimNames(pod)) {
        if (ofClaim(namespace, claimName)) continue;
        const key = objectKey(namespace, claimName);
        waiting.set(key, [...(waiting.get(key) ?? []), callback]);
        return;
      }
      callback();
    },
  };
}

function podVolume(volume: PersistentVolume): PodVolume | undefined {
  const { csi, accessModes } = volume.spec;
  if (!csi) return undefined;
  return {
    volumeName: volume.metadata.name,
    driver: csi.driver,
    handle: csi.volumeHandle,
    uniqueName: `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`,
    sharable: accessModes?.includes('ReadWriteMany') ?? false,
  };
}
