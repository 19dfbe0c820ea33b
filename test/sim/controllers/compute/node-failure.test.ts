import { expect, test } from 'vitest';
import { VMIS, NODES, PODS, VIRTUAL_MACHINES } from '../../../../src/api/resources.ts';
import { SECOND } from '../../../../src/core/duration.ts';
import { GUEST_PROFILES } from '../../../../src/parameters/guests.ts';
import {
  type ComputeCluster,
  hasCondition,
  vmiOf,
  vmObject,
  vmOf,
  standInForStorage,
  startComputeCluster,
  until,
} from '../../../support/compute-cluster.ts';

function cluster(): ComputeCluster {
  const started = startComputeCluster({
    overrides: { nodes: { count: 2 } },
    guestOf: () => GUEST_PROFILES.rhel9,
  });
  standInForStorage(started);
  return started;
}

const isReady = (of: ComputeCluster, name: string) => () =>
  hasCondition(vmiOf(of, name), 'AgentConnected');

const readyOf = ({ server }: ComputeCluster, node: string) =>
  server.peek(NODES, undefined, node)?.status?.conditions?.find(({ type }) => type === 'Ready')
    ?.status;

async function start(on: ComputeCluster, name: string): Promise<void> {
  await on.client.create(VIRTUAL_MACHINES, vmObject(name, { runStrategy: 'Always' }));
}

test('a silent node is noticed late, and its VM starts again when it is back', async () => {
  const target = cluster();
  const { clock, client, controllers } = target;
  await clock.run(async () => {
    await controllers.ready;
    await start(target, 'vm');
    await until(target, 'a guest', isReady(target, 'vm'));
    const first = vmiOf(target, 'vm');
    const node = first?.status?.nodeName ?? '';
    controllers.nodes.fail(node);
    await clock.sleep(30 * SECOND);
    expect(readyOf(target, node)).toBe('True');
    expect(vmOf(target, 'vm')?.status?.printableStatus).toBe('Running');
    await clock.sleep(15 * SECOND);
    expect(readyOf(target, node)).toBe('Unknown');
    await start(target, 'other');
    await until(target, 'a guest elsewhere', isReady(target, 'other'));
    expect(vmiOf(target, 'other')?.status?.nodeName).not.toBe(node);

    await clock.sleep(310 * SECOND);
    expect(vmiOf(target, 'vm')?.status).toMatchObject({
      phase: 'Failed',
      reason: 'NodeUnresponsive',
    });
    // Nobody on the node can say that the pod is gone: it stays.
    const [pod] = (await client.list(PODS, { labelSelector: 'vm.kubevirt.io/name=vm' })).items;
    expect(pod?.metadata.deletionTimestamp).toBeDefined();

    controllers.nodes.recover(node);
    await until(target, 'the VM again', () => {
      const now = vmiOf(target, 'vm');
      return now?.metadata.uid !== first?.metadata.uid && isReady(target, 'vm')();
    });
    expect(readyOf(target, node)).toBe('True');
  });
});

test('a short failure costs a running VM its VMI, and a starting one only time', async () => {
  const target = cluster();
  const { clock, client, controllers } = target;
  await clock.run(async () => {
    await controllers.ready;
    await client.patch(NODES, { name: 'worker-001' }, { spec: { unschedulable: true } });
    await clock.sleep(SECOND);
    await start(target, 'running');
    await until(target, 'a guest', isReady(target, 'running'));
    await start(target, 'starting');
    await clock.sleep(2 * SECOND);
    const before = new Map(
      ['running', 'starting'].map((name) => [name, vmiOf(target, name)?.metadata.uid]),
    );
    controllers.nodes.fail('worker-000');
    await clock.sleep(20 * SECOND);
    controllers.nodes.recover('worker-000');
    await until(
      target,
      'both',
      () => isReady(target, 'running')() && isReady(target, 'starting')(),
    );
    const uidOf = (name: string) => vmiOf(target, name)?.metadata.uid;
    expect(uidOf('starting')).toBe(before.get('starting'));
    expect(uidOf('running')).not.toBe(before.get('running'));
    expect((await client.list(VMIS)).items).toHaveLength(2);
    expect((await client.list(PODS)).items).toHaveLength(2);
  });
});

test('a node that is ready is let in, and other taints stay', async () => {
  const target = cluster();
  const { clock, client, controllers, server } = target;
  await clock.run(async () => {
    await controllers.ready;
    const [node] = (await client.list(NODES)).items;
    const name = node?.metadata.name ?? '';
    const own = { key: 'example.com/own', effect: 'NoSchedule' };
    const kept = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
    await client.patch(NODES, { name }, { spec: { taints: [own, kept] } });
    const taints = () => server.peek(NODES, undefined, name)?.spec.taints;
    await until(target, 'an open node', () => taints()?.length === 1);
    expect(taints()).toEqual([own]);
  });
});
