import { describe, expect, test } from 'vitest';
import type { VirtualMachine } from '../../../../src/api/compute.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import {
  instanceAdmission,
  virtualMachineAdmission,
} from '../../../../src/sim/controllers/compute/machine-admission.ts';
import { machineObject } from '../../../support/compute-cluster.ts';

const machine = machineObject('vm');
const problems = (spec: unknown) =>
  virtualMachineAdmission
    .validate({ ...machine, spec } as KubeObject)
    .map(({ field, message }) => `${field}: ${message}`);

describe('admission of a VM', () => {
  test('takes a good one and gives it a machine type', () => {
    expect(virtualMachineAdmission.validate(machine)).toEqual([]);
    const admitted = virtualMachineAdmission.mutate(machine) as VirtualMachine;
    expect(admitted.spec.template.spec).toMatchObject({
      architecture: 'amd64',
      domain: { machine: { type: 'pc-q35-rhel9.2.0' } },
    });
    expect(virtualMachineAdmission.mutate(admitted)).toBe(admitted);
    expect(machine.spec.template.spec.domain).not.toHaveProperty('machine');
  });

  test.each<[string, unknown, string]>([
    [
      'both ways to run',
      { ...machine.spec, running: true },
      'spec.running: Running and RunStrategy are mutually exclusive',
    ],
    [
      'no way to run',
      { ...machine.spec, runStrategy: undefined },
      'spec.running: One of Running or RunStrategy must be specified',
    ],
    [
      'an unknown strategy',
      { ...machine.spec, runStrategy: 'Sometimes' },
      'spec.runStrategy: Invalid RunStrategy (Sometimes)',
    ],
    ['no template', { runStrategy: 'Halted' }, 'spec.template: missing virtual machine template.'],
    [
      'a disk template that no volume uses',
      { ...machine.spec, dataVolumeTemplates: [{ metadata: { name: 'other' }, spec: {} }] },
      'spec.dataVolumeTemplate[0]: DataVolumeTemplate entry spec.dataVolumeTemplate[0] must be ' +
        "referenced in the VMI template's 'volumes' list",
    ],
    [
      'a disk without a volume',
      {
        ...machine.spec,
        template: {
          spec: {
            ...machine.spec.template.spec,
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
        ...machine.spec,
        template: {
          spec: {
            ...machine.spec.template.spec,
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
        'spec.template.spec.volumes[0] must have exactly one source type set.',
    ],
  ])('refuses %s', (_what, spec, expected) => {
    expect(problems(spec)).toEqual([expected]);
  });

  test('looks at an update only where the spec changed', () => {
    const broken = { ...machine, spec: { ...machine.spec, running: true } };
    expect(virtualMachineAdmission.validate(broken, broken)).toEqual([]);
    expect(virtualMachineAdmission.validate(broken, machine)).toHaveLength(1);
  });
});

test('admission of an instance makes its pods go first', () => {
  const instance: KubeObject = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name: 'vmi' },
    spec: machine.spec.template.spec,
  };
  const admitted = instanceAdmission.mutate(instance);
  expect(admitted.metadata.finalizers).toEqual(['foregroundDeleteVirtualMachine']);
  expect(instanceAdmission.mutate(admitted)).toBe(admitted);
  expect(instanceAdmission.validate(instance)).toEqual([]);
});
