/**
 * The scheduler's share in volumes that wait for a first consumer: it writes the node that it has
 * chosen onto their claims, and binds the pod once they are bound (kubernetes
 * pkg/scheduler/framework/plugins/volumebinding, PreBind). Left out: its patience of ten minutes,
 * and nodes that a volume is tied to.
 */

import type { Pod } from '../../../api/compute.ts';
import { CLAIMS, STORAGE_CLASSES } from '../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { makeObjectKey, objectKey } from '../../../kube/informer.ts';
import type { ComputeLab } from './lab.ts';

export interface VolumeBinding {
  /** Has the pod's claims bound for this node; calls back once they are. */
  whenBound(pod: Pod, node: string, bound: () => void): Promise<void>;
  /** The pod is gone, or has been given up. */
  forget(pod: Pod): void;
}

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export function createVolumeBinding(lab: ComputeLab, client: KubeClient): VolumeBinding {
  const claims = lab.informer(CLAIMS);
  /** By the key of a pod: what waits, and for which claims. */
  const waiting = new Map<string, { readonly keys: Set<string>; readonly bound: () => void }>();
  claims.onChange((now) => {
    if (waiting.size === 0 || now?.status?.phase !== 'Bound') return;
    for (const [pod, { keys, bound }] of waiting) {
      if (!keys.delete(makeObjectKey(now)) || keys.size > 0) continue;
      waiting.delete(pod);
      bound();
    }
  });
  return {
    async whenBound(pod, node, bound) {
      const unbound: PersistentVolumeClaim[] = [];
      for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
        const name = persistentVolumeClaim?.claimName;
        const claim = name && claims.get(pod.metadata.namespace, name);
        if (claim && claim.status?.phase !== 'Bound' && (await isLate(client, claim))) {
          unbound.push(claim);
        }
      }
      if (unbound.length === 0) return bound();
      const keys = new Set(
        unbound.map(({ metadata }) => objectKey(metadata.namespace, metadata.name)),
      );
      waiting.set(makeObjectKey(pod), { keys, bound });
      for (const { metadata } of unbound) {
        const annotations = { [SELECTED_NODE]: node };
        await client.patch(CLAIMS, metadata, { metadata: { annotations } });
      }
    },
    forget: (pod) => void waiting.delete(makeObjectKey(pod)),
  };
}

/** Of a class that binds on first use. */
async function isLate(client: KubeClient, { spec }: PersistentVolumeClaim): Promise<boolean> {
  const { storageClassName: name = '' } = spec;
  const { volumeBindingMode } = await client.get(STORAGE_CLASSES, { name });
  return volumeBindingMode === 'WaitForFirstConsumer';
}
