/** What a kubelet says of init containers: KubeVirt's head tails the console of a guest in one. */

import { expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/compute.ts';
import { type PodStage, podStatus } from '../../../../src/sim/controllers/compute/pod-status.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'launcher' },
  spec: {
    containers: [{ name: 'compute' }],
    initContainers: [{ name: 'prepare' }, { name: 'guest-console-log', restartPolicy: 'Always' }],
  },
};

const view = { pod, address: undefined, hostAddress: undefined, failed: false, stamp: 'now' };

test.each<[PodStage, string, string]>([
  ['starting', 'waiting', 'waiting'],
  ['running', 'terminated', 'running'],
  ['stopped', 'terminated', 'terminated'],
])('%s: one that prepares is %s, one beside the others %s', (stage, prepare, beside) => {
  const { initContainerStatuses } = podStatus({ ...view, stage });
  const states = initContainerStatuses?.map(({ name, state }) => [
    name,
    ...Object.keys(state ?? {}),
  ]);
  expect(states).toEqual([
    ['prepare', prepare],
    ['guest-console-log', beside],
  ]);
});

test('a pod without any says nothing of them', () => {
  const plain = { ...pod, spec: { containers: pod.spec.containers } };
  expect(podStatus({ ...view, pod: plain, stage: 'running' })).not.toHaveProperty(
    'initContainerStatuses',
  );
});
