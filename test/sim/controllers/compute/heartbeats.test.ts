import { expect, test } from 'vitest';
import { EVENTS, LEASES, NODES, PODS, VIRTUAL_MACHINES } from '../../../../src/api/resources.ts';
import { SECOND } from '../../../../src/core/duration.ts';
import { parseRfc3339 } from '../../../../src/core/time-text.ts';
import { GUEST_PROFILES } from '../../../../src/parameters/guests.ts';
import { findCondition } from '../../../../src/sim/controllers/compute/conditions.ts';
import {
  hasCondition,
  vmiOf,
  vmObject,
  standInForStorage,
  startComputeCluster,
  until,
} from '../../../support/compute-cluster.ts';

const SKEW_US = -3 * SECOND;

test('nodes and leaders renew their leases in the background, by their own clocks', async () => {
  const { clock, client, controllers } = startComputeCluster({
    overrides: { nodes: { count: 4 } },
    controllers: {
      heartbeats: true,
      clockSkewUs: (node) => (node === 'worker-001' ? SKEW_US : 0),
    },
  });
  await clock.run(async () => {
    await controllers.ready;
    await clock.sleep(61 * SECOND);
    const leases = (await client.list(LEASES)).items;
    const lateUs = (name: string) => {
      const lease = leases.find(({ metadata }) => metadata.name === name);
      return clock.wallUs() - (parseRfc3339(lease?.spec.renewTime ?? '') ?? 0);
    };
    expect(leases.filter(({ metadata }) => metadata.namespace === 'kube-node-lease')).toHaveLength(
      4,
    );
    expect(lateUs('worker-000')).toBeLessThanOrEqual(11 * SECOND);
    expect(lateUs('worker-001')).toBeGreaterThan(3 * SECOND);
    expect(lateUs('kube-scheduler')).toBeLessThanOrEqual(3 * SECOND);
    expect(leases[0]?.spec.renewTime).toMatch(/\.\d{6}Z$/);
    const node = await client.get(NODES, { name: 'worker-002' });
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    const beatUs = parseRfc3339(ready?.lastHeartbeatTime ?? '') ?? 0;
    expect(clock.wallUs() - beatUs).toBeLessThan(12 * SECOND);
    expect(ready?.lastTransitionTime).toBe('2024-06-01T00:00:00Z');
  });
});

test('a node that others took for dead is alive with its next beat, and open', async () => {
  const { clock, client, controllers } = startComputeCluster({
    overrides: { nodes: { count: 1 } },
    controllers: { heartbeats: true },
  });
  await clock.run(async () => {
    await controllers.ready;
    const name = 'worker-000';
    const unknown = { type: 'Ready', status: 'Unknown' };
    const other = { type: 'NetworkUnavailable', status: 'False' };
    const conditions = [unknown, other];
    const taints = [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }];
    await client.patch(NODES, { name }, { spec: { taints } });
    await client.patch(NODES, { name }, { status: { conditions } }, { subresource: 'status' });
    await clock.sleep(15 * SECOND);
    const node = await client.get(NODES, { name });
    const told = node.status?.conditions?.map(({ type, status }) => `${type} ${status}`);
    expect(told).toEqual(expect.arrayContaining(['Ready True', 'NetworkUnavailable False']));
    expect(node.spec.taints).toEqual([]);
  });
});

test('without heartbeats an idle cluster writes nothing', async () => {
  const { clock, server, controllers } = startComputeCluster();
  await clock.run(async () => {
    await controllers.ready;
    const before = server.version;
    await clock.sleep(3600 * SECOND);
    expect(server.version).toBe(before);
  });
});

test('controllers record what they did as Events, where they are told to', async () => {
  const cluster = startComputeCluster({
    overrides: { nodes: { count: 3 } },
    guestOf: () => GUEST_PROFILES.rhel9,
    controllers: { recordEvents: true },
  });
  standInForStorage(cluster);
  await cluster.clock.run(async () => {
    await cluster.controllers.ready;
    await cluster.client.create(VIRTUAL_MACHINES, vmObject('vm', { runStrategy: 'Always' }));
    await until(cluster, 'a guest', () => hasCondition(vmiOf(cluster, 'vm'), 'AgentConnected'));
    await cluster.clock.sleep(SECOND);
    const events = (await cluster.client.list(EVENTS)).items;
    const recorded = events.map(({ involvedObject, reason }) => `${involvedObject.kind} ${reason}`);
    expect(recorded.toSorted()).toEqual([
      'Pod Scheduled',
      'Pod Started',
      'Pod Started',
      'VirtualMachine SuccessfulCreate',
      'VirtualMachine SuccessfulDataVolumeCreate',
      'VirtualMachineInstance Created',
      'VirtualMachineInstance Started',
      'VirtualMachineInstance SuccessfulCreate',
    ]);
    // Clients read when a container started from the name of its event, in nanoseconds.
    const started = events.find(({ reason, involvedObject }) => {
      return reason === 'Started' && involvedObject.kind === 'Pod';
    });
    const [, suffix = ''] = started?.metadata.name.split('.') ?? [];
    const namedMs = Number.parseInt(suffix, 16) / 1e6;
    expect(Math.abs(namedMs - Date.parse(started?.firstTimestamp ?? ''))).toBeLessThan(1000);
    const [launcher] = (await cluster.client.list(PODS)).items;
    const transition = (type: string) =>
      findCondition(launcher?.status?.conditions, type)?.lastTransitionTime ?? '';
    // One status tells of both, and its time is their stamp.
    const sandboxUp = transition('PodReadyToStartContainers');
    expect(sandboxUp).not.toBe('');
    expect(sandboxUp).toBe(transition('ContainersReady'));
  });
});
