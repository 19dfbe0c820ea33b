import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/compute.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import {
  CLAIMS,
  DATA_VOLUMES,
  VMIS,
  NODES,
  PODS,
  VIRTUAL_MACHINES,
  VOLUME_ATTACHMENTS,
} from '../../../../src/api/resources.ts';
import { parseRfc3339 } from '../../../../src/core/time-text.ts';
import { GUEST_PROFILES } from '../../../../src/parameters/guests.ts';
import {
  ask,
  type ClusterSettings,
  type ComputeCluster,
  follow,
  hasCondition,
  vmiOf,
  vmObject,
  vmOf,
  NAMESPACE,
  standInForStorage,
  startComputeCluster,
  until,
} from '../../../support/compute-cluster.ts';

function smallCluster(settings: ClusterSettings = {}): ComputeCluster {
  const cluster = startComputeCluster({
    overrides: { nodes: { count: 3 } },
    guestOf: () => GUEST_PROFILES.rhel9,
    ...settings,
  });
  standInForStorage(cluster);
  return cluster;
}

const statusOf = (object: KubeObject) =>
  (object.status as { printableStatus?: string; phase?: string } | undefined) ?? {};

async function bootOne(cluster: ComputeCluster, name = 'vm') {
  await cluster.controllers.ready;
  await cluster.client.create(VIRTUAL_MACHINES, vmObject(name, { labels: { team: 'blue' } }));
  await until(
    cluster,
    'its disk',
    () => vmOf(cluster, name)?.status?.printableStatus === 'Stopped',
  );
  expect(await ask(cluster, name, 'start')).toEqual([202, '']);
  await until(cluster, 'a guest', () => hasCondition(vmOf(cluster, name), 'AgentConnected'));
}

