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

const view = {
  pod,
  address: undefined,
  hostAddress: undefined,
  isProbed: true,
  failed: false,
  stamp: 'now',
};

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

test('a container with a probe is ready once that says so', () => {
  const containers = [{ name: 'server', readinessProbe: {} }, { name: 'plain' }];
  const probed: Pod = { ...pod, spec: { containers } };
  const said = (isProbed: boolean, status?: Pod['status']) =>
    podStatus({
      ...view,
      isProbed,
      stage: 'running',
      pod: { ...probed, ...(status && { status }) },
    });
  const first = said(false);
  const ready = (status: Pod['status']) => status?.containerStatuses?.map((each) => each.ready);
  const condition = (status: Pod['status']) =>
    status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  expect([ready(first), condition(first)]).toEqual([[false, true], 'False']);
  expect(said(false, first)).toBe(first);
  const later = said(true, first);
  expect([ready(later), condition(later)]).toEqual([[true, true], 'True']);
  expect(said(true, later)).toBe(later);
});
