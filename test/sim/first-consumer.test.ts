/** On a class that binds on first use a VM brings its disks about: the stand-in, then the launcher. */

import { expect, test } from 'vitest';
import type { Pod } from '../../src/api/compute.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { CLAIMS, VMIS } from '../../src/api/resources.ts';
import type { DataVolume } from '../../src/api/storage.ts';
import { resolveParameters } from '../../src/parameters/parameters.ts';
import { createSimulator } from '../../src/sim/simulator.ts';

const VMS = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines';

function vmOn(storageClassName: string) {
  const disk = {
    metadata: { name: 'vm-root' },
    spec: {
      source: { blank: {} },
      pvc: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        storageClassName,
      },
    },
  };
  const domain = { memory: { guest: '1Gi' }, devices: { disks: [{ name: 'root', disk: {} }] } };
  const volumes = [{ name: 'root', dataVolume: { name: 'vm-root' } }];
  const template = { spec: { domain, volumes } };
  const spec = { runStrategy: 'Always', dataVolumeTemplates: [disk], template };
  return { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata: { name: 'vm' }, spec };
}

/** The class of the driver whose volumes are made on first use. */
async function booted(storage: 'local' | 'rbd', provisioner: string, forUs = 300e6) {
  const { kernel, server } = createSimulator({
    seed: 1,
    parameters: resolveParameters({ nodes: { count: 2 } }),
    images: [],
    storage,
    storageClasses: ['given'],
    snapshotClasses: [],
    namespaces: [],
    recordEvents: true,
  });
  const seen: KubeObject[] = [];
  server.onCommit(({ event: { object } }) => seen.push(object));
  await kernel.run(async () => {
    await kernel.sleep(1e6);
    const late = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'late' },
      provisioner,
      volumeBindingMode: 'WaitForFirstConsumer',
    };
    if (storage === 'rbd') server.seed(late as KubeObject);
    const name = storage === 'rbd' ? 'late' : 'given';
    void server.handle({ method: 'POST', path: VMS, body: vmOn(name) });
    await kernel.sleep(forUs);
  });
  return { server, seen };
}

test.each([
  ['local', 'kubevirt.io.hostpath-provisioner'],
  ['rbd', 'openshift-storage.rbd.csi.ceph.com'],
] as const)('a VM on %s boots by itself', async (storage, provisioner) => {
  const { server, seen } = await booted(storage, provisioner);
  expect(server.peek(VMIS, 'default', 'vm')?.status?.phase).toBe('Running');
  const claim = server.peek(CLAIMS, 'default', 'vm-root');
  const pods = (seen as readonly Pod[]).filter(({ kind }) => kind === 'Pod');
  const standIns = new Map(
    pods
      .filter(({ metadata }) => metadata.annotations?.['kubevirt.io/ephemeral-provisioning'])
      .map((pod) => [pod.metadata.uid, pod]),
  );
  expect(standIns.size).toBe(1);
  const [standIn] = standIns.values();
  expect(standIn?.status?.phase).toBe('Succeeded');
  expect(claim?.metadata.annotations?.['volume.kubernetes.io/selected-node']).toBe(
    standIn?.spec.nodeName,
  );
  const launchers = pods.filter(({ metadata }) => metadata.name.startsWith('virt-launcher-vm-'));
  expect(new Set(launchers.map(({ metadata }) => metadata.uid)).size).toBe(2);
  const phases = (seen as readonly DataVolume[])
    .filter(({ kind }) => kind === 'DataVolume')
    .flatMap(({ status }) => status?.phase ?? []);
  expect(phases[0]).toMatch(/^Pending/);
  expect(phases).toContain('PendingPopulation');
  expect(phases.at(-1)).toBe('Succeeded');
  const reasons = (seen as readonly (KubeObject & { readonly reason?: string })[]).map(
    ({ reason }) => reason,
  );
  expect(reasons).toContain('WaitForFirstConsumer');
});

test('a pod whose volumes nobody makes is tried again every ten minutes, and it is said', async () => {
  const { server, seen } = await booted('rbd', 'nobody.example', 1300e6);
  expect(server.peek(VMIS, 'default', 'vm')?.status?.phase).not.toBe('Running');
  const told = (seen as readonly (KubeObject & { message?: string; count?: number })[]).filter(
    ({ message }) => message?.includes('PreBind plugin "VolumeBinding"'),
  );
  expect(told.map(({ message }) => message)).toContain(
    'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
  );
  expect(told.at(-1)?.count ?? told.length).toBe(2);
});
