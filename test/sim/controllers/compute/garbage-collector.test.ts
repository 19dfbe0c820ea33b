import { describe, expect, test } from 'vitest';
import type { KubeObject, OwnerReference } from '../../../../src/api/object.ts';
import {
  CLAIMS,
  CONFIG_MAPS,
  DATA_VOLUMES,
  VMIS,
  NAMESPACES,
  PODS,
  VIRTUAL_MACHINES,
} from '../../../../src/api/resources.ts';
import { SECOND } from '../../../../src/core/duration.ts';
import { GUEST_PROFILES } from '../../../../src/parameters/guests.ts';
import {
  type ComputeCluster,
  vmObject,
  vmOf,
  NAMESPACE,
  standInForStorage,
  startComputeCluster,
  until,
} from '../../../support/compute-cluster.ts';

function cluster(): ComputeCluster {
  const started = startComputeCluster({
    overrides: { nodes: { count: 3 } },
    guestOf: () => GUEST_PROFILES.rhel9,
  });
  standInForStorage(started);
  return started;
}

const configMap = (name: string, owners: readonly KubeObject[] = []): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    namespace: NAMESPACE,
    name,
    ownerReferences: owners.map(
      ({ apiVersion, kind, metadata }): OwnerReference => ({
        apiVersion,
        kind,
        name: metadata.name,
        uid: metadata.uid ?? '',
        blockOwnerDeletion: true,
      }),
    ),
  },
});

const namesOf = async ({ client }: ComputeCluster) =>
  (await client.list(CONFIG_MAPS)).items.map(({ metadata }) => metadata.name);

describe('what nobody owns any longer', () => {
  test('goes, generation after generation; co-owned things stay', async () => {
    const target = cluster();
    const { clock, client } = target;
    await clock.run(async () => {
      await target.controllers.ready;
      const root = await client.create(CONFIG_MAPS, configMap('root'));
      const other = await client.create(CONFIG_MAPS, configMap('other'));
      const child = await client.create(CONFIG_MAPS, configMap('child', [root]));
      await client.create(CONFIG_MAPS, configMap('grandchild', [child]));
      await client.create(CONFIG_MAPS, configMap('shared', [root, other]));
      await client.remove(CONFIG_MAPS, root.metadata);
      await clock.sleep(5 * SECOND);
      expect(await namesOf(target)).toEqual(['other', 'shared']);
    });
  });

  test('goes too when its owner never was, or was another of that name', async () => {
    const target = cluster();
    const { clock, client } = target;
    await clock.run(async () => {
      await target.controllers.ready;
      const real = await client.create(CONFIG_MAPS, configMap('real'));
      const ghost = { ...real, metadata: { ...real.metadata, uid: 'ghost' } };
      await client.create(CONFIG_MAPS, configMap('orphan', [ghost]));
      await client.create(CONFIG_MAPS, configMap('child', [real]));
      await clock.sleep(5 * SECOND);
      expect(await namesOf(target)).toEqual(['child', 'real']);
    });
  });

  test('stays where its owner is of a kind that is not watched', async () => {
    const target = cluster();
    const { clock, client } = target;
    await clock.run(async () => {
      await target.controllers.ready;
      const owner = { ...configMap('x'), apiVersion: 'example.com/v1', kind: 'Thing' };
      await client.create(CONFIG_MAPS, configMap('child', [owner]));
      await clock.sleep(5 * SECOND);
      expect(await namesOf(target)).toEqual(['child']);
    });
  });
});

test('a foreground deletion takes the dependents first', async () => {
  const target = cluster();
  const { clock, client, server } = target;
  const gone: string[] = [];
  server.onCommit(({ event }) => {
    if (event.type === 'DELETED') gone.push(event.object.metadata.name);
  });
  await clock.run(async () => {
    await target.controllers.ready;
    const root = await client.create(CONFIG_MAPS, configMap('root'));
    const child = await client.create(CONFIG_MAPS, configMap('child', [root]));
    await client.create(CONFIG_MAPS, configMap('grandchild', [child]));
    await client.remove(CONFIG_MAPS, root.metadata, { propagation: 'Foreground' });
    await clock.sleep(5 * SECOND);
  });
  expect(gone).toEqual(['grandchild', 'child', 'root']);
});

test('an orphaning deletion leaves the dependents without an owner', async () => {
  const target = cluster();
  const { clock, client } = target;
  await clock.run(async () => {
    await target.controllers.ready;
    const root = await client.create(CONFIG_MAPS, configMap('root'));
    await client.create(CONFIG_MAPS, configMap('child', [root]));
    await clock.sleep(SECOND);
    await client.remove(CONFIG_MAPS, root.metadata, { propagation: 'Orphan' });
    await clock.sleep(5 * SECOND);
    expect(await namesOf(target)).toEqual(['child']);
    const child = await client.get(CONFIG_MAPS, { namespace: NAMESPACE, name: 'child' });
    expect(child.metadata).not.toHaveProperty('ownerReferences');
  });
});

test('a running VM can be deleted in the foreground', async () => {
  const target = cluster();
  const { clock, client } = target;
  await clock.run(async () => {
    await target.controllers.ready;
    const vm = vmObject('vm', { runStrategy: 'Always' });
    await client.create(VIRTUAL_MACHINES, vm);
    await until(target, 'a run', () => vmOf(target, 'vm')?.status?.ready === true);
    await client.remove(VIRTUAL_MACHINES, vm.metadata, { propagation: 'Foreground' });
    await until(target, 'the VM gone', () => vmOf(target, 'vm') === undefined);
    for (const resource of [VMIS, PODS, DATA_VOLUMES, CLAIMS]) {
      expect((await client.list<KubeObject>(resource)).items).toEqual([]);
    }
  });
});

test('a namespace goes with all that is in it', async () => {
  const target = cluster();
  const { clock, client, server } = target;
  await clock.run(async () => {
    await target.controllers.ready;
    const metadata = { name: 'team' };
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata });
    const vm = vmObject('vm', { runStrategy: 'Always' });
    await client.create(VIRTUAL_MACHINES, {
      ...vm,
      metadata: { ...vm.metadata, namespace: 'team' },
    });
    await client.create(CONFIG_MAPS, {
      ...configMap('settings'),
      metadata: { namespace: 'team', name: 'settings' },
    });
    const isRunning = () => server.peek(VMIS, 'team', 'vm')?.status?.phase === 'Running';
    await until(target, 'a run', isRunning);
    await client.remove(NAMESPACES, metadata);
    expect(server.peek(NAMESPACES, undefined, 'team')?.status).toMatchObject({
      phase: 'Terminating',
    });
    await until(target, 'the namespace gone', () => !server.peek(NAMESPACES, undefined, 'team'));
    for (const resource of [VIRTUAL_MACHINES, VMIS, PODS, DATA_VOLUMES, CLAIMS]) {
      expect((await client.list<KubeObject>(resource)).items).toEqual([]);
    }
  });
});
