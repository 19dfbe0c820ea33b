/**
 * kube-controller-manager's pod collector, as far as silent nodes go: a pod that is being deleted
 * on a node that is not ready and out of service has failed, and is gone (kubernetes
 * pkg/controller/podgc gcTerminating). It looks at a beat of its own.
 */

import type { Pod } from '../../../api/compute.ts';
import { NODES, PODS } from '../../../api/resources.ts';
import { isConflict, isNotFound } from '../../../kube/api-error.ts';
import { isDeleting } from '../chassis/ownership.ts';
import type { ComputeLab } from './lab.ts';
import { isOutOfService } from './taints.ts';
import { isPodDown } from './vmi-status.ts';

export function startPodCollector(lab: ComputeLab): void {
  const client = lab.client({ component: 'kube-controller-manager' });
  const pods = lab.informer(PODS);
  const { periodUs } = lab.parameters.podGc;
  const phaseUs = lab.rng.fork('pod gc').integer(Math.max(1, periodUs));
  const given = new Set<string>();
  let isArmed = false;
  const isLost = (pod: Pod) => isDeleting(pod) && given.has(pod.spec.nodeName ?? '');
  const end = async (pod: Pod) => {
    try {
      if (!isPodDown(pod)) {
        await client.update(PODS, { ...pod, status: { ...pod.status, phase: 'Failed' } }, 'status');
      }
      const { uid = '' } = pod.metadata;
      await client.remove(PODS, pod.metadata, { uid, gracePeriodSeconds: 0 });
    } catch (error) {
      // Changed meanwhile: at the next turn.
      if (isConflict(error)) arm();
      else if (!isNotFound(error)) throw error;
    }
  };
  const turn = () => {
    isArmed = false;
    if (lab.stopped) return;
    for (const pod of pods.values()) if (isLost(pod)) lab.launch(end(pod));
  };
  const arm = () => {
    if (isArmed) return;
    isArmed = true;
    const nowUs = lab.clock.nowUs();
    const nextUs = phaseUs + (Math.floor((nowUs - phaseUs) / periodUs) + 1) * periodUs;
    lab.clock.schedule(nextUs - nowUs, turn);
  };
  lab.informer(NODES).onChange((now, before) => {
    const { name } = (now ?? before)?.metadata ?? { name: '' };
    if (!now || !isOutOfService(now)) {
      given.delete(name);
      return;
    }
    given.add(name);
    arm();
  });
  pods.onChange((now) => {
    if (given.size > 0 && now && isLost(now)) arm();
  });
}
