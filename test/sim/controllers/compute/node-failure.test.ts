import { expect, test } from 'vitest';
import type { Node } from '../../../../src/api/compute.ts';
import { VMIS, NODES, PODS, VIRTUAL_MACHINES } from '../../../../src/api/resources.ts';
import { SECOND } from '../../../../src/core/duration.ts';
import { staysUs } from '../../../../src/sim/controllers/compute/taints.ts';
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

function cluster(accessMode?: string, count = 2): ComputeCluster {
  const started = startComputeCluster({
    overrides: { nodes: { count } },
    guestOf: () => GUEST_PROFILES.rhel9,
  });
  standInForStorage(started, accessMode);
  return started;
}

const isReady = (of: ComputeCluster, name: string) => () =>
  hasCondition(vmiOf(of, name), 'AgentConnected');

const readyOf = ({ server }: ComputeCluster, node: string) =>
  server.peek(NODES, undefined, node)?.status?.conditions?.find(({ type }) => type === 'Ready')
    ?.status;

const podsOf = async ({ client }: ComputeCluster, name: string) =>
  (await client.list(PODS, { labelSelector: `vm.kubevirt.io/name=${name}` })).items;

async function start(on: ComputeCluster, name: string): Promise<void> {
  await on.client.create(VIRTUAL_MACHINES, vmObject(name, { runStrategy: 'Always' }));
}

