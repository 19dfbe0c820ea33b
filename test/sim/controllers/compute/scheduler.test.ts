import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/compute.ts';
import { NODES, PODS, VIRTUAL_MACHINES } from '../../../../src/api/resources.ts';
import { GUEST_PROFILES } from '../../../../src/parameters/guests.ts';
import {
  ask,
  type ComputeCluster,
  vmiOf,
  vmObject,
  vmOf,
  NAMESPACE,
  standInForStorage,
  startComputeCluster,
  until,
} from '../../../support/compute-cluster.ts';

const NODE_COUNT = 2;

function fullCluster(): ComputeCluster {
  const cluster = startComputeCluster({
    overrides: { nodes: { count: NODE_COUNT } },
    guestOf: () => GUEST_PROFILES.rhel9,
  });
  standInForStorage(cluster);
  return cluster;
}

/** Starts so many VMs of 128 GiB, of which a node holds three. */
async function startHuge(cluster: ComputeCluster, count: number): Promise<readonly string[]> {
  await cluster.controllers.ready;
  const names = Array.from({ length: count }, (_, index) => `vm-${index}`);
  for (const name of names) {
    const vm = vmObject(name, { memory: '128Gi', runStrategy: 'Always' });
    await cluster.client.create(VIRTUAL_MACHINES, vm);
  }
  return names;
}

const wordOf = (cluster: ComputeCluster) => (name: string) =>
  vmOf(cluster, name)?.status?.printableStatus;

describe('more VMs than the nodes hold', () => {
  test('stay unschedulable and say so', async () => {
    const cluster = fullCluster();
    await cluster.clock.run(async () => {
      const names = await startHuge(cluster, 8);
      await cluster.clock.sleep(120e6);
      const words = names.map((name) => wordOf(cluster)(name) ?? '').toSorted();
      expect(words).toEqual([
        ...Array.from({ length: 2 }, () => 'ErrorUnschedulable'),
        ...Array.from({ length: 6 }, () => 'Running'),
      ]);
      const pods = (await cluster.client.list(PODS)).items;
      const stuck = pods.filter(({ spec }) => spec.nodeName === undefined);
      expect(stuck).toHaveLength(2);
      const scheduled = stuck[0]?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
      expect(scheduled).toMatchObject({
        status: 'False',
        reason: 'Unschedulable',
        message: '0/2 nodes are available: 2 Insufficient memory.',
      });
    });
  });

  test('take the places of those that stop', async () => {
    const cluster = fullCluster();
    await cluster.clock.run(async () => {
      const names = await startHuge(cluster, 8);
      await cluster.clock.sleep(120e6);
      const word = wordOf(cluster);
      const running = names.filter((name) => word(name) === 'Running').slice(0, 2);
      for (const name of running) await ask(cluster, name, 'stop');
      await until(cluster, 'all others running', () =>
        names.every((name) => running.includes(name) || word(name) === 'Running'),
      );
      const conditions = names.flatMap((name) => vmiOf(cluster, name)?.status?.conditions ?? []);
      expect(conditions.some(({ type }) => type === 'PodScheduled')).toBe(false);
    });
  });

  test('take the place of one that is deleted while others wait', async () => {
    const cluster = fullCluster();
    await cluster.clock.run(async () => {
      const names = await startHuge(cluster, 8);
      await cluster.clock.sleep(120e6);
      const word = wordOf(cluster);
      const [waiting] = names.filter((name) => word(name) === 'ErrorUnschedulable');
      const [running] = names.filter((name) => word(name) === 'Running');
      // The first in line goes away; the second must not be forgotten with it.
      const remove = (name = '') =>
        cluster.client.remove(VIRTUAL_MACHINES, { namespace: NAMESPACE, name });
      await remove(waiting);
      await remove(running);
      await until(cluster, 'six running', () => {
        const words = names.map(word).filter((each) => each !== undefined);
        return words.length === 6 && words.every((each) => each === 'Running');
      });
    });
  });

  test('go to a node that is opened again', async () => {
    const cluster = fullCluster();
    await cluster.clock.run(async () => {
      await cluster.controllers.ready;
      const cordon = (unschedulable: boolean) =>
        cluster.client.patch(NODES, { name: 'worker-000' }, { spec: { unschedulable } });
      await cordon(true);
      await cluster.clock.sleep(1e6);
      const names = await startHuge(cluster, 4);
      await cluster.clock.sleep(60e6);
      expect(
        names.map(wordOf(cluster)).filter((word) => word === 'ErrorUnschedulable'),
      ).toHaveLength(1);
      await cordon(false);
      await until(cluster, 'all running', () =>
        names.every((name) => wordOf(cluster)(name) === 'Running'),
      );
    });
  });
});

test('pods of another scheduler are left alone; bare pods run and go', async () => {
  const { clock, client, controllers } = fullCluster();
  const pod = (name: string, spec: Partial<Pod['spec']> = {}): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: NAMESPACE, name },
    spec: { containers: [{ name: 'main' }], ...spec },
  });
  await clock.run(async () => {
    await controllers.ready;
    await client.create(PODS, pod('mine'));
    await client.create(PODS, pod('theirs', { schedulerName: 'other' }));
    await clock.sleep(30e6);
    expect(await client.get(PODS, { namespace: NAMESPACE, name: 'mine' })).toMatchObject({
      status: { phase: 'Running', containerStatuses: [{ ready: true }] },
    });
    const theirs = await client.get(PODS, { namespace: NAMESPACE, name: 'theirs' });
    expect(theirs.spec.nodeName).toBeUndefined();
    await client.remove(PODS, { namespace: NAMESPACE, name: 'mine' });
    await clock.sleep(30e6);
    expect((await client.list(PODS)).items.map(({ metadata }) => metadata.name)).toEqual([
      'theirs',
    ]);
  });
});
