import { describe, expect, test } from 'vitest';
import type { VmiSpec, VirtualMachineInstance } from '../../../../src/api/compute.ts';
import { formatQuantity } from '../../../../src/core/bytes.ts';
import { resolveParameters } from '../../../../src/parameters/parameters.ts';
import { launcherPod } from '../../../../src/sim/controllers/compute/launcher-pod.ts';

const vmi = (spec: VmiSpec): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'vm', namespace: 'default', uid: 'one' },
  spec,
});

const pod = (spec: VmiSpec, filesystems: readonly string[] = []) =>
  launcherPod(vmi(spec), {
    rules: resolveParameters().virtController,
    release: 'ocp-4.15',
    image: 'launcher:1',
    qemuTimeoutSeconds: 270,
    hasFilesystem: (claim) => filesystems.includes(claim),
  });

const requestsOf = (domain: VmiSpec['domain']) =>
  pod({ domain }).spec.containers[0]?.resources?.requests;

const MIB = 2 ** 20;

describe('what a launcher asks of a node', () => {
  test.each<[string, VmiSpec['domain'], string, number]>([
    [
      // 4,096 / 512 MiB of page tables, 210 of processes, 8 a vCPU, 8 and 16; rounding is 512ths.
      'memory and a tenth of the vCPUs',
      { cpu: { cores: 2, sockets: 2, threads: 2 }, memory: { guest: '4Gi' } },
      '800m',
      4096 * MIB + 8388609 + (210 + 64 + 8 + 16) * MIB,
    ],
    [
      'what the domain requests',
      { resources: { requests: { cpu: '500m', memory: '2Gi' } } },
      '500m',
      2048 * MIB + 4194304 + (210 + 8 + 8 + 16) * MIB,
    ],
    ['the overhead alone where nothing is said', {}, '100m', (210 + 8 + 8 + 16) * MIB],
    [
      'more for a TPM, less without graphics',
      { devices: { tpm: {}, autoattachGraphicsDevice: false } },
      '100m',
      (210 + 8 + 8 + 53) * MIB,
    ],
  ])('is %s', (_what, domain, cpu, memory) => {
    expect(requestsOf(domain)).toMatchObject({ cpu, memory: formatQuantity(memory) });
  });

  test('is what virt-controller 1.1.1 was seen to ask for a VM of 4 GiB and two vCPUs', () => {
    const devices = { interfaces: [{ name: 'default', masquerade: {}, model: 'virtio' }] };
    const cpu = { cores: 1, sockets: 2, threads: 1 };
    expect(requestsOf({ cpu, memory: { guest: '4Gi' }, devices })).toEqual({
      cpu: '200m',
      memory: '4565499905',
      'ephemeral-storage': '50M',
      'devices.kubevirt.io/kvm': '1',
      'devices.kubevirt.io/tun': '1',
      'devices.kubevirt.io/vhost-net': '1',
    });
  });
});

test('a launcher has a block device for each claim, and leaves after its guest', () => {
  const { metadata, spec } = pod(
    {
      domain: {},
      nodeSelector: { zone: 'a' },
      terminationGracePeriodSeconds: 180,
      volumes: [
        { name: 'root', dataVolume: { name: 'root-vm' } },
        { name: 'data', persistentVolumeClaim: { claimName: 'data-vm' } },
        { name: 'files', persistentVolumeClaim: { claimName: 'files-vm' } },
        { name: 'init', cloudInitNoCloud: {} },
      ],
    },
    ['files-vm'],
  );
  expect(metadata.generateName).toBe('virt-launcher-vm-');
  expect(spec.containers[0]?.volumeDevices).toEqual([
    { name: 'root', devicePath: '/dev/root' },
    { name: 'data', devicePath: '/dev/data' },
  ]);
  expect(spec.containers[0]?.volumeMounts).toContainEqual({
    name: 'files',
    mountPath: '/var/run/kubevirt-private/vmi-disks/files',
  });
  expect(spec.volumes?.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? [])).toEqual([
    'root-vm',
    'data-vm',
    'files-vm',
  ]);
  expect(spec.nodeSelector).toEqual({ zone: 'a', 'kubevirt.io/schedulable': 'true' });
  expect(spec.terminationGracePeriodSeconds).toBe(210);
});

test('a launcher keeps the console log beside the guest, unless the VM wants none', () => {
  expect(pod({ domain: {} }).spec.containers.map(({ name }) => name)).toEqual([
    'compute',
    'guest-console-log',
  ]);
  const silent = pod({ domain: { devices: { logSerialConsole: false } } });
  expect(silent.spec.containers).toHaveLength(1);
});