test('a silent node is noticed late; its pod is marked, and nobody there can end it', async () => {
  const target = cluster();
  const { clock, client, controllers } = target;
  await clock.run(async () => {
    await controllers.ready;
    await start(target, 'vm');
    await until(target, 'a guest', isReady(target, 'vm'));
    const first = vmiOf(target, 'vm');
    const node = first?.status?.nodeName ?? '';
    controllers.nodes.fail(node);
    await clock.sleep(29 * SECOND);
    expect(readyOf(target, node)).toBe('True');
    expect(vmOf(target, 'vm')?.status?.printableStatus).toBe('Running');
    await clock.sleep(17 * SECOND);
    expect(readyOf(target, node)).toBe('Unknown');
    const { taints } = (await client.get(NODES, { name: node })).spec;
    expect(taints).toContainEqual({ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' });
    expect(hasCondition(vmiOf(target, 'vm'), 'Ready')).toBe(false);
    await start(target, 'other');
    await until(target, 'a guest elsewhere', isReady(target, 'other'));
    expect(vmiOf(target, 'other')?.status?.nodeName).not.toBe(node);
    expect((await podsOf(target, 'vm'))[0]?.metadata.deletionTimestamp).toBeUndefined();

    await clock.sleep(400 * SECOND);
    const [pod] = await podsOf(target, 'vm');
    expect(pod?.metadata.deletionTimestamp).toBeDefined();
    // A launcher that nobody has ended counts as living.
    expect(vmiOf(target, 'vm')?.status?.phase).toBe('Running');
    const labels = (await client.get(NODES, { name: node })).metadata.labels;
    expect(labels?.['kubevirt.io/schedulable']).toBe('false');

    controllers.nodes.recover(node);
    await until(target, 'the VM again', () => {
      const now = vmiOf(target, 'vm');
      return now?.metadata.uid !== first?.metadata.uid && isReady(target, 'vm')();
    });
    expect(readyOf(target, node)).toBe('True');
    expect((await client.get(NODES, { name: node })).spec.taints ?? []).toEqual([]);
  });
});

test('a fenced node gives its VM up: pod and volume are taken from it', async () => {
  const target = cluster('ReadWriteOnce');
  const { clock, client, controllers } = target;
  await clock.run(async () => {
    await controllers.ready;
    await start(target, 'vm');
    await until(target, 'a guest', isReady(target, 'vm'));
    const first = vmiOf(target, 'vm');
    const node = first?.status?.nodeName ?? '';
    controllers.nodes.fail(node);
    await clock.sleep(50 * SECOND);
    const { taints = [] } = (await client.get(NODES, { name: node })).spec;
    const fence = { key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' };
    await client.patch(NODES, { name: node }, { spec: { taints: [...taints, fence] } });
    const fencedUs = clock.nowUs();
    await until(target, 'the VM elsewhere', () => {
      const now = vmiOf(target, 'vm');
      return now?.metadata.uid !== first?.metadata.uid && isReady(target, 'vm')();
    });
    expect(vmiOf(target, 'vm')?.status?.nodeName).not.toBe(node);
    // The collector of pods looks every 20 s; a boot takes no minute.
    expect(clock.nowUs() - fencedUs).toBeLessThan(100 * SECOND);
  });
});

test('without a fence a volume of one node is free six minutes after its pod is', async () => {
  const target = cluster('ReadWriteOnce');
  const { clock, client, controllers } = target;
  await clock.run(async () => {
    await controllers.ready;
    await start(target, 'vm');
    await until(target, 'a guest', isReady(target, 'vm'));
    const first = vmiOf(target, 'vm');
    controllers.nodes.fail(first?.status?.nodeName ?? '');
    await clock.sleep(60 * SECOND);
    const [pod] = await podsOf(target, 'vm');
    await client.remove(PODS, pod?.metadata ?? { name: '' }, { gracePeriodSeconds: 0 });
    const forcedUs = clock.nowUs();
    await until(target, 'the VM elsewhere', () => {
      const now = vmiOf(target, 'vm');
      return now?.metadata.uid !== first?.metadata.uid && now?.status?.phase === 'Running';
    });
    const tookUs = clock.nowUs() - forcedUs;
    expect(tookUs).toBeGreaterThan(360 * SECOND);
    expect(tookUs).toBeLessThan(420 * SECOND);
  });
});

test('where all nodes are silent nothing is evicted; where one speaks again, others are', async () => {
  const target = cluster();
  const { clock, controllers } = target;
  await clock.run(async () => {
    await controllers.ready;
    await start(target, 'vm');
    await until(target, 'a guest', isReady(target, 'vm'));
    const node = vmiOf(target, 'vm')?.status?.nodeName ?? '';
    const other = node === 'worker-000' ? 'worker-001' : 'worker-000';
    for (const name of [node, other]) controllers.nodes.fail(name);
    await clock.sleep(600 * SECOND);
    expect(readyOf(target, node)).toBe('Unknown');
    expect((await podsOf(target, 'vm'))[0]?.metadata.deletionTimestamp).toBeUndefined();
    controllers.nodes.recover(other);
    await clock.sleep(330 * SECOND);
    expect((await podsOf(target, 'vm'))[0]?.metadata.deletionTimestamp).toBeDefined();
  });
});

const names = (count: number) => Array.from({ length: count }, (_, i) => `worker-00${i}`);

test('silence is noticed when the monitor looks, not when it began', async () => {
  const target = cluster();
  const { clock, controllers } = target;
  await clock.run(async () => {
    await controllers.ready;
    await clock.sleep(62.5 * SECOND - clock.nowUs());
    controllers.nodes.fail('worker-000');
    await until(target, 'silence', () => readyOf(target, 'worker-000') === 'Unknown');
    // It looks every 5 s; the write takes a moment.
    expect(clock.nowUs() % (5 * SECOND)).toBeLessThan(SECOND);
  });
});

test('where most nodes of a few are silent, nothing is evicted', async () => {
  const target = cluster(undefined, 4);
  const { clock, controllers } = target;
  await clock.run(async () => {
    await controllers.ready;
    await start(target, 'vm');
    await until(target, 'a guest', isReady(target, 'vm'));
    const node = vmiOf(target, 'vm')?.status?.nodeName ?? '';
    const others = names(4).filter((name) => name !== node);
    // Two of four are few enough still.
    for (const name of others.slice(0, 2)) controllers.nodes.fail(name);
    await clock.sleep(60 * SECOND);
    controllers.nodes.fail(node);
    await clock.sleep(700 * SECOND);
    expect(readyOf(target, node)).toBe('Unknown');
    expect((await podsOf(target, 'vm'))[0]?.metadata.deletionTimestamp).toBeUndefined();
    controllers.nodes.recover(others[0] ?? '');
    await clock.sleep(330 * SECOND);
    expect((await podsOf(target, 'vm'))[0]?.metadata.deletionTimestamp).toBeDefined();
  });
});

test('silent nodes have their pods evicted one after the other, ten seconds apart', async () => {
  const target = cluster(undefined, 6);
  const { clock, controllers, server } = target;
  const evicted = new Map<string, number>();
  server.onCommit(({ event: { object } }) => {
    if (object.kind !== NODES.kind || evicted.has(object.metadata.name)) return;
    const { taints = [] } = (object as Node).spec;
    const isEvicting = taints.some(({ effect }) => effect === 'NoExecute');
    if (isEvicting) evicted.set(object.metadata.name, clock.nowUs());
  });
  await clock.run(async () => {
    await controllers.ready;
    for (const name of names(2)) controllers.nodes.fail(name);
    await clock.sleep(120 * SECOND);
  });
  const [first = 0, second = 0] = [...evicted.values()];
  expect([...evicted.keys()].toSorted()).toEqual(names(2));
  expect(second - first).toBeGreaterThan(9 * SECOND);
  expect(second - first).toBeLessThan(12 * SECOND);
});

test('a pod is evicted five minutes after the taint, whatever others do to the node', async () => {
  const target = cluster();
  const { clock, client, controllers } = target;
  await clock.run(async () => {
    await controllers.ready;
    await start(target, 'vm');
    await until(target, 'a guest', isReady(target, 'vm'));
    const name = vmiOf(target, 'vm')?.status?.nodeName ?? '';
    const taints = () => target.server.peek(NODES, undefined, name)?.spec.taints ?? [];
    controllers.nodes.fail(name);
    await until(target, 'its taint', () => taints().some(({ effect }) => effect === 'NoExecute'));
    await clock.sleep(200 * SECOND);
    const own = { key: 'example.com/own', effect: 'NoSchedule' };
    await client.patch(NODES, { name }, { spec: { taints: [...taints(), own] } });
    await clock.sleep(80 * SECOND);
    expect((await podsOf(target, 'vm'))[0]?.metadata.deletionTimestamp).toBeUndefined();
    await clock.sleep(25 * SECOND);
    expect((await podsOf(target, 'vm'))[0]?.metadata.deletionTimestamp).toBeDefined();
  });
});

test('a pod stays on a silent node for as long as it tolerates that', () => {
  const taints = ['NoSchedule', 'NoExecute'].map((effect) => ({ key: 'unreachable', effect }));
  const evicting = taints.filter(({ effect }) => effect === 'NoExecute');
  const tolerated = (tolerationSeconds?: number) => ({
    key: 'unreachable',
    operator: 'Exists',
    effect: 'NoExecute',
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  });
  expect(staysUs(evicting, [])).toBe(0);
  expect(staysUs(evicting, [tolerated(30)])).toBe(30 * SECOND);
  expect(staysUs(evicting, [tolerated(300), tolerated(30)])).toBe(30 * SECOND);
  expect(staysUs(evicting, [tolerated()])).toBe(Number.POSITIVE_INFINITY);
  expect(
    staysUs([...evicting, { key: 'out-of-service', effect: 'NoExecute' }], [tolerated(30)]),
  ).toBe(0);
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
