/**
 * kube-controller-manager's taint eviction: a pod on a node with a NoExecute taint is deleted once
 * its tolerationSeconds are over, 300 of them unless it says otherwise (kubernetes
 * pkg/controller/tainteviction). On a silent node that only marks it: nobody there ends it.
 */

import type { Node, Pod } from '../../../api/compute.ts';
import { NODES, PODS } from '../../../api/resources.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import { isDeleting } from '../chassis/ownership.ts';
import type { ComputeLab } from './lab.ts';
import { evictingTaints, staysUs } from './taints.ts';

interface Stay {
  readonly sinceUs: number;
  readonly cancel: () => void;
}

export function startTaintEviction(lab: ComputeLab): void {
  const client = lab.client({ component: 'kube-controller-manager' });
  const nodes = lab.informer(NODES);
  const pods = lab.informer(PODS);
  /** By pod UID. */
  const stays = new Map<string, Stay>();
  const remove = async (pod: Pod) => {
    const { uid = '' } = pod.metadata;
    await ignoreNotFound(client.remove(PODS, pod.metadata, { uid }));
  };
  const forget = (uid: string) => {
    stays.get(uid)?.cancel();
    stays.delete(uid);
  };
  const look = (pod: Pod, node: Node | undefined) => {
    const { uid = '' } = pod.metadata;
    const taints = evictingTaints(node);
    if (isDeleting(pod)) return forget(uid);
    const nowUs = lab.clock.nowUs();
    const sinceUs = stays.get(uid)?.sinceUs ?? nowUs;
    forget(uid);
    // For ever, where no taint evicts it.
    const leftUs = sinceUs + staysUs(taints, pod.spec.tolerations) - nowUs;
    if (!Number.isFinite(leftUs)) return;
    const cancel = lab.clock.schedule(Math.max(0, leftUs), () => {
      stays.delete(uid);
      if (!lab.stopped) lab.launch(remove(pod));
    });
    stays.set(uid, { sinceUs, cancel });
  };
  nodes.onChange((now, before) => {
    const node = now ?? before;
    if (now?.spec.taints === before?.spec.taints || node === undefined) return;
    if (evictingTaints(now).length === 0 && evictingTaints(before).length === 0) return;
    for (const pod of pods.values()) if (pod.spec.nodeName === node.metadata.name) look(pod, now);
  });
  pods.onChange((now, before) => {
    if (!now) return forget(before?.metadata.uid ?? '');
    const { nodeName } = now.spec;
    const isNews = before?.spec.nodeName !== nodeName || isDeleting(now);
    if (nodeName !== undefined && isNews) look(now, nodes.get(undefined, nodeName));
  });
}
