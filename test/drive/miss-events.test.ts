/** What the cluster had told of an object, and of what it waits for, is why it was slow. */

import { expect, test } from 'vitest';
import { SECOND } from '../../src/core/duration.ts';
import { rfc3339 } from '../../src/core/time-text.ts';
import type { MissClass } from '../../src/record/miss-class.ts';
import { type ToyCluster, toyCluster } from '../support/toy-cluster.ts';
import { clones, NAMESPACE, planRatio, waveStep } from '../support/toy-plan.ts';
import { pick, play } from './play.ts';

const EVENTS = `/api/v1/namespaces/${NAMESPACE}/events`;

interface Told {
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  readonly reason: string;
  readonly message: string;
  readonly type?: 'Normal' | 'Warning';
}

function tell(toy: ToyCluster, events: readonly Told[]): void {
  toy.kernel.schedule(5 * SECOND, () => {
    for (const [i, { kind, name, uid, reason, message, type = 'Warning' }] of events.entries()) {
      const stamp = rfc3339(toy.kernel.wallUs());
      toy.send('POST', EVENTS, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `event-${i}`, namespace: NAMESPACE },
        involvedObject: { kind, namespace: NAMESPACE, name, ...(uid === undefined ? {} : { uid }) },
        reason,
        message,
        type,
        firstTimestamp: stamp,
        lastTimestamp: stamp,
      });
    }
  });
}

const HANGING = waveStep([clones(0, 2)], {
  timeoutUs: 20 * SECOND,
  errorBudget: 1,
  waveErrorBudget: 1,
});

async function missed(events: readonly Told[]) {
  const toy = toyCluster(() => 'hangs');
  tell(toy, events);
  const { entries } = await play(toy, planRatio(HANGING));
  expect(pick(entries, 'miss').map((miss) => miss.class)).toEqual(['Slow', 'Slow']);
  return pick(entries, 'why').map(({ p, class: found, message }) => ({ p, class: found, message }));
}

const CLAIM = { kind: 'PersistentVolumeClaim', name: 'clone-0', uid: 'uid-0' };

test.each<[MissClass, Told]>([
  ['SourceInUse', { ...CLAIM, reason: 'CloneSourceInUse', message: 'pod a/b using golden' }],
  ['NameTaken', { ...CLAIM, kind: 'DataVolume', reason: 'ErrResourceExists', message: 'exists' }],
  [
    'WaitForFirstConsumer',
    { ...CLAIM, reason: 'WaitForFirstConsumer', message: 'waiting', type: 'Normal' },
  ],
  [
    'ClaimUnbound',
    { kind: 'Pod', name: 'clone-0-worker', reason: 'FailedScheduling', message: UNBOUND() },
  ],
  ['NodeLost', { kind: 'Pod', name: 'clone-0-worker', reason: 'NodeNotReady', message: 'gone' }],
  ['ErrImagePull', { kind: 'Pod', name: 'clone-0-x', reason: 'BackOff', message: 'pulling image' }],
])('%s', async (found, event) => {
  const message = `${event.kind} ${event.name}: ${event.reason}: ${event.message}`;
  expect(await missed([event])).toEqual([{ p: 0, class: found, message }]);
});

function UNBOUND(): string {
  return '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.';
}

test("CDI's helpers are known by the claim's UID, and a warning of no class is quoted", async () => {
  const helper = { kind: 'PersistentVolumeClaim', name: 'tmp-pvc-uid-0' };
  const silent = {
    ...CLAIM,
    reason: 'Something',
    message: 'nothing to see',
    type: 'Normal',
  } as const;
  const said = await missed([
    silent,
    { ...helper, reason: 'ProvisioningFailed', message: 'no space left in pool' },
    { kind: 'DataVolume', name: 'clone-1', reason: 'Odd', message: 'never seen before' },
  ]);
  expect(said).toMatchObject([
    { class: 'ClaimUnbound', message: expect.stringContaining('no space left in pool') },
    { class: undefined, message: 'DataVolume clone-1: Odd: never seen before' },
  ]);
});

test('where nobody may look, that is noted once, and the run ends as before', async () => {
  const toy = toyCluster(() => 'hangs');
  const transport: ToyCluster['transport'] = {
    ...toy.transport,
    request: async (request) => {
      const answer = await toy.transport.request(request);
      if (request.path !== EVENTS) return answer;
      const body = { kind: 'Status', code: 403, reason: 'Forbidden', message: 'not you' };
      return { ...answer, status: 403, body };
    },
  };
  const again = { ...HANGING, index: 1 };
  const { entries, ending } = await play(toy, planRatio(HANGING, again), { transport });
  expect(ending).toEqual({ outcome: 'complete' });
  expect(pick(entries, 'why')).toEqual([]);
  expect(pick(entries, 'note').map(({ what }) => what)).toEqual(['events']);
});

const NOW = { creationTimestamp: '2026-01-01T00:00:00Z' };

/** Seeds what a clone waits for, and tells why it was missed. */
async function standing(phase: string, ...objects: readonly object[]) {
  const toy = toyCluster((object) => (object.kind === 'DataVolume' ? 'hangs' : undefined));
  for (const object of objects) toy.server.seed(object as Parameters<typeof toy.server.seed>[0]);
  const claim = `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims/clone-0/status`;
  toy.kernel.schedule(5 * SECOND, () => void toy.send('PATCH', claim, { status: { phase } }));
  const { entries } = await play(toy, planRatio(HANGING));
  return pick(entries, 'why').map(({ p, class: found, message }) => ({ p, class: found, message }));
}

function pod(status: object, nodeName?: string) {
  const labels = { 'vm.kubevirt.io/name': 'clone-1' };
  const metadata = { name: 'virt-launcher-clone-1-x', namespace: NAMESPACE, labels, ...NOW };
  const spec = { containers: [{ name: 'compute' }], ...(nodeName && { nodeName }) };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec, status };
}

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', ...NOW },
  spec: {},
  status: {
    conditions: [{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting' }],
  },
};

test('where no event tells, what stands in trouble does: claim, pod, node', async () => {
  const message = 'PersistentVolumeClaim clone-0 is Lost: its volume is gone';
  expect(await standing('Lost')).toEqual([{ p: 0, class: 'ClaimUnbound', message }]);
  expect(await standing('Pending')).toEqual([]);
  const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
  const containerStatuses = [{ name: 'compute', ready: false, state: { waiting } }];
  expect(await standing('Pending', pod({ containerStatuses }))).toMatchObject([
    { p: 1, class: 'ErrImagePull', message: expect.stringContaining('no such image') },
  ]);
  const unbound = { type: 'PodScheduled', status: 'False', message: UNBOUND() };
  expect(await standing('Pending', pod({ conditions: [unbound] }))).toMatchObject([
    { p: 1, class: 'ClaimUnbound' },
  ]);
  expect(await standing('Pending', NODE, pod({}, 'n1'))).toEqual([
    { p: 1, class: 'NodeLost', message: 'Node n1: Ready is Unknown: Kubelet stopped posting' },
  ]);
});
