import { describe, expect, test } from 'vitest';
import type { VirtualMachine } from '../../../../src/api/compute.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import {
  type Around,
  vmiAdmission,
  virtualMachineAdmission,
} from '../../../../src/sim/controllers/compute/vm-admission.ts';
import { vmObject } from '../../../support/compute-cluster.ts';

const ofVms = virtualMachineAdmission({ release: 'ocp-4.15' });
const vm = vmObject('vm');
const around = (architecture?: string): Around => ({
  stamp: () => 'now',
  list: () => [
    {
      apiVersion: 'kubevirt.io/v1',
      kind: 'KubeVirt',
      metadata: { name: 'kubevirt' },
      status: architecture ? { defaultArchitecture: architecture } : {},
    },
  ],
});
const nothing = around();
const problems = (spec: unknown) =>
  ofVms
    .validate({ ...vm, spec } as KubeObject, undefined, nothing)
    .map(({ field, message }) => `${field}: ${message}`);

const withDomain = (domain: object) => ({
  ...vm.spec,
  template: { spec: { ...vm.spec.template.spec, networks: [], domain } },
});

describe('admission of a VM', () => {
  test('takes a good one and gives it a machine type', () => {
    expect(ofVms.validate(vm, undefined, nothing)).toEqual([]);
    const admitted = ofVms.mutate(vm, undefined, nothing) as VirtualMachine;
    expect(admitted.spec.template.spec.domain).toMatchObject({
      machine: { type: 'pc-q35-rhel9.2.0' },
      resources: {},
    });
    expect(ofVms.mutate(admitted, undefined, nothing)).toBe(admitted);
    expect(vm.spec.template.spec.domain).not.toHaveProperty('machine');
  });

  test('says the architecture where the KubeVirt object says one, and else none', () => {
    const spec = (architecture?: string) => {
      const to = around(architecture);
      return (ofVms.mutate(vm, undefined, to) as VirtualMachine).spec;
    };
    expect(spec().template.spec).not.toHaveProperty('architecture');
    expect(spec('amd64').template.spec.architecture).toBe('amd64');
  });

  test.each<[string, unknown, ...string[]]>([
    [
      'both ways to run',
      { ...vm.spec, running: true },
      'spec.running: Running and RunStrategy are mutually exclusive',
    ],
    [
      'no way to run',
      { ...vm.spec, runStrategy: undefined },
      'spec.running: One of Running or RunStrategy must be specified',
    ],
    [
      'an unknown strategy',
      { ...vm.spec, runStrategy: 'Sometimes' },
      'spec.runStrategy: Invalid RunStrategy (Sometimes)',
    ],
    ['no template', { runStrategy: 'Halted' }, 'spec.template: missing virtual machine template.'],
    [
      'a disk template that no volume uses',
      { ...vm.spec, dataVolumeTemplates: [{ metadata: { name: 'other' }, spec: {} }] },
      'spec.dataVolumeTemplate[0]: DataVolumeTemplate entry spec.dataVolumeTemplate[0] must be ' +
        "referenced in the VMI template's 'volumes' list",
    ],
    [
      'a disk without a volume',
      {
        ...vm.spec,
        template: {
          spec: {
            ...vm.spec.template.spec,
            networks: [],
            domain: { devices: { disks: [{ name: 'root' }, { name: 'data' }] } },
          },
        },
      },
      'spec.template.spec.domain.devices.disks[1].name: ' +
        "spec.template.spec.domain.devices.disks[1].Name 'data' not found.",
    ],
    [
      'a volume with two sources',
      {
        ...vm.spec,
        template: {
          spec: {
            ...vm.spec.template.spec,
            volumes: [
              {
                name: 'root',
                dataVolume: { name: 'root-vm' },
                persistentVolumeClaim: { claimName: 'x' },
              },
            ],
          },
        },
      },
      'spec.template.spec.volumes[0]: ' +
        'spec.template.spec.volumes[0] must have exactly one source type set',
    ],
    [
      'a bus that there is none of',
      withDomain({ devices: { disks: [{ name: 'root', disk: { bus: 'nonsense' } }] } }),
      'spec.template.spec.domain.devices.disks[0].disk.bus: ' +
        'spec.template.spec.domain.devices.disks[0] is set with an unrecognized bus nonsense, ' +
        'must be one of: [virtio scsi sata usb]',
    ],
    [
      'two disks of one name',
      withDomain({ devices: { disks: [{ name: 'root' }, { name: 'root' }] } }),
      'spec.template.spec.domain.devices.disks[1].name: ' +
        'spec.template.spec.domain.devices.disks[1] and ' +
        'spec.template.spec.domain.devices.disks[0] must not have the same Name.',
    ],
    [
      'a network that no interface joins',
      {
        ...vm.spec,
        template: {
          spec: { ...vm.spec.template.spec, networks: [{ name: 'left', pod: {} }] },
        },
      },
      'spec.template.spec.domain.devices.interfaces[0].name: ' +
        "spec.template.spec.domain.devices.interfaces[0].name 'default' not found.",
      "spec.template.spec.networks[0].name: spec.template.spec.networks[0].name 'left' not found.",
    ],
  ])('refuses %s', (_what, spec, ...expected) => {
    expect(problems(spec)).toEqual(expected);
  });

  test('looks at an update only where the spec changed', () => {
    const broken = { ...vm, spec: { ...vm.spec, running: true } };
    expect(ofVms.validate(broken, broken, nothing)).toEqual([]);
    expect(ofVms.validate(broken, vm, nothing)).toHaveLength(1);
  });
});

test('admission of a VMI makes its pods go first', () => {
  const vmi: KubeObject = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name: 'vmi' },
    spec: vm.spec.template.spec,
  };
  const { mutate, validate } = vmiAdmission({ release: 'ocp-4.15' });
  const admitted = mutate(vmi, undefined, nothing);
  expect(admitted.metadata.finalizers).toEqual(['foregroundDeleteVirtualMachine']);
  expect(admitted.status).toMatchObject({ phase: 'Pending', runtimeUser: 107 });
  expect(mutate(admitted, admitted, nothing)).toBe(admitted);
  expect(validate(vmi, undefined, nothing)).toEqual([]);
});
