import { describe, expect, test } from 'vitest';
import type { InstanceSpec, VirtualMachineInstance } from '../../../../src/api/compute.ts';
import { resolveParameters } from '../../../../src/parameters/parameters.ts';
import { launcherPod } from '../../../../src/sim/controllers/compute/launcher-pod.ts';

const instance = (spec: InstanceSpec): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'vm', namespace: 'default', uid: 'one' },
  spec,
});

const requestsOf = (domain: InstanceSpec['domain']) =>
  launcherPod(instance({ domain }), resolveParameters()).spec.containers[0]?.resources?.requests;

describe('what a launcher asks of a node', () => {
  test.each<[string, InstanceSpec['domain'], string, string]>([
    [
      'memory and a tenth of the vCPUs',
      { cpu: { cores: 2, sockets: 2, threads: 2 }, memory: { guest: '4Gi' } },
      '800m',
      '4396Mi',
    ],
    [
      'what the domain requests',
      { resources: { requests: { cpu: '500m', memory: '2Gi' } } },
      '500m',
      '2348Mi',
    ],
    ['a gigabyte where nothing is said', {}, '100m', '1324Mi'],
  ])('is %s', (_what, domain, cpu, memory) => {
    expect(requestsOf(domain)).toMatchObject({ cpu, memory });
  });
});

test('a launcher has a block device for each claim, and leaves after its guest', () => {
  const { metadata, spec } = launcherPod(
    instance({
      domain: {},
      nodeSelector: { zone: 'a' },
      terminationGracePeriodSeconds: 180,
      volumes: [
        { name: 'root', dataVolume: { name: 'root-vm' } },
        { name: 'data', persistentVolumeClaim: { claimName: 'data-vm' } },
        { name: 'init', cloudInitNoCloud: {} },
      ],
    }),
    resolveParameters(),
  );
  expect(metadata.generateName).toBe('virt-launcher-vm-');
  expect(spec.containers[0]?.volumeDevices).toEqual([
    { name: 'root', devicePath: '/dev/root' },
    { name: 'data', devicePath: '/dev/data' },
  ]);
  expect(spec.volumes?.map((volume) => volume.persistentVolumeClaim?.claimName)).toEqual([
    'root-vm',
    'data-vm',
  ]);
  expect(spec.nodeSelector).toEqual({ zone: 'a', 'kubevirt.io/schedulable': 'true' });
  expect(spec.terminationGracePeriodSeconds).toBe(195);
});
