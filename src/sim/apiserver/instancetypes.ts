/**
 * The instance types and preferences that KubeVirt comes with on OpenShift, as far as sizes go
 * (kubevirt/common-instancetypes v0.3: series u1, o1, cx1 and m1). Preferences hold what changes
 * how a VM is started; the finer wishes of each guest are left out.
 */

import type { KubeObject } from '../../api/object.ts';

interface Series {
  readonly name: string;
  /** Name, vCPUs, memory. */
  readonly sizes: readonly (readonly [string, number, string])[];
  readonly cpu?: object;
  readonly memory?: object;
  readonly more?: object;
}

const GENERAL = [
  ['nano', 1, '512Mi'],
  ['micro', 1, '1Gi'],
  ['small', 1, '2Gi'],
  ['medium', 1, '4Gi'],
  ['large', 2, '8Gi'],
  ['xlarge', 4, '16Gi'],
  ['2xlarge', 8, '32Gi'],
  ['4xlarge', 16, '64Gi'],
  ['8xlarge', 32, '128Gi'],
] as const;

const SERIES: readonly Series[] = [
  { name: 'u1', sizes: GENERAL },
  { name: 'o1', sizes: GENERAL, memory: { overcommitPercent: 50 } },
  {
    name: 'cx1',
    sizes: [
      ['medium', 1, '2Gi'],
      ['large', 2, '4Gi'],
      ['xlarge', 4, '8Gi'],
      ['2xlarge', 8, '16Gi'],
      ['4xlarge', 16, '32Gi'],
      ['8xlarge', 32, '64Gi'],
    ],
    cpu: {
      dedicatedCPUPlacement: true,
      isolateEmulatorThread: true,
      numa: { guestMappingPassthrough: {} },
    },
    memory: { hugepages: { pageSize: '2Mi' } },
    more: { ioThreadsPolicy: 'auto' },
  },
  {
    name: 'm1',
    sizes: [
      ['large', 2, '16Gi'],
      ['xlarge', 4, '32Gi'],
      ['2xlarge', 8, '64Gi'],
      ['4xlarge', 16, '128Gi'],
      ['8xlarge', 32, '256Gi'],
    ],
    memory: { hugepages: { pageSize: '2Mi' } },
  },
];

const VIRTIO = { preferredDiskBus: 'virtio', preferredInterfaceModel: 'virtio', preferredRng: {} };
const EFI = { preferredUseEfi: true, preferredUseSecureBoot: true };

const PREFERENCES: readonly (readonly [string, object])[] = [
  ['rhel.8', linux('1536Mi')],
  ['rhel.9', linux('1536Mi')],
  ['centos.stream9', linux('1536Mi')],
  ['fedora', linux('1Gi')],
  ['ubuntu', { devices: VIRTIO, requirements: needs(1, '2Gi') }],
  ['windows.10', windows(1, '2Gi', {})],
  ['windows.11', windows(2, '4Gi', { preferredTPM: {} })],
  ['windows.2k22', windows(1, '2Gi', {})],
];

function linux(memory: string) {
  return { devices: VIRTIO, firmware: EFI, requirements: needs(1, memory) };
}

function windows(cpus: number, memory: string, devices: object) {
  const sata = { preferredDiskBus: 'sata', preferredInterfaceModel: 'e1000e' };
  return {
    cpu: { preferredCPUTopology: 'preferSockets' },
    devices: { ...sata, ...devices },
    firmware: EFI,
    requirements: needs(cpus, memory),
  };
}

function needs(cpus: number, memory: string) {
  return { cpu: { guest: cpus }, memory: { guest: memory } };
}

export function instancetypeObjects(): readonly KubeObject[] {
  const types = SERIES.flatMap(({ name, sizes, cpu = {}, memory = {}, more = {} }) =>
    sizes.map(([size, cpus, bytes]) =>
      build('VirtualMachineClusterInstancetype', `${name}.${size}`, {
        cpu: { guest: cpus, ...cpu },
        memory: { guest: bytes, ...memory },
        ...more,
      }),
    ),
  );
  const preferences = PREFERENCES.map(([name, spec]) =>
    build('VirtualMachineClusterPreference', name, spec),
  );
  return [...types, ...preferences];
}

function build(kind: string, name: string, spec: object): KubeObject {
  const labels = { 'instancetype.kubevirt.io/vendor': 'kubevirt.io' };
  return { apiVersion: 'instancetype.kubevirt.io/v1beta1', kind, metadata: { name, labels }, spec };
}