describe('the life of a VM', () => {
  test('goes through the states that people see', async () => {
    const cluster = smallCluster();
    const words = follow(cluster, 'VirtualMachine', 'vm', (vm) => statusOf(vm).printableStatus);
    const phases = follow(cluster, 'VirtualMachineInstance', 'vm', (vmi) => statusOf(vmi).phase);
    await cluster.clock.run(async () => {
      await bootOne(cluster);
      expect(await ask(cluster, 'vm', 'stop')).toEqual([202, '']);
      await until(cluster, 'the end', () => vmiOf(cluster, 'vm') === undefined);
      await cluster.clock.sleep(1e6);
    });
    expect(words).toEqual([
      // The news of its disk comes after the answer to its creation, and the disk is done by then.
      'Stopped',
      'Starting',
      'Running',
      'Stopping',
      'Stopped',
    ]);
    expect(phases).toEqual(['Pending', 'Scheduling', 'Scheduled', 'Running', 'Succeeded', 'gone']);
    expect(cluster.errors).toEqual([]);
  });

  test('leaves its names, labels and owners on what it makes', async () => {
    const cluster = smallCluster();
    const [pod] = await cluster.clock.run(async () => {
      await bootOne(cluster);
      return podsOf(cluster);
    });
    const vm = vmOf(cluster, 'vm');
    const vmi = vmiOf(cluster, 'vm');
    const disk = cluster.server.peek(DATA_VOLUMES, NAMESPACE, 'root-vm');
    expect(vm?.metadata.finalizers).toEqual(['kubevirt.io/virtualMachineControllerFinalize']);
    expect(vm?.status).toMatchObject({ created: true, ready: true });
    expect(disk?.metadata).toMatchObject({
      labels: { 'kubevirt.io/created-by': vm?.metadata.uid },
      ownerReferences: [{ kind: 'VirtualMachine', uid: vm?.metadata.uid, controller: true }],
    });
    expect(vmi?.metadata.labels).toMatchObject({
      team: 'blue',
      'kubevirt.io/size': 'small',
      'kubevirt.io/nodeName': vmi?.status?.nodeName,
    });
    expect(pod?.metadata.name).toMatch(/^virt-launcher-vm-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(pod?.metadata.labels).toMatchObject({
      team: 'blue',
      'kubevirt.io': 'virt-launcher',
      'kubevirt.io/created-by': vmi?.metadata.uid,
      'vm.kubevirt.io/name': 'vm',
    });
    expect(pod?.spec.readinessGates).toEqual([
      { conditionType: 'kubevirt.io/virtual-machine-unpaused' },
    ]);
    expect(hasCondition(pod, 'Ready')).toBe(true);
    expect(vmi?.status?.activePods).toEqual({
      [pod?.metadata.uid ?? '']: pod?.spec.nodeName,
    });
    expect(vmi?.status?.interfaces?.[0]?.ipAddress).toBe(pod?.status?.podIP);
    expect(hasCondition(vmi, 'LiveMigratable')).toBe(true);
    expect(cluster.written.get('handle-root-vm')).toBe(46e6);
  });

  test('attaches its volume while it runs, and lets it go after', async () => {
    const cluster = smallCluster();
    const attached = () =>
      cluster.server
        .peek(NODES, undefined, vmiOf(cluster, 'vm')?.status?.nodeName ?? '')
        ?.status?.volumesAttached?.map(({ name }) => name);
    await cluster.clock.run(async () => {
      await bootOne(cluster);
      expect(attached()).toEqual([
        'kubernetes.io/csi/openshift-storage.rbd.csi.ceph.com^handle-root-vm',
      ]);
      expect(cluster.controllers.counters.attachPatches).toBe(1);
      await ask(cluster, 'vm', 'stop');
      await cluster.clock.sleep(30e6);
      const attachments = await cluster.client.list(VOLUME_ATTACHMENTS);
      expect(attachments.items).toEqual([]);
      for (const node of (await cluster.client.list(NODES)).items) {
        expect(node.status).toMatchObject({ volumesAttached: [], volumesInUse: [] });
      }
    });
  });

  test('is deleted with all that it owns', async () => {
    const cluster = smallCluster();
    await cluster.clock.run(async () => {
      await bootOne(cluster);
      await cluster.client.remove(VIRTUAL_MACHINES, { namespace: NAMESPACE, name: 'vm' });
      await until(cluster, 'the VM gone', () => vmOf(cluster, 'vm') === undefined);
      await cluster.clock.sleep(30e6);
      for (const resource of [VMIS, PODS, DATA_VOLUMES, CLAIMS, VOLUME_ATTACHMENTS]) {
        expect((await cluster.client.list<KubeObject>(resource)).items).toEqual([]);
      }
    });
  });

  test('can leave its VMI behind', async () => {
    const cluster = smallCluster();
    await cluster.clock.run(async () => {
      await bootOne(cluster);
      const vm = { namespace: NAMESPACE, name: 'vm' };
      await cluster.client.remove(VIRTUAL_MACHINES, vm, { propagation: 'Orphan' });
      await until(cluster, 'the VM gone', () => vmOf(cluster, 'vm') === undefined);
      await cluster.clock.sleep(30e6);
      expect(vmiOf(cluster, 'vm')).toMatchObject({ status: { phase: 'Running' } });
      expect(vmiOf(cluster, 'vm')?.metadata).not.toHaveProperty('ownerReferences');
      expect(cluster.server.peek(DATA_VOLUMES, NAMESPACE, 'root-vm')).toBeDefined();
    });
  });

  test('starts again where it was restarted or its pod was deleted', async () => {
    const cluster = smallCluster();
    await cluster.clock.run(async () => {
      await bootOne(cluster);
      const first = vmiOf(cluster, 'vm')?.metadata.uid;
      expect(await ask(cluster, 'vm', 'restart')).toEqual([202, '']);
      await until(cluster, 'another', () => {
        const vmi = vmiOf(cluster, 'vm');
        return vmi?.metadata.uid !== first && hasCondition(vmi, 'AgentConnected');
      });
      const second = vmiOf(cluster, 'vm')?.metadata.uid;
      const [pod] = await podsOf(cluster);
      await cluster.client.remove(PODS, pod?.metadata ?? { name: '' });
      await until(cluster, 'a third', () => {
        const vmi = vmiOf(cluster, 'vm');
        return vmi?.metadata.uid !== second && hasCondition(vmi, 'AgentConnected');
      });
    });
    expect(vmOf(cluster, 'vm')?.status?.stateChangeRequests).toBeUndefined();
  });

  test('pauses: the guest stays, the pod is not ready', async () => {
    const cluster = smallCluster();
    await cluster.clock.run(async () => {
      await bootOne(cluster);
      expect(await ask(cluster, 'vm', 'pause')).toEqual([200, '']);
      await cluster.clock.sleep(2e6);
      expect(vmOf(cluster, 'vm')?.status).toMatchObject({
        printableStatus: 'Paused',
      });
      expect(vmOf(cluster, 'vm')?.status).not.toHaveProperty('ready');
      expect((await ask(cluster, 'vm', 'pause'))[0]).toBe(409);
      await ask(cluster, 'vm', 'unpause');
      await cluster.clock.sleep(2e6);
      expect(vmOf(cluster, 'vm')?.status).toMatchObject({
        printableStatus: 'Running',
        ready: true,
      });
    });
  });
});

test('a volume for one node alone goes to a second when the first has let go', async () => {
  const cluster = startComputeCluster({
    overrides: { nodes: { count: 3 } },
    guestOf: () => GUEST_PROFILES.rhel9,
  });
  standInForStorage(cluster, 'ReadWriteOnce');
  const holders = new Set<string>();
  let mostHolders = 0;
  cluster.server.onCommit(({ event }) => {
    if (event.object.kind !== 'VolumeAttachment') return;
    const { name } = event.object.metadata;
    if (event.type === 'DELETED') holders.delete(name);
    else holders.add(name);
    mostHolders = Math.max(mostHolders, holders.size);
  });
  await cluster.clock.run(async () => {
    await bootOne(cluster);
    const first = vmiOf(cluster, 'vm');
    expect(hasCondition(first, 'LiveMigratable')).toBe(false);
    const node = first?.status?.nodeName ?? '';
    await cluster.client.patch(NODES, { name: node }, { spec: { unschedulable: true } });
    await ask(cluster, 'vm', 'restart');
    await until(cluster, 'another', () => {
      const now = vmiOf(cluster, 'vm');
      return now?.metadata.uid !== first?.metadata.uid && hasCondition(now, 'AgentConnected');
    });
    expect(vmiOf(cluster, 'vm')?.status?.nodeName).not.toBe(node);
  });
  expect(mostHolders).toBe(1);
});

test('a guest that never boots keeps its VM running and not connected', async () => {
  const cluster = smallCluster({
    controllers: { faults: { neverBoots: ({ metadata }) => metadata.name === 'bad' } },
  });
  await cluster.clock.run(async () => {
    await bootOne(cluster, 'good');
    await cluster.client.create(VIRTUAL_MACHINES, vmObject('bad', { runStrategy: 'Always' }));
    await cluster.clock.sleep(300e6);
    expect(vmOf(cluster, 'bad')?.status?.printableStatus).toBe('Running');
    expect(hasCondition(vmiOf(cluster, 'bad'), 'AgentConnected')).toBe(false);
  });
});

test('a node stamps by its own clock', async () => {
  const cluster = smallCluster({ controllers: { clockSkewUs: () => 3_600e6 } });
  await cluster.clock.run(() => bootOne(cluster));
  const stamps = vmiOf(cluster, 'vm')?.status?.phaseTransitionTimestamps ?? [];
  const at = (phase: string) =>
    (parseRfc3339(stamps.find((each) => each.phase === phase)?.phaseTransitionTimestamp ?? '') ??
      0) / 1e6;
  expect(at('Running') - at('Scheduled')).toBeGreaterThan(3_600);
  expect(at('Scheduled') - at('Scheduling')).toBeLessThan(60);
});

test.each<[string, boolean, readonly { name: string; bootOrder?: number }[]]>([
  ['the first disk', true, [{ name: 'root' }, { name: 'data' }]],
  ['the disk of the lowest boot order', true, [{ name: 'data' }, { name: 'root', bootOrder: 1 }]],
  ['a disk that holds no guest', false, [{ name: 'data' }, { name: 'root' }]],
])('a VM of two disks boots from %s (%s)', async (_what, boots, disks) => {
  const cluster = smallCluster({
    guestOf: (handle) => (handle === 'handle-root-vm' ? GUEST_PROFILES.rhel9 : undefined),
  });
  const { spec } = vmObject('vm', { runStrategy: 'Always' });
  const { template } = spec;
  const twoDisks = {
    ...spec,
    dataVolumeTemplates: ['root-vm', 'data-vm'].map((name) => ({
      metadata: { name },
      spec: { source: { blank: {} } },
    })),
    template: {
      ...template,
      spec: {
        ...template.spec,
        domain: {
          ...template.spec.domain,
          devices: { ...template.spec.domain.devices, disks },
        },
        volumes: [
          { name: 'root', dataVolume: { name: 'root-vm' } },
          { name: 'data', dataVolume: { name: 'data-vm' } },
        ],
      },
    },
  };
  await cluster.clock.run(async () => {
    await cluster.controllers.ready;
    await cluster.client.create(VIRTUAL_MACHINES, { ...vmObject('vm'), spec: twoDisks });
    await cluster.clock.sleep(120e6);
  });
  expect(vmiOf(cluster, 'vm')?.status?.phase).toBe('Running');
  expect(hasCondition(vmiOf(cluster, 'vm'), 'AgentConnected')).toBe(boots);
  expect(cluster.controllers.counters.attachPatches).toBe(2);
});

test('a VM without its claim says so, and starts when the claim appears', async () => {
  const cluster = startComputeCluster({ guestOf: () => GUEST_PROFILES.rhel9 });
  const { dataVolumeTemplates: _, ...spec } = vmObject('vm', { runStrategy: 'Always' }).spec;
  await cluster.clock.run(async () => {
    await cluster.controllers.ready;
    await cluster.client.create(VIRTUAL_MACHINES, { ...vmObject('vm'), spec });
    const word = () => vmOf(cluster, 'vm')?.status?.printableStatus;
    await until(cluster, 'a complaint', () => word() === 'ErrorPvcNotFound');
    standInForStorage(cluster);
    await cluster.client.create(DATA_VOLUMES, {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: { namespace: NAMESPACE, name: 'root-vm' },
      spec: { source: { blank: {} } },
    });
    await until(cluster, 'a boot', () => word() === 'Running');
  });
});

async function podsOf({ client }: ComputeCluster): Promise<readonly Pod[]> {
  return (await client.list(PODS)).items;
}
