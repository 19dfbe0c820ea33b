/**
 * The scheduler's share in volumes that wait for a first consumer: it writes the node that it has
 * chosen onto their claims, and binds the pod once they are bound (kubernetes
 * pkg/scheduler/framework/plugins/volumebinding, PreBind), or gives that try up after ten minutes.
 * Left out: nodes that a volume is tied to.
 */

import type { Pod } from '../../../api/compute.ts';
import { CLAIMS, STORAGE_CLASSES } from '../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { makeObjectKey, objectKey } from '../../../kube/informer.ts';
import type { ComputeLab } from './lab.ts';

export interface VolumeBinding {
  /** Has the pod's claims bound for this node; calls back once they are, or never will be. */
  whenBound(pod: Pod, node: string, end: BindingEnd): Promise<void>;
  /** The pod is gone, or has been given up. */
  forget(pod: Pod): void;
}

export interface BindingEnd {
  bound(): void;
  tooLate(): void;
}

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export function createVolumeBinding(lab: ComputeLab, client: KubeClient): VolumeBinding {
  const claims = lab.informer(CLAIMS);
  /** By the key of a pod: what waits, and for which claims. */
  const waiting = new Map<string, Waiting>();
  const forget = (pod: string) => {
    waiting.get(pod)?.cancel();
    waiting.delete(pod);
  };
  claims.onChange((now) => {
    if (waiting.size === 0 || now?.status?.phase !== 'Bound') return;
    for (const [pod, { keys, bound }] of waiting) {
      if (!keys.delete(makeObjectKey(now)) || keys.size > 0) continue;
      forget(pod);
      bound();
    }
  });
  return {
    async whenBound(pod, node, { bound, tooLate }) {
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
      const key = makeObjectKey(pod);
      const giveUp = () => {
        forget(key);
        tooLate();
      };
      const patienceUs = lab.parameters.scheduler.volumeBindTimeoutUs;
      const cancel = lab.clock.schedule(patienceUs, giveUp, { kind: 'background' });
      forget(key);
      waiting.set(key, { keys, bound, cancel });
      for (const { metadata } of unbound) {
        const annotations = { [SELECTED_NODE]: node };
        await client.patch(CLAIMS, metadata, { metadata: { annotations } });
      }
    },
    forget: (pod) => forget(makeObjectKey(pod)),
  };
}

interface Waiting {
  /** Of the claims. */
  readonly keys: Set<string>;
  bound(): void;
  /** Of the patience. */
  cancel(): void;
}

/** Of a class that binds on first use. */
async function isLate(client: KubeClient, { spec }: PersistentVolumeClaim): Promise<boolean> {
  const { storageClassName: name = '' } = spec;
  const { volumeBindingMode } = await client.get(STORAGE_CLASSES, { name });
  return volumeBindingMode === 'WaitForFirstConsumer';
}
