/**
 * The scheduler's share in volumes (kubernetes pkg/scheduler/framework/plugins/volumebinding). No
 * node is looked for while claims that wait for no consumer are not bound (PreFilter). Onto those
 * that do wait it writes the node that it has chosen, and binds the pod once they are bound, or
 * gives that try up after ten minutes (PreBind). Left out: nodes that a volume is tied to.
 */

import type { Pod } from '../../../api/compute.ts';
import { claimNames } from '../../../api/pod-claims.ts';
import { CLAIMS, STORAGE_CLASSES } from '../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../api/storage.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { makeObjectKey, objectKey } from '../../../kube/informer.ts';
import { isDeleting } from '../chassis/ownership.ts';
import type { ComputeLab } from './lab.ts';

export interface VolumeBinding {
  /** Why the pod can have no node yet; undefined where nothing is in its way. */
  findObstacle(pod: Pod): string | undefined;
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
  const classes = lab.informer(STORAGE_CLASSES);
  const isLate = ({ spec }: PersistentVolumeClaim) =>
    classes.get(undefined, spec.storageClassName ?? '')?.volumeBindingMode ===
    'WaitForFirstConsumer';
  /** By the key of a pod: what waits, and for which claims. */
  const waiting = new Map<string, Waiting>();
  const forget = (pod: string) => {
    waiting.get(pod)?.cancel();
    waiting.delete(pod);
  };
  claims.onChange((now) => {
    if (waiting.size === 0 || !now || !isBound(now)) return;
    for (const [pod, { keys, bound }] of waiting) {
      if (!keys.delete(makeObjectKey(now)) || keys.size > 0) continue;
      forget(pod);
      bound();
    }
  });
  return {
    findObstacle(pod) {
      let isUnbound = false;
      for (const name of claimNames(pod)) {
        const claim = claims.get(pod.metadata.namespace, name);
        if (!claim) return `persistentvolumeclaim "${name}" not found`;
        const volume = claim.spec.volumeName;
        const lost = `bound to non-existent persistentvolume "${volume}"`;
        if (claim.status?.phase === 'Lost') return `persistentvolumeclaim "${name}" ${lost}`;
        if (isDeleting(claim)) return `persistentvolumeclaim "${name}" is being deleted`;
        // One that names its volume already waits for no consumer.
        isUnbound ||= !isBound(claim) && (volume !== undefined || !isLate(claim));
      }
      return isUnbound ? 'pod has unbound immediate PersistentVolumeClaims' : undefined;
    },
    async whenBound(pod, node, { bound, tooLate }) {
      const unbound: PersistentVolumeClaim[] = [];
      for (const name of claimNames(pod)) {
        const claim = claims.get(pod.metadata.namespace, name);
        if (claim && !isBound(claim) && isLate(claim)) unbound.push(claim);
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

function isBound({ status }: PersistentVolumeClaim): boolean {
  return status?.phase === 'Bound';
}
